"""What somebody looks like, decided from who they are."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from medai.demo.avatars.canvas import Color
from medai.demo.drafts import DoctorDraft

Attire = Literal["coat", "scrubs", "blazer", "sweater"]
Beard = Literal["", "stubble", "short", "full", "moustache", "goatee"]
Glasses = Literal["", "round", "square", "oval"]

# The light tints of the design tokens (--tint-1 to --tint-6), a step deeper so that a white coat stands out.
BACKGROUNDS = ("#cfe3d9", "#d5e0f3", "#f3dac6", "#f0d4d9", "#e8dfbd", "#cde3e7")
SKINS = ("#f5d3ba", "#ecc19d", "#dfad86", "#cb956c", "#b07a53", "#8c5a3b", "#67402a")
SKIN_WEIGHTS = {
    "Bogotá": (9, 24, 30, 21, 9, 5, 2),
    "Medellín": (12, 26, 27, 19, 9, 5, 2),
    "Cali": (8, 14, 18, 20, 16, 14, 10),
    "Barranquilla": (8, 16, 20, 22, 18, 10, 6),
}
DARK_HAIR = ("#231c1b", "#2f2421", "#3d2c24", "#4c3527", "#5f4230")
LIGHT_HAIR = ("#7b5536", "#93683f", "#7a4130")
GRAY_HAIR = ("#7f7d7b", "#a5a29d", "#cbc7c0")
SCRUBS = ("#2f7f86", "#3c6aa6", "#2f7d5f", "#7a4a6b", "#475a7d", "#4f8f9d")
SHIRTS = ("#a9c6ea", "#bcd8cd", "#e9c9cf", "#f2ddb8", "#c9c3e2", "#8fb4c9")
CASUAL = ("#3f6c61", "#7b4f5d", "#3f5878", "#8a6a43", "#5d5a76", "#a5654c")
FEMALE_HAIR = ("bob", "long", "wavy", "bun", "ponytail", "curly", "pixie", "parted")
CASUAL_FIELDS = {"psychology", "psychiatry", "nutrition", "speech-therapy"}
SCRUBS_FIELDS = {"pediatrics", "dentistry", "physiotherapy", "general-surgery", "obstetrics", "orthopedics"}


@dataclass(frozen=True, slots=True)
class Portrait:
    """`width` and `jaw` are factors of the ordinary face; `lines` shows that somebody has laughed for decades."""

    background: Color
    skin: Color
    hair: Color
    hair_style: str
    woman: bool
    width: float
    jaw: float
    lines: bool
    beard: Beard
    glasses: Glasses
    glasses_color: Color
    attire: Attire
    cloth: Color
    shirt: Color
    stethoscope: bool
    earrings: bool
    hijab: Color | None = None


def portrait_of(doctor: DoctorDraft) -> Portrait:
    """Always the same for the same doctor."""
    rng = Random(f"portrait:{doctor.slug}")
    woman = doctor.sex == "female"
    age = doctor.experience_years + 28
    covered = "ar" in doctor.languages
    field = doctor.specialties[0]
    attire = _attire(rng, field)
    skin = rng.choices(SKINS, SKIN_WEIGHTS[doctor.offices[0].place.city])[0]
    return Portrait(
        background=rng.choice(BACKGROUNDS),
        skin="#dfad86" if covered else skin,
        hair=_hair_color(rng, age, skin, woman=woman),
        hair_style=_hair_style(rng, age, skin, woman=woman),
        woman=woman,
        width=rng.uniform(0.95, 1.02) if woman else rng.uniform(0.98, 1.06),
        jaw=rng.uniform(0.86, 0.95) if woman else rng.uniform(0.97, 1.08),
        lines=age >= 50,
        beard=""
        if woman
        else rng.choices(("", "stubble", "short", "full", "moustache", "goatee"), (9, 3, 3, 2, 1, 1))[0],
        glasses=rng.choices(("", "round", "square", "oval"), (10, 3, 3, 2) if age < 50 else (5, 3, 4, 3))[0],
        glasses_color=rng.choice(("#2b2b2e", "#4a3527", "#5d6f86", "#7b3f45")),
        attire="coat" if covered else attire,
        cloth=rng.choice(CASUAL if attire in {"blazer", "sweater"} else SCRUBS),
        shirt="#8fb4c9" if covered else rng.choice(SHIRTS),
        stethoscope=covered
        or (attire in {"coat", "scrubs"} and field not in {"dentistry", "optometry"} and rng.random() < 0.6),
        earrings=woman and not covered and rng.random() < 0.5,
        hijab="#3f6c8f" if covered else None,
    )


def _attire(rng: Random, field: str) -> Attire:
    if field in CASUAL_FIELDS:
        return rng.choice(("blazer", "sweater", "sweater"))
    return rng.choices(("coat", "scrubs"), (1, 2) if field in SCRUBS_FIELDS else (4, 1))[0]


def _hair_color(rng: Random, age: int, skin: Color, *, woman: bool) -> Color:
    if age >= (58 if woman else 50) and rng.random() < 0.75:
        return rng.choice(GRAY_HAIR if age >= 56 else GRAY_HAIR[:2])
    dark_skin = SKINS.index(skin) >= 4
    return rng.choice(DARK_HAIR[:3] if dark_skin else DARK_HAIR * 2 + LIGHT_HAIR if woman else DARK_HAIR)


def _hair_style(rng: Random, age: int, skin: Color, *, woman: bool) -> str:
    if woman:
        styles = FEMALE_HAIR if age < 55 else ("bob", "pixie", "parted", "wavy", "bun")
        return rng.choice(("curly", "bun", "wavy", "curly") if SKINS.index(skin) >= 5 else styles)
    if SKINS.index(skin) >= 5:
        return rng.choice(("afro", "crew", "bald"))
    if age >= 50:
        return rng.choice(("receding", "bald", "side", "swept", "crew"))
    return rng.choice(("side", "crew", "swept", "curly_top", "textured", "side"))
