"""Pins on the drawn map: coordinates become per cents of the box, north up."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import degrees, log, pi, radians, tan

MARGIN_X = 20  # per cent kept free at each side, for the width of a label
MARGIN_TOP = 24
MARGIN_BOTTOM = 10
NEAR_X, NEAR_Y = 34, 6  # per cent of the narrow, tall map within which one label covers another
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
    spots: list[tuple[Pin, float, float]] = []
    # From the south up, so that a label in another's way has the sky to move to.
    for pin in sorted(pins, key=lambda pin: pin.latitude):
        x = MARGIN_X + (pin.longitude - left) / width * (100 - 2 * MARGIN_X)
        down = 1 - (_mercator(pin.latitude) - bottom) / height
        y = MARGIN_TOP + down * (100 - MARGIN_TOP - MARGIN_BOTTOM)
        spots.append((pin, x, _free(x, y, spots)))
    return [
        # 7.5 px a character is the average of the label's type at 13 px, semibold.
        Placed(pin, f"{x:.1f}%", f"{y:.1f}%", round(len(pin.label) * 7.5) + 20)
        for pin, x, y in sorted(spots, key=lambda spot: (spot[0].current, spot[2]))
    ]


def _free(x: float, y: float, spots: Sequence[tuple[Pin, float, float]]) -> float:
    """How high a label at x stands so that it covers no other; where it belongs if there is no room above."""
    near = [other for _pin, at, other in spots if abs(at - x) < NEAR_X]
    free = y
    while any(abs(other - free) < NEAR_Y for other in near):
        free -= 1
    return free if free > NEAR_Y else y
