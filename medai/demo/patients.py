"""Two thousand invented patients: adults with and without an account, and those they care for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, islice
from random import Random

from medai.demo.data import insurers, load
from medai.demo.drafts import PatientDraft, PlaceDraft, Relationship, Sex
from medai.demo.names import family_name, given_name, phone, plain, surname
from medai.demo.places import home

FIRST_PHONE = 20_000
MOTHER = "mariana-gomez"
MOTHERS_EMAIL = "mariana.gomez@demo.medai.example"
# Ages of account holders: (from, to, weight).
AGES = ((18, 29, 26), (30, 44, 36), (45, 59, 22), (60, 74, 12), (75, 93, 4))


def patients(*, seed: str, today: date, number: int) -> tuple[PatientDraft, ...]:
    """`number` patients, Mariana Gómez and her family first; every guardian comes before those cared for."""
    return tuple(islice(_everybody(Random(f"{seed}:patients"), today), number))


def _everybody(rng: Random, today: date) -> Iterator[PatientDraft]:
    numbers = count(1)
    yield from _marianas_family(rng)
    while True:
        adult = _adult(rng, today, next(numbers))
        yield adult
        if adult.has_account and adult.language == "es":
            yield from _children(rng, today, adult, numbers)
            yield from _parent(rng, today, adult, numbers)


def _marianas_family(rng: Random) -> Iterator[PatientDraft]:
    """The mother of the guided tour, her two children and her father."""
    place = PlaceDraft("Calle 142 # 13-48, apto. 502", "Cedritos", "Bogotá", 4.722400, -74.043100)
    mariana = PatientDraft(
        key=MOTHER,
        first_name="Mariana",
        last_name="Gómez Ruiz",
        sex="female",
        date_of_birth=date(1988, 4, 17),
        phone=phone(FIRST_PHONE),
        email=MOTHERS_EMAIL,
        language="es",
        place=place,
        insurer="Colsanitas",
        policy_number="1042-88417",
        has_account=True,
        emergency_contact_name="Hernando Gómez",
        emergency_contact_phone=phone(FIRST_PHONE + 1),
    )
    yield mariana
    yield _cared_for(
        mariana, "samuel-cardenas", "Samuel", "Cárdenas Gómez", "male", date(2019, 9, 3), "child"
    )
    yield _cared_for(
        mariana, "antonella-cardenas", "Antonella", "Cárdenas Gómez", "female", date(2022, 6, 21), "child"
    )
    yield replace(
        _cared_for(mariana, "hernando-gomez", "Hernando", "Gómez Pardo", "male", date(1953, 1, 29), "parent"),
        phone=phone(FIRST_PHONE + 1),
    )


def _cared_for(
    guardian: PatientDraft, key: str, first: str, last: str, sex: Sex, born: date, relationship: Relationship
) -> PatientDraft:
    """Somebody at the guardian's home and on the guardian's policy, reached through the guardian."""
    return replace(
        guardian,
        key=key,
        first_name=first,
        last_name=last,
        sex=sex,
        date_of_birth=born,
        phone="",
        email="",
        has_account=False,
        guardian=guardian.key,
        relationship=relationship,
        emergency_contact_name=f"{guardian.first_name} {guardian.last_name.split()[0]}",
        emergency_contact_phone=guardian.phone,
    )


def _adult(rng: Random, today: date, number: int) -> PatientDraft:
    place = home(rng)
    sex: Sex = "female" if rng.random() < 0.56 else "male"
    low, high, _ = rng.choices(AGES, [weight for *_, weight in AGES])[0]
    born = _birthday(rng, today, rng.randint(low, high))
    first, last = given_name(rng, sex, born.year), family_name(rng, place.city)
    from_abroad = rng.random() < 0.03
    if from_abroad:
        first, last = rng.choice(load("names")["abroad"][sex]).split(" ")
    insurer = rng.choice(insurers())["name"] if rng.random() < 0.72 else ""
    return PatientDraft(
        key=f"p{number:04d}",
        first_name=first,
        last_name=last,
        sex=sex,
        date_of_birth=born,
        phone=phone(FIRST_PHONE + 10 + number),
        email=f"{plain(first)}.{plain(last.split()[0])}{number}@example.com",
        language="en" if from_abroad else "es",
        place=place,
        insurer=insurer,
        policy_number=f"{rng.randint(1000, 9999)}-{rng.randint(10000, 99999)}" if insurer else "",
        has_account=rng.random() < 0.9,
        emergency_contact_name=f"{given_name(rng, 'female', 1970)} {surname(rng, place.city)}",
        emergency_contact_phone=phone(900_000 + number),
    )


def _children(rng: Random, today: date, adult: PatientDraft, numbers: "count[int]") -> Iterator[PatientDraft]:
    """None for most; up to three for those between 22 and 50."""
    age = adult.age_on(today)
    if not 22 <= age <= 50 or rng.random() > 0.28:
        return
    other_surname = surname(rng, adult.place.city)
    own_surname = adult.last_name.split()[0]
    father, mother = (other_surname, own_surname) if adult.sex == "female" else (own_surname, other_surname)
    for _ in range(rng.choices((1, 2, 3), (50, 40, 10))[0]):
        born = _birthday(rng, today, rng.randint(0, min(17, age - 20)))
        sex: Sex = rng.choice(("female", "male"))
        first = given_name(rng, sex, born.year)
        last = family_name(rng, adult.place.city, father, mother)
        yield _cared_for(adult, f"p{next(numbers):04d}", first, last, sex, born, "child")


def _parent(rng: Random, today: date, adult: PatientDraft, numbers: "count[int]") -> Iterator[PatientDraft]:
    """A few look after their father or mother too."""
    age = adult.age_on(today)
    if not 35 <= age <= 62 or rng.random() > 0.07:
        return
    sex: Sex = rng.choice(("female", "male"))
    born = _birthday(rng, today, age + rng.randint(22, 32))
    first = given_name(rng, sex, born.year)
    own = adult.last_name.split()
    last = family_name(rng, adult.place.city, father=own[0] if sex == "male" else own[1])
    yield _cared_for(adult, f"p{next(numbers):04d}", first, last, sex, born, "parent")


def _birthday(rng: Random, today: date, age: int) -> date:
    """A date of birth at which somebody is `age` years old today."""
    return today - timedelta(days=int(age * 365.25) + rng.randrange(1, 364))
