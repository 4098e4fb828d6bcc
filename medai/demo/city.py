"""The whole city in one call, the same for the same seed and day."""

from datetime import date

from medai.demo.doctors import doctors
from medai.demo.drafts import City
from medai.demo.patients import patients

SEED = "medai-1"
PATIENTS = 2_000


def city(*, today: date, seed: str = SEED, number_of_patients: int = PATIENTS) -> City:
    return City(
        doctors=doctors(seed=seed, today=today),
        patients=patients(seed=seed, today=today, number=number_of_patients),
    )
