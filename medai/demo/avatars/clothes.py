"""Neck, shoulders, what is worn, and the stethoscope."""

from medai.demo.avatars.canvas import Canvas, Point, mirrored, mix
from medai.demo.avatars.portrait import Portrait

COAT, COAT_SHADE = "#f0f4f3", "#d3dcda"
TUBE, METAL = "#33424a", "#b9c4c8"


def neck(canvas: Canvas, p: Portrait) -> None:
    half = 15 if p.woman else 18
    canvas.polygon(
        [(128 - half, 150), (128 + half, 150), (128 + half + 3, 214), (128 - half - 3, 214)], p.skin
    )
    shade = mix(p.skin, "#7a3b22", 0.26)
    canvas.blob(mirrored([(128, 188), (128 - half + 1, 181), (128 - half - 1, 160)]), shade)


def body(canvas: Canvas, p: Portrait) -> None:
    {"coat": _coat, "scrubs": _scrubs, "blazer": _blazer, "sweater": _sweater}[p.attire](canvas, p)


def _shoulders(p: Portrait) -> list[Point]:
    spread = 0 if p.woman else 8
    half: list[Point] = [
        (112, 192), (98, 200), (76 - spread, 208), (50 - spread, 220), (38 - spread, 244), (36 - spread, 290),
    ]  # fmt: skip
    return [(128, 196), *half, *((256 - x, y) for x, y in reversed(half))]


def _skin_at_the_neck(canvas: Canvas, p: Portrait, *, depth: float, half: float = 17) -> None:
    canvas.polygon([(128 - half, 190), (128 + half, 190), (128, 190 + depth)], p.skin)


def _coat(canvas: Canvas, p: Portrait) -> None:
    canvas.blob(_shoulders(p), COAT)
    canvas.polygon([(108, 194), (148, 194), (146, 262), (110, 262)], p.shirt)
    _skin_at_the_neck(canvas, p, depth=24)
    collar = mix(p.shirt, "#ffffff", 0.35)
    for side in (-1, 1):
        canvas.polygon(
            [(128 + side * 18, 188), (128 + side * 25, 197), (128 + side * 13, 221), (128 + side * 1, 211)],
            collar,
        )
        lapel: list[Point] = [
            (128 + side * 21, 189), (128 + side * 36, 201), (128 + side * 33, 222), (128 + side * 25, 226),
            (128 + side * 12, 262), (128 + side * 9, 262), (128 + side * 14, 222),
        ]  # fmt: skip
        canvas.polygon(lapel, "#ffffff")
        canvas.stroke(
            [(128 + side * 36, 201), (128 + side * 33, 222), (128 + side * 25, 226)], 1.6, COAT_SHADE
        )
        canvas.stroke(
            [(128 + side * 21, 189), (128 + side * 15, 221), (128 + side * 10, 262)], 1.6, COAT_SHADE
        )
        canvas.stroke([(128 + side * 66, 226), (128 + side * 61, 262)], 1.8, COAT_SHADE)
    canvas.stroke([(160, 242), (180, 242)], 2, COAT_SHADE)
    canvas.stroke([(166, 237), (166, 246)], 2.2, p.cloth)


def _scrubs(canvas: Canvas, p: Portrait) -> None:
    shade = mix(p.cloth, "#000000", 0.16)
    canvas.blob(_shoulders(p), p.cloth)
    _skin_at_the_neck(canvas, p, depth=36, half=20)
    for side in (-1, 1):
        canvas.stroke([(128 + side * 21, 190), (128, 228)], 5, mix(p.cloth, "#ffffff", 0.16))
        canvas.stroke([(128 + side * 66, 228), (128 + side * 62, 262)], 1.8, shade)
    canvas.stroke([(158, 240), (180, 240)], 2, shade)


def _blazer(canvas: Canvas, p: Portrait) -> None:
    shade = mix(p.cloth, "#000000", 0.2)
    canvas.blob(_shoulders(p), p.cloth)
    canvas.polygon([(108, 193), (148, 193), (128, 262)], mix(p.shirt, "#ffffff", 0.5))
    _skin_at_the_neck(canvas, p, depth=20)
    for side in (-1, 1):
        canvas.polygon(
            [
                (128 + side * 19, 189), (128 + side * 34, 201), (128 + side * 30, 220), (128 + side * 22, 222),
                (128 + side * 2, 262), (128, 258), (128 + side * 12, 216),
            ],
            mix(p.cloth, "#ffffff", 0.1),
        )  # fmt: skip
        canvas.stroke([(128 + side * 66, 226), (128 + side * 61, 262)], 1.8, shade)


def _sweater(canvas: Canvas, p: Portrait) -> None:
    canvas.blob(_shoulders(p), p.cloth)
    collar = mix(p.cloth, "#ffffff", 0.14)
    canvas.blob(mirrored([(128, 213), (112, 208), (102, 194), (107, 188), (128, 196)]), collar)
    canvas.blob(mirrored([(128, 206), (115, 202), (108, 190), (128, 186)]), p.skin)
    for side in (-1, 1):
        canvas.stroke([(128 + side * 66, 226), (128 + side * 61, 262)], 1.8, mix(p.cloth, "#000000", 0.18))


def stethoscope(canvas: Canvas, p: Portrait) -> None:
    if not p.stethoscope:
        return
    canvas.stroke([(106, 192), (97, 206), (97, 226), (106, 244)], 4.2, TUBE)
    canvas.stroke([(150, 192), (159, 206), (160, 222), (156, 232)], 4.2, TUBE)
    canvas.ellipse(155, 236, 8.4, 8.4, METAL)
    canvas.ellipse(155, 236, 5.2, 5.2, mix(METAL, "#ffffff", 0.55))
    canvas.stroke([(106, 244), (103, 252)], 2.8, METAL)
    canvas.stroke([(106, 244), (110, 252)], 2.8, METAL)


def hijab_behind(canvas: Canvas, p: Portrait) -> None:
    if p.hijab is None:
        return
    outline = mirrored(
        [(128, 42), (100, 46), (80, 66), (72, 100), (74, 140), (78, 176), (72, 204), (96, 220)]
    )
    canvas.blob(outline, mix(p.hijab, "#000000", 0.14))


def hijab_before(canvas: Canvas, p: Portrait) -> None:
    """A scarf that frames the face and falls in two folds under the chin."""
    if p.hijab is None:
        return
    fold = mix(p.hijab, "#ffffff", 0.12)
    deep = mix(p.hijab, "#000000", 0.14)
    outer = mirrored([(128, 42), (102, 46), (82, 64), (74, 96), (77, 136), (92, 170), (110, 186)])
    opening = mirrored([(128, 74), (106, 78), (92, 96), (90, 122), (95, 146), (108, 162), (120, 168)])
    canvas.blob(outer, p.hijab)
    canvas.blob(opening, p.skin)
    canvas.blob(
        [
            (92, 158),
            (110, 172),
            (132, 176),
            (156, 168),
            (172, 150),
            (178, 178),
            (166, 204),
            (138, 216),
            (108, 212),
            (86, 196),
        ],
        p.hijab,
    )
    canvas.stroke([(96, 170), (116, 190), (146, 194), (170, 176)], 2.2, deep)
    canvas.stroke([(92, 186), (114, 204), (142, 206)], 2.2, deep)
    canvas.stroke([(88, 84), (98, 66), (116, 55)], 2.4, fold)
