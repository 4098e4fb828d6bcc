"""Flat shapes with smooth edges: a picture of 256 units, drawn larger and scaled down."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageDraw

UNITS = 256
OVERSAMPLING = 4
# The drawing is made with room around it; the picture shows it closer, the eyes a little above the middle.
ZOOM, LIFT = 1.22, 4.0
SCALE = OVERSAMPLING * ZOOM

Point = tuple[float, float]
Color = str


def mix(first: Color, second: Color, share: float) -> Color:
    """`second` laid over `first` with that opacity."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(color: Color) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mirrored(points: list[Point], axis: float = UNITS / 2) -> list[Point]:
    """The points, then the same on the other side of a vertical axis in reverse: half an outline made whole."""
    return [*points, *((2 * axis - x, y) for x, y in reversed(points))]


def smooth(points: list[Point], *, closed: bool = True, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    around = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(around, around[1:], around[2:], around[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append((_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        curve.append(points[-1])
    return curve


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Canvas:
    """What is drawn on it covers what was drawn before."""

    def __init__(self, background: Color) -> None:
        side = UNITS * OVERSAMPLING
        self._image = Image.new("RGB", (side, side), background)
        self._draw = ImageDraw.Draw(self._image)
        self._lowered = 0.0

    @contextmanager
    def lowered(self, by: float) -> Iterator[None]:
        """What is drawn within lies that much lower (a negative number: higher)."""
        self._lowered = by
        try:
            yield
        finally:
            self._lowered = 0.0

    def _scaled(self, points: list[Point]) -> list[Point]:
        middle = UNITS / 2
        down = self._lowered - LIFT - middle
        return [
            ((middle + (x - middle) * ZOOM) * OVERSAMPLING, (middle + (y + down) * ZOOM) * OVERSAMPLING)
            for x, y in points
        ]

    def blob(self, points: list[Point], color: Color) -> None:
        """A closed shape with rounded corners."""
        self._draw.polygon(self._scaled(smooth(points)), fill=color)

    def polygon(self, points: list[Point], color: Color) -> None:
        self._draw.polygon(self._scaled(points), fill=color)

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color) -> None:
        box = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.ellipse([*box[0], *box[1]], fill=color)

    def ring(self, x: float, y: float, rx: float, ry: float, width: float, color: Color) -> None:
        box = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.ellipse([*box[0], *box[1]], outline=color, width=round(width * SCALE))

    def frame(
        self, x: float, y: float, rx: float, ry: float, radius: float, width: float, color: Color
    ) -> None:
        """The outline of a rectangle with round corners."""
        box = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.rounded_rectangle(
            [*box[0], *box[1]],
            radius=radius * SCALE,
            outline=color,
            width=round(width * SCALE),
        )

    def box(self, x: float, y: float, rx: float, ry: float, radius: float, color: Color) -> None:
        corners = self._scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.rounded_rectangle([*corners[0], *corners[1]], radius=radius * SCALE, fill=color)

    def stroke(self, points: list[Point], width: float, color: Color) -> None:
        """A curve through the points with round ends."""
        curve = self._scaled(smooth(points, closed=False) if len(points) > 2 else points)
        self._draw.line(curve, fill=color, width=round(width * SCALE), joint="curve")
        radius = width * SCALE / 2
        for x, y in (curve[0], curve[-1]):
            self._draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color)

    def jpeg(self) -> bytes:
        """The picture as JPEG, as the product keeps photos, `UNITS` pixels square."""
        out = BytesIO()
        # Full colour resolution: flat shapes would fray at their edges otherwise.
        self._image.reduce(OVERSAMPLING).save(out, "JPEG", quality=82, subsampling=0, optimize=True)
        return out.getvalue()
