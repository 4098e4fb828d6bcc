"""Thousands of doctors made inside the database, for measurements only."""

import json
from decimal import Decimal
from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Role, User
from doctors.models import Doctor, Specialty
from doctors.models.doctors import CredentialStatus
from doctors.services import directory
from medai.common.identity import acting_as_system

SPECIALTIES = Path(__file__).resolve().parents[1] / "doctors" / "data" / "specialties.json"

SYLLABLES = tuple(
    "analubermarsofecaritosandelgarmoquerovilez"[place : place + 2] for place in range(0, 40, 2)
)
CITIES = [
    "Bogotá",
    "Medellín",
    "Cali",
    "Barranquilla",
    "Cartagena",
    "Bucaramanga",
    "Pereira",
    "Manizales",
    "Cúcuta",
    "Ibagué",
    "Tunja",
    "Armenia",
]
AT_ONCE = 5000

_MADE = """
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT id AS doctor_id, license_number::int AS number, gen_random_uuid() AS office_id,
    (%(cities)s::text[])[1 + (power((license_number::int * 7919 %% 1000) / 1000.0, 2.2) * 11)::int] AS city
FROM doctors_doctor WHERE license_number::int BETWEEN %(first)s AND %(last)s
"""

_ROWS = (
    """INSERT INTO doctors_office (id, created_at, updated_at, doctor_id, name, address, neighborhood, city,
        country, phone, directions, latitude, longitude, is_active)
    SELECT office_id, now(), now(), doctor_id, '', 'Calle ' || number % 200 || ' # 10-20', 'Centro', city,
        'CO', '', '', round((3 + number % 997 / 100.0)::numeric, 6),
        round((-76 + number % 389 / 100.0)::numeric, 6), true
    FROM made""",
    """INSERT INTO doctors_doctorspecialty (id, created_at, updated_at, doctor_id, specialty_id, is_primary)
    SELECT gen_random_uuid(), now(), now(), doctor_id, s.id, nth = 0
    FROM made CROSS JOIN generate_series(0, 1) AS nth
    JOIN (SELECT id, row_number() OVER (ORDER BY slug) - 1 AS place, count(*) OVER () AS total
        FROM doctors_specialty) AS s ON s.place = (number + nth * 5) % s.total
    WHERE nth = 0 OR number % 4 = 0""",
    """INSERT INTO doctors_visittype (id, created_at, updated_at, doctor_id, kind, name_es, name_en, duration_minutes,
        fee_minor, currency, modes, is_active)
    SELECT gen_random_uuid(), now(), now(), doctor_id, kind, '', '', 30, (8 + number % 30) * 1000000, 'COP',
        CASE WHEN number % 2 = 0 THEN ARRAY['in_person', 'video'] ELSE ARRAY['in_person'] END, true
    FROM made CROSS JOIN unnest(ARRAY['standard', 'follow_up']) AS kind""",
    """INSERT INTO doctors_weeklyhours (id, created_at, updated_at, doctor_id, day_of_week, start_minute, end_minute,
        mode, office_id, is_active)
    SELECT gen_random_uuid(), now(), now(), doctor_id, day, 540, 1020, 'both', office_id, true
    FROM made CROSS JOIN generate_series(1, 5) AS day""",
    """INSERT INTO doctors_doctor_accepted_insurers (doctor_id, insuranceprovider_id)
    SELECT doctor_id, i.id FROM made JOIN (SELECT id, row_number() OVER (ORDER BY name) AS place FROM
        accounts_insuranceprovider) AS i ON (number + i.place) % 7 = 0""",
    """INSERT INTO doctors_doctoravailability (id, created_at, updated_at, doctor_id, visit_mode, next_free_at,
        free_days, checked_at)
    SELECT gen_random_uuid(), now(), now(), doctor_id, mode,
        CASE WHEN number % 50 > 0 THEN now() + (number * 7907 % 40000) * interval '1 minute' END,
        ARRAY(SELECT current_date + day FROM generate_series(number * 7907 % 40000 / 1440, 59) AS day
            WHERE number % 50 > 0 AND extract(isodow FROM current_date + day) < 6), now()
    FROM made CROSS JOIN unnest(ARRAY['in_person', 'video']) AS mode WHERE mode = 'in_person' OR number % 2 = 0""",
)


def specialties() -> None:
    """The seeded specialties, if there are none yet."""
    with acting_as_system("bench"):
        if Specialty.objects.exists():
            return
        Specialty.objects.bulk_create(
            Specialty(
                slug=one["slug"],
                icon=one["icon"],
                **{f"name_{code}": one["name"][code] for code in ("es", "en")},
                **{f"practitioners_{code}": one["practitioner"][code] for code in ("es", "en")},
                **{f"synonyms_{code}": one["synonyms"][code] for code in ("es", "en")},
            )
            for one in json.loads(SPECIALTIES.read_text())
        )


def _doctor(number: int) -> Doctor:
    syllables = Random(number).choices(SYLLABLES, k=6)
    return Doctor(
        user=User(email=f"bench-{number}@example.com", password="!", role=Role.DOCTOR),
        slug=f"bench-{number}",
        first_name="".join(syllables[:3]).capitalize(),
        last_name="".join(syllables[3:]).capitalize(),
        license_number=str(number),
        languages=["es", "en"] if number % 3 == 0 else ["es"],
        credential_status=CredentialStatus.VERIFIED,
        is_approved=True,
        first_published_at=timezone.now(),
        is_accepting_new_patients=number % 11 > 0,
        rating_average=Decimal(30 + number % 20) / 10,
        rating_count=number % 300,
    )


def grow_to(doctors: int, *, already: int = 0) -> None:
    """Public doctors with offices, fees, hours and next free times, up to a number of them."""
    specialties()
    with transaction.atomic(), acting_as_system("bench"):
        for first in range(already + 1, doctors + 1, AT_ONCE):
            made = [_doctor(number) for number in range(first, min(first + AT_ONCE, doctors + 1))]
            User.objects.bulk_create(doctor.user for doctor in made)
            Doctor.objects.bulk_create(made)
        with connection.cursor() as cursor:
            cursor.execute(_MADE, {"first": already + 1, "last": doctors, "cities": CITIES})
            for statement in _ROWS:
                cursor.execute(statement)
        directory.refresh()
