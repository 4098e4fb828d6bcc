"""The head: skin, eyes, nose, mouth, beard, glasses."""

from medai.demo.avatars.canvas import Canvas, Point, mirrored, mix
from medai.demo.avatars.portrait import Portrait

MIDDLE = 128.0
EYE_X, EYE_Y = 18.0, 114.0
INK = "#2a211f"


def head(canvas: Canvas, p: Portrait) -> None:
    if p.hijab is None:
        _ears(canvas, p)
    canvas.blob(outline(p), p.skin)


def outline(p: Portrait) -> list[Point]:
    w, jaw = p.width, p.width * p.jaw
    half: list[Point] = [
        (MIDDLE, 58), (MIDDLE - 24 * w, 63), (MIDDLE - 40 * w, 86), (MIDDLE - 42 * w, 116),
        (MIDDLE - 38 * jaw, 140), (MIDDLE - 26 * jaw, 158), (MIDDLE - 11 * jaw, 167), (MIDDLE - 1, 168.5),
    ]  # fmt: skip
    return [half[0], *half[1:], *((2 * MIDDLE - x, y) for x, y in reversed(half[1:]))]


def _ears(canvas: Canvas, p: Portrait) -> None:
    shade = mix(p.skin, "#7a3b22", 0.22)
    for side in (-1, 1):
        x = MIDDLE + side * 43 * p.width
        canvas.ellipse(x, 119, 7, 10.5, p.skin)
        canvas.ellipse(x + side * 0.5, 119.5, 3.4, 6, shade)
        if p.earrings:
            canvas.ellipse(x + side * 1.5, 132, 2.8, 2.8, "#e2b65a")


def features(canvas: Canvas, p: Portrait) -> None:
    blush = mix(p.skin, "#d9534a", 0.16)
    for side in (-1, 1):
        canvas.ellipse(MIDDLE + side * 25 * p.width, 133, 8.5, 6, blush)
    if p.beard:
        _beard(canvas, p)
    _eyes(canvas, p)
    _nose(canvas, p)
    _mouth(canvas, p)
    if p.lines:
        _lines(canvas, p)


def _eyes(canvas: Canvas, p: Portrait) -> None:
    brow = mix(mix(p.hair, "#3a2c25", 0.45), p.skin, 0.12)
    for side in (-1, 1):
        x = MIDDLE + side * EYE_X * p.width
        canvas.ellipse(x, EYE_Y, 4.6, 5.4, INK)
        canvas.ellipse(x + 1.5, EYE_Y - 1.9, 1.5, 1.6, "#ffffff")
        if p.woman:
            canvas.stroke(
                [(x + side * 1, EYE_Y - 5.6), (x + side * 4.6, EYE_Y - 4), (x + side * 7.2, EYE_Y - 5.6)],
                1.9,
                INK,
            )
            canvas.stroke([(x - side * 8, 101.5), (x, 98.6), (x + side * 8.5, 101.4)], 2.4, brow)
        else:
            canvas.stroke([(x - side * 8, 102), (x, 99.2), (x + side * 9, 102)], 3.6, brow)


def _nose(canvas: Canvas, p: Portrait) -> None:
    shade = mix(p.skin, "#7a3b22", 0.30)
    canvas.stroke([(129, 122), (131, 128), (132, 132), (130.4, 134.4), (126.6, 134.2)], 1.9, shade)


def _mouth(canvas: Canvas, p: Portrait) -> None:
    lip = mix(p.skin, "#a8323a", 0.62 if p.woman else 0.42)
    canvas.polygon(_smile(14, 145, 8.5), mix(lip, "#5a1519", 0.55))
    canvas.polygon(_smile(11.4, 145.4, 3.6), "#ffffff")
    canvas.stroke(
        [(113.6, 144.8), (121, 145.6), (128, 145.8), (135, 145.6), (142.4, 144.8)],
        2.2 if p.woman else 1.6,
        lip,
    )
    if p.woman:
        canvas.stroke([(117, 149.6), (128, 154), (139, 149.6)], 2.2, lip)


def _smile(half_width: float, y: float, depth: float) -> list[Point]:
    """A segment of an ellipse, flat side up."""
    steps = 24
    lower = [(2 * step / steps - 1) for step in range(steps + 1)]
    return [(MIDDLE + half_width * t, y + depth * (1 - t * t)) for t in lower]


def _lines(canvas: Canvas, p: Portrait) -> None:
    line = mix(p.skin, "#7a3b22", 0.17)
    for side in (-1, 1):
        canvas.stroke(
            [(MIDDLE + side * 15.5, 134), (MIDDLE + side * 20, 140), (MIDDLE + side * 20.5, 146)], 1.4, line
        )
        x = MIDDLE + side * 28.5 * p.width
        canvas.stroke([(x, 112), (x + side * 4.5, 110)], 1.3, line)
        canvas.stroke([(x, 116), (x + side * 4.5, 117.5)], 1.3, line)


def _beard(canvas: Canvas, p: Portrait) -> None:
    color = mix(p.skin, p.hair, 0.26 if p.beard == "stubble" else 0.92)
    w, jaw = p.width, p.width * p.jaw
    if p.beard in {"stubble", "short", "full"}:
        drop = {"stubble": 0.6, "short": 1.5, "full": 8.0}[p.beard]
        side: list[Point] = [
            (MIDDLE - 42.4 * w, 116), (MIDDLE - 39 * jaw, 141), (MIDDLE - 27 * jaw, 159 + drop * 0.6),
            (MIDDLE - 11 * jaw, 168 + drop), (MIDDLE, 169.5 + drop),
        ]  # fmt: skip
        inner: list[Point] = [
            (MIDDLE - 37 * w, 122), (MIDDLE - 33 * w, 136), (MIDDLE - 22, 141), (MIDDLE - 12, 138), (MIDDLE, 139.5),
        ]  # fmt: skip
        whole = [*side, *((2 * MIDDLE - x, y) for x, y in reversed(side[:-1]))]
        cut = [*((2 * MIDDLE - x, y) for x, y in inner[:-1]), *reversed(inner)]
        canvas.blob([*whole, *cut], color)
        canvas.blob(mirrored([(128, 143), (117, 142.5), (111.5, 146), (115, 153), (128, 157)]), p.skin)
        return
    if p.beard == "goatee":
        canvas.blob(mirrored([(128, 155), (118, 157), (116, 165), (128, 171)]), color)
    canvas.blob(mirrored([(128, 138), (118, 138), (109, 142.5), (112, 144.5), (128, 142.5)]), color)


def glasses(canvas: Canvas, p: Portrait) -> None:
    if not p.glasses:
        return
    color, y = p.glasses_color, EYE_Y + 1
    for side in (-1, 1):
        x = MIDDLE + side * (EYE_X + 0.6) * p.width
        if p.glasses == "round":
            canvas.ring(x, y, 14, 14, 2.4, color)
        elif p.glasses == "oval":
            canvas.ring(x, y, 15, 11, 2.2, color)
        else:
            canvas.frame(x, y, 14.5, 11.5, 5, 2.6, color)
        edge = x + side * 14
        canvas.stroke([(edge, y - 3), (MIDDLE + side * 42.5 * p.width, y - 4)], 2.2, color)
    canvas.stroke([(MIDDLE - 5.2, y - 2), (MIDDLE, y - 4.4), (MIDDLE + 5.2, y - 2)], 2.2, color)
