"""Addresses in four Colombian cities, with coordinates that lie where the street numbers say."""

from dataclasses import dataclass
from random import Random

from medai.demo.data import load
from medai.demo.drafts import OfficeDraft, PlaceDraft

NORTH = "N"
CITIES = ("Bogotá", "Medellín", "Cali", "Barranquilla")
CITY_WEIGHTS = (66, 16, 10, 8)


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """A rectangle of the grid: streets grow to the north and carreras to the west.

    `latitude` and `longitude` are the center, `reach` the half of each side in degrees. `suffix` follows
    the street number where the city needs it (17 Sur), `carrera` names the other axis (Av. in Cali's north),
    and `letters` are those that its streets carry (Calle 24A).
    """

    name: str
    city: str
    latitude: float
    longitude: float
    streets: tuple[int, int]
    carreras: tuple[int, int]
    reach: tuple[float, float]
    suffix: str = ""
    carrera: str = "Cra."
    letters: str = ""


NEIGHBORHOODS = tuple(Neighborhood(**row) for row in load("places")["neighborhoods"])
BY_NAME = {(place.city, place.name): place for place in NEIGHBORHOODS}


def place_in(rng: Random, neighborhood: Neighborhood) -> PlaceDraft:
    """An address on the neighborhood's grid."""
    street, carrera = rng.randint(*neighborhood.streets), rng.randint(*neighborhood.carreras)
    letter = rng.choice(("", *neighborhood.letters))
    north, west = neighborhood.reach
    latitude = neighborhood.latitude + north * _position(street, neighborhood.streets)
    longitude = neighborhood.longitude - west * _position(carrera, neighborhood.carreras)
    return PlaceDraft(
        address=_address(rng, neighborhood, f"{street}{letter}", carrera),
        neighborhood=neighborhood.name,
        city=neighborhood.city,
        latitude=round(latitude + rng.uniform(-0.0003, 0.0003), 6),
        longitude=round(longitude + rng.uniform(-0.0003, 0.0003), 6),
    )


def _address(rng: Random, neighborhood: Neighborhood, street: str, carrera: int) -> str:
    plate = f"{rng.randint(4, 92):02d}"
    if rng.random() < 0.5:
        return f"Calle {street}{neighborhood.suffix} # {carrera}-{plate}"
    if neighborhood.suffix == NORTH:
        return f"{neighborhood.carrera} {carrera}{NORTH} # {street}{NORTH}-{plate}"
    return f"{neighborhood.carrera} {carrera} # {street}-{plate}{neighborhood.suffix}"


def _position(value: int, span: tuple[int, int]) -> float:
    """Where a number lies in its span, from -1 to 1."""
    low, high = span
    return 2 * (value - low) / (high - low) - 1


def office_in(rng: Random, neighborhood: Neighborhood, phone: str) -> OfficeDraft:
    place = place_in(rng, neighborhood)
    room = rng.randint(2, 8) * 100 + rng.randint(1, 9)
    return OfficeDraft(
        place=_inside(place, f"cons. {room}"),
        name=rng.choice(load("places")["buildings"]),
        phone=phone,
        directions=rng.choice(load("places")["directions"]),
    )


def home(rng: Random) -> PlaceDraft:
    """Somewhere to live, in one of the four cities."""
    city = rng.choices(CITIES, CITY_WEIGHTS)[0]
    place = place_in(rng, rng.choice([n for n in NEIGHBORHOODS if n.city == city]))
    if rng.random() < 0.6:
        return _inside(place, f"apto. {rng.randint(1, 12)}0{rng.randint(1, 6)}")
    return place


def _inside(place: PlaceDraft, door: str) -> PlaceDraft:
    address = f"{place.address}, {door}"
    return PlaceDraft(address, place.neighborhood, place.city, place.latitude, place.longitude)
