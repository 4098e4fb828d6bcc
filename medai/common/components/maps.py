"""Pins on the drawn map: coordinates become per cents of the box, north up."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import degrees, log, pi, radians, tan

MARGIN_X = 16  # per cent kept free at each side, for the width of a label
MARGIN_TOP = 24
MARGIN_BOTTOM = 10
SMALLEST_SPAN = 0.004  # degrees, some 450 m: two offices in one street are not blown up to opposite corners


@dataclass(frozen=True)
class Pin:
    """One place. The label is short: a price, an office number."""

    latitude: float
    longitude: float
    label: str
    url: str = ""
    title: str = ""
    current: bool = False


@dataclass(frozen=True)
class Placed:
    pin: Pin
    x: str
    y: str
    width: int

    @property
    def left(self) -> str:
        return f"{-self.width / 2:g}"

    @property
    def area_left(self) -> str:
        """The touch area is never narrower than 44 px."""
        return f"{-self.area_width / 2:g}"

    @property
    def area_width(self) -> int:
        return max(self.width, 44)


def _mercator(latitude: float) -> float:
    bounded = max(-85.0, min(85.0, latitude))
    return degrees(log(tan(pi / 4 + radians(bounded) / 2)))


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    middle, half = (low + high) / 2, max((high - low) / 2, SMALLEST_SPAN / 2)
    return middle - half, 2 * half


def place(pins: Sequence[Pin]) -> list[Placed]:
    """Pins with their place on the box; the southern and the current come last, so that they lie on top."""
    if not pins:
        return []
    left, width = _span([pin.longitude for pin in pins])
    bottom, height = _span([_mercator(pin.latitude) for pin in pins])
    placed = []
    for pin in sorted(pins, key=lambda pin: (pin.current, -pin.latitude)):
        x = MARGIN_X + (pin.longitude - left) / width * (100 - 2 * MARGIN_X)
        down = 1 - (_mercator(pin.latitude) - bottom) / height
        y = MARGIN_TOP + down * (100 - MARGIN_TOP - MARGIN_BOTTOM)
        # 7.5 px a character is the average of the label's type at 13 px, semibold.
        placed.append(Placed(pin, f"{x:.1f}%", f"{y:.1f}%", round(len(pin.label) * 7.5) + 20))
    return placed
