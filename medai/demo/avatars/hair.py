"""Hair: what lies behind the head, and what lies on it. Every style is a pair of drawings."""

from collections.abc import Callable
from math import cos, pi, sin

from medai.demo.avatars.canvas import Canvas, Color, Point, mirrored, mix
from medai.demo.avatars.portrait import Portrait

Drawing = Callable[[Canvas, Portrait], None]
MIDDLE = 128.0


def _shadow(color: Color) -> Color:
    return mix(color, "#000000", 0.18)


def _shine(color: Color) -> Color:
    return mix(color, "#ffffff", 0.10)


def _fluff(canvas: Canvas, points: list[Point], radius: float, color: Color) -> None:
    for x, y in points:
        canvas.ellipse(x, y, radius, radius, color)


def _arc(cx: float, cy: float, rx: float, ry: float, first: float, last: float, count: int) -> list[Point]:
    """Points along an ellipse; degrees, 0 to the right and 90 at the top."""
    step = (last - first) / (count - 1)
    angles = (pi * (first + step * n) / 180 for n in range(count))
    return [(cx + rx * cos(a), cy - ry * sin(a)) for a in angles]


# Behind the head


def _no_back(canvas: Canvas, p: Portrait) -> None:
    pass


def _bob_back(canvas: Canvas, p: Portrait) -> None:
    outline = mirrored(
        [(128, 47), (107, 50), (88, 63), (76, 88), (73, 118), (74, 148), (82, 168), (100, 172), (118, 168)]
    )
    canvas.blob(outline, _shadow(p.hair))


def _long_back(canvas: Canvas, p: Portrait) -> None:
    outline = mirrored(
        [(128, 46), (107, 49), (87, 62), (75, 88), (71, 124), (69, 164), (66, 206), (78, 226), (112, 226)]
    )
    canvas.blob(outline, _shadow(p.hair))


def _wavy_back(canvas: Canvas, p: Portrait) -> None:
    outline = mirrored(
        [
            (128, 46),
            (106, 49),
            (86, 62),
            (73, 82),
            (68, 102),
            (73, 124),
            (63, 148),
            (68, 172),
            (59, 196),
            (72, 214),
            (108, 212),
        ]
    )
    canvas.blob(outline, _shadow(p.hair))


def _ponytail_back(canvas: Canvas, p: Portrait) -> None:
    canvas.blob(
        [
            (160, 66),
            (184, 78),
            (196, 112),
            (192, 150),
            (198, 186),
            (184, 206),
            (174, 178),
            (170, 140),
            (160, 104),
        ],
        _shadow(p.hair),
    )


def _bun_back(canvas: Canvas, p: Portrait) -> None:
    canvas.ellipse(128, 48, 24, 20, _shadow(p.hair))
    canvas.ellipse(126, 46, 19, 15, p.hair)


def _curly_back(canvas: Canvas, p: Portrait) -> None:
    canvas.ellipse(128, 108, 58, 58, _shadow(p.hair))
    _fluff(canvas, _arc(128, 110, 54, 56, -38, 218, 17), 17, _shadow(p.hair))


# On the head


def _cap(canvas: Canvas, p: Portrait, hairline: list[Point], *, top: float = 50, side: float = 118) -> None:
    """Hair that follows the skull down to `side`, and leaves the forehead below the hairline free."""
    w = p.width
    left = [(MIDDLE - 43 * w, side), (MIDDLE - 46 * w, 96), (MIDDLE - 38 * w, 68), (MIDDLE - 20 * w, top + 3)]
    right = [(2 * MIDDLE - x, y) for x, y in reversed(left)]
    canvas.blob([*left, (MIDDLE, top), *right, *hairline], p.hair)


def _parted_front(canvas: Canvas, p: Portrait) -> None:
    _cap(canvas, p, [(165, 100), (152, 84), (136, 74), (128, 70), (120, 74), (104, 84), (91, 100)], side=124)


def _side_swept_front(canvas: Canvas, p: Portrait) -> None:
    _cap(canvas, p, [(166, 104), (160, 90), (146, 80), (150, 76), (126, 86), (104, 94), (91, 108)], side=126)


def _fringe_front(canvas: Canvas, p: Portrait) -> None:
    _cap(canvas, p, [(166, 108), (160, 92), (144, 90), (128, 92), (112, 90), (96, 93), (90, 108)], side=128)


def _long_front(canvas: Canvas, p: Portrait) -> None:
    _parted_front(canvas, p)
    w = p.width
    lock: list[Point] = [
        (MIDDLE - 43 * w, 96), (MIDDLE - 49 * w, 130), (MIDDLE - 52 * w, 168), (MIDDLE - 55 * w, 204),
        (MIDDLE - 47 * w, 224), (MIDDLE - 37 * w, 208), (MIDDLE - 39 * w, 170), (MIDDLE - 40 * w, 132),
    ]  # fmt: skip
    canvas.blob(lock, p.hair)
    canvas.blob([(2 * MIDDLE - x, y) for x, y in lock], p.hair)


def _wavy_front(canvas: Canvas, p: Portrait) -> None:
    _side_swept_front(canvas, p)
    w = p.width
    lock: list[Point] = [
        (MIDDLE - 43 * w, 100), (MIDDLE - 52 * w, 126), (MIDDLE - 47 * w, 150), (MIDDLE - 58 * w, 174),
        (MIDDLE - 53 * w, 198), (MIDDLE - 43 * w, 208), (MIDDLE - 38 * w, 186), (MIDDLE - 42 * w, 160),
        (MIDDLE - 36 * w, 140), (MIDDLE - 40 * w, 120),
    ]  # fmt: skip
    canvas.blob(lock, p.hair)
    canvas.blob([(2 * MIDDLE - x, y) for x, y in lock], p.hair)


def _pulled_back_front(canvas: Canvas, p: Portrait) -> None:
    _cap(canvas, p, [(164, 96), (154, 80), (142, 73), (128, 71), (114, 73), (102, 80), (92, 96)], side=108)
    canvas.stroke([(104, 64), (116, 58), (130, 57)], 2.2, _shine(p.hair))


def _curly_front(canvas: Canvas, p: Portrait) -> None:
    _pulled_back_front(canvas, p)
    _fluff(canvas, _arc(128, 100, 42, 38, 10, 170, 9), 13, p.hair)
    _fluff(canvas, _arc(128, 104, 48, 50, 20, 160, 8), 11, _shine(p.hair))
    _fluff(canvas, _arc(128, 98, 40, 36, 15, 165, 8), 10, p.hair)


def _pixie_front(canvas: Canvas, p: Portrait) -> None:
    _cap(
        canvas,
        p,
        [(167, 112), (164, 96), (156, 84), (134, 78), (112, 88), (94, 92), (90, 112)],
        side=130,
        top=47,
    )


def _side_front(canvas: Canvas, p: Portrait) -> None:
    _cap(
        canvas,
        p,
        [(167, 106), (163, 92), (156, 80), (128, 82), (106, 78), (95, 88), (90, 106)],
        side=112,
        top=49,
    )
    canvas.stroke([(104, 76), (112, 66), (126, 60)], 2, _shadow(p.hair))


def _crew_front(canvas: Canvas, p: Portrait) -> None:
    _cap(
        canvas,
        p,
        [(166, 102), (161, 86), (148, 78), (128, 76), (108, 78), (95, 86), (90, 102)],
        side=110,
        top=54,
    )


def _swept_front(canvas: Canvas, p: Portrait) -> None:
    _cap(
        canvas,
        p,
        [(166, 102), (160, 84), (146, 72), (124, 70), (104, 76), (95, 88), (90, 102)],
        side=110,
        top=44,
    )
    canvas.stroke([(106, 66), (124, 57), (146, 60)], 2.2, _shine(p.hair))


def _textured_front(canvas: Canvas, p: Portrait) -> None:
    _cap(
        canvas,
        p,
        [(166, 104), (160, 86), (150, 84), (138, 78), (124, 84), (110, 78), (96, 88), (90, 104)],
        side=112,
    )
    _fluff(canvas, [(106, 58), (120, 52), (136, 51), (150, 57)], 11, p.hair)


def _curly_top_front(canvas: Canvas, p: Portrait) -> None:
    _crew_front(canvas, p)
    _fluff(canvas, _arc(128, 84, 36, 28, 12, 168, 8), 12, p.hair)
    _fluff(canvas, _arc(128, 72, 24, 14, 20, 160, 5), 10, p.hair)


def _receding_front(canvas: Canvas, p: Portrait) -> None:
    temples: list[Point] = [
        (166, 104),
        (163, 84),
        (150, 62),
        (141, 66),
        (128, 69),
        (115, 66),
        (106, 62),
        (93, 84),
        (90, 104),
    ]
    _cap(canvas, p, temples, side=112, top=53)


def _bald_front(canvas: Canvas, p: Portrait) -> None:
    canvas.blob([(112, 66), (124, 62), (136, 64), (126, 68)], mix(p.skin, "#ffffff", 0.22))


def _afro_front(canvas: Canvas, p: Portrait) -> None:
    _crew_front(canvas, p)
    _fluff(canvas, _arc(128, 90, 39, 34, 2, 178, 12), 11, p.hair)


STYLES: dict[str, tuple[Drawing, Drawing]] = {
    "bob": (_bob_back, _fringe_front),
    "long": (_long_back, _long_front),
    "wavy": (_wavy_back, _wavy_front),
    "bun": (_bun_back, _pulled_back_front),
    "ponytail": (_ponytail_back, _pulled_back_front),
    "curly": (_curly_back, _curly_front),
    "pixie": (_no_back, _pixie_front),
    "parted": (_bob_back, _parted_front),
    "side": (_no_back, _side_front),
    "crew": (_no_back, _crew_front),
    "swept": (_no_back, _swept_front),
    "textured": (_no_back, _textured_front),
    "curly_top": (_no_back, _curly_top_front),
    "receding": (_no_back, _receding_front),
    "bald": (_no_back, _bald_front),
    "afro": (_no_back, _afro_front),
}
