"""Charts drawn on the server: bars, stacked bars and lines, with a value axis and the numbers as a table;
`ranked` is for names, which have no room under an axis: a row for each, with its bar and its number.

    Chart(_("Bookings per day"), ["Mon", "Tue"], [Series(_("Confirmed"), [8, 7])])

Horizontal places are per cents and heights pixels, so that a chart fills its container and its text never
scales. All coordinates are finished strings: a template would write 12.5 as "12,5" in Spanish.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, log10
from typing import Literal

from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from medai.common.localtime import language

Kind = Literal["bar", "stacked", "line", "ranked"]
Format = Callable[[float], str]

PLOT = 160  # px, repeated in charts.css as --plot
PLOT_SHORT = 96
LABELS_WIDE = 12
LABELS_NARROW = 6
SPOKEN = 12


def number(value: float) -> str:
    return format_decimal(value, locale=language())


def nice_step(top: float, most: int = 5, *, whole: bool = False) -> float:
    """The smallest round distance between grid lines that reaches ``top`` in at most ``most`` steps."""
    if top <= 0:
        return 1
    magnitude = 10 ** floor(log10(top / most))
    steps = [factor * magnitude for factor in (1, 2, 2.5, 5, 10)]
    fitting = [step for step in steps if top <= step * most and not (whole and step % 1)]
    return fitting[0] if fitting else 1


def _text(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Mark:
    """A bar or a dot."""

    series: int
    x: str
    y: str
    width: str = ""
    height: str = ""


@dataclass(frozen=True)
class Tick:
    text: str
    place: str
    minor: bool = False


@dataclass(frozen=True)
class Hit:
    """The column of one label, for the pointer."""

    x: str
    width: str
    tip: str


@dataclass(frozen=True)
class Path:
    series: int
    points: str
    area: str


@dataclass(frozen=True)
class Chart:
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Kind = "bar"
    value_format: Format = number
    axis_format: Format | None = None
    short: bool = False
    label_heading: str = ""

    @property
    def plot(self) -> int:
        return PLOT_SHORT if self.short else PLOT

    @property
    def height(self) -> int:
        return self.plot + 28

    @property
    def label_y(self) -> int:
        return self.plot + 20

    @property
    def is_empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    @cached_property
    def _totals(self) -> list[float]:
        """The highest point over each label."""
        columns = zip(*(series.values for series in self.series), strict=True)
        return [sum(column) if self.kind == "stacked" else max(column) for column in columns]

    @cached_property
    def _step(self) -> float:
        whole = all(float(value).is_integer() for series in self.series for value in series.values)
        return nice_step(max(self._totals, default=0), 3 if self.short else 5, whole=whole)

    @cached_property
    def _top(self) -> float:
        return max(self._step, ceil(max(self._totals, default=0) / self._step) * self._step)

    def _y(self, value: float) -> float:
        return self.plot * (1 - max(value, 0) / self._top)

    @property
    def values(self) -> list[str]:
        """The axis, from zero up."""
        show = self.axis_format or self.value_format
        return [show(index * self._step) for index in range(round(self._top / self._step) + 1)]

    @property
    def gridlines(self) -> list[str]:
        return [_text(self._y(index * self._step)) for index in range(1, round(self._top / self._step) + 1)]

    @property
    def _column(self) -> float:
        return 100 / max(len(self.labels), 1)

    @property
    def ticks(self) -> list[Tick]:
        """Labels under the axis, thinned so that they never touch; half of them go on narrow screens."""
        every = max(1, ceil(len(self.labels) / LABELS_WIDE))
        narrow = max(1, ceil(len(self.labels) / every / LABELS_NARROW))
        return [
            Tick(text, f"{_text(self._column * (index + 0.5))}%", minor=bool(index // every % narrow))
            for index, text in enumerate(self.labels)
            if index % every == 0
        ]

    @property
    def bars(self) -> list[Mark]:
        if self.kind == "line":
            return []
        marks = []
        groups = 1 if self.kind == "stacked" else len(self.series)
        width = self._column * 0.64 / groups
        for place in range(len(self.labels)):
            base = 0.0
            left = self._column * (place + 0.18)
            for index, series in enumerate(self.series):
                value = series.values[place]
                x = left if self.kind == "stacked" else left + index * width
                top = self._y(base + value)
                height = self._y(base) - top
                if height > 0:
                    mark = Mark(index + 1, f"{_text(x)}%", _text(top), f"{_text(width)}%", _text(height))
                    marks.append(mark)
                base += value if self.kind == "stacked" else 0
        return marks

    @property
    def ranked(self) -> list[tuple[str, str, str]]:
        """Name, number and the width of its bar, as it is listed."""
        values = self.series[0].values
        top = max([*values, 1])
        return [
            (label, self.value_format(value), f"{_text(100 * max(value, 0) / top)}%")
            for label, value in zip(self.labels, values, strict=True)
        ]

    @property
    def paths(self) -> list[Path]:
        if self.kind != "line" or not self.labels:
            return []
        paths = []
        for index, series in enumerate(self.series):
            points = [
                f"{_text(self._column * (place + 0.5))},{_text(self._y(value))}"
                for place, value in enumerate(series.values)
            ]
            first, last = points[0].split(",")[0], points[-1].split(",")[0]
            area = f"{first},{self.plot} {' '.join(points)} {last},{self.plot}"
            paths.append(Path(index + 1, " ".join(points), area if len(self.series) == 1 else ""))
        return paths

    @property
    def dots(self) -> list[Mark]:
        """Only where they can be told apart."""
        if self.kind != "line" or len(self.labels) > SPOKEN:
            return []
        return [
            Mark(index + 1, f"{_text(self._column * (place + 0.5))}%", _text(self._y(value)))
            for index, series in enumerate(self.series)
            for place, value in enumerate(series.values)
        ]

    @property
    def hits(self) -> list[Hit]:
        return [
            Hit(f"{_text(self._column * place)}%", f"{_text(self._column)}%", self._tip(place))
            for place in range(len(self.labels))
        ]

    def _tip(self, place: int) -> str:
        if len(self.series) == 1:
            return f"{self.labels[place]}: {self.value_format(self.series[0].values[place])}"
        lines = [f"{series.name}: {self.value_format(series.values[place])}" for series in self.series]
        return "\n".join([str(self.labels[place]), *lines])

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same numbers as a table."""
        return [
            (label, [self.value_format(series.values[place]) for series in self.series])
            for place, label in enumerate(self.labels)
        ]

    @property
    def description(self) -> str:
        """What the picture says, for someone who cannot see it; the table has the rest."""
        if not self.labels:
            return str(self.title)
        parts = []
        for series in self.series:
            name = f"{series.name}: " if len(self.series) > 1 else ""
            if len(self.labels) <= SPOKEN:
                values = zip(self.labels, series.values, strict=True)
                spoken = ", ".join(f"{label} {self.value_format(value)}" for label, value in values)
            else:
                spoken = _("from %(first)s to %(last)s, lowest %(low)s, highest %(high)s") % {
                    "first": self.value_format(series.values[0]),
                    "last": self.value_format(series.values[-1]),
                    "low": self.value_format(min(series.values)),
                    "high": self.value_format(max(series.values)),
                }
            parts.append(f"{name}{spoken}")
        return f"{self.title}. {'. '.join(parts)}"


@dataclass(frozen=True)
class Spark:
    """A line without axes in a box of 72 × 32."""

    values: Sequence[float]
    label: str

    @property
    def _points(self) -> list[tuple[str, str]]:
        low, high = min(self.values), max(self.values)
        span = (high - low) or 1
        across = 72 / max(len(self.values) - 1, 1)
        return [
            (_text(index * across), _text(28 - 24 * (value - low) / span))
            for index, value in enumerate(self.values)
        ]

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self._points)

    @property
    def area(self) -> str:
        return f"0,32 {self.line} {self._points[-1][0]},32"

    @property
    def end(self) -> tuple[str, str]:
        return self._points[-1]
