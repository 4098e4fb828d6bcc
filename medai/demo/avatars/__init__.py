"""Drawn portraits for the doctors of the demo, the same each time."""

from medai.demo.avatars import clothes, face
from medai.demo.avatars.canvas import UNITS, Canvas
from medai.demo.avatars.hair import STYLES
from medai.demo.avatars.portrait import Portrait, portrait_of

__all__ = ["SIZE", "Portrait", "draw", "portrait_of"]

SIZE = UNITS
SHORT_NECK = 12.0


def draw(portrait: Portrait) -> bytes:
    """A portrait as a square JPEG of `SIZE` pixels a side, made to be shown in a circle."""
    canvas = Canvas(portrait.background)
    behind, front = STYLES[portrait.hair_style]
    covered = portrait.hijab is not None
    if covered:
        clothes.hijab_behind(canvas, portrait)
    else:
        behind(canvas, portrait)
    with canvas.lowered(-SHORT_NECK):
        clothes.neck(canvas, portrait)
        clothes.body(canvas, portrait)
    face.head(canvas, portrait)
    if covered:
        clothes.hijab_before(canvas, portrait)
    face.features(canvas, portrait)
    if not covered:
        front(canvas, portrait)
    face.glasses(canvas, portrait)
    with canvas.lowered(-SHORT_NECK):
        clothes.stethoscope(canvas, portrait)
    return canvas.jpeg()
