"""The directory's page with 10,000 doctors and 1,000,000 bookings, and from 1,000 to 100,000 doctors.

The page is measured as it is for those who find its markup remembered, and with nothing remembered at all, neither
markup nor dates and amounts as they are written.

`python -m bench.directory [file.json]`. The bare SQL is one statement that answers the same search. It comes in two
forms: over the tables that the services write, as one would ask without a projection; and over the projection, which
is the least that any page could cost.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.harness import Result, Row, run
from tests.faults.stage import stage

FEW, SOME, MANY = 1_000, 10_000, 100_000
BOOKINGS_EACH = 100
QUERIES = 8
PAGE = "/doctors/"

_SET = "SELECT set_config('role', 'medai_anonymous', true), set_config('app.kind', 'anonymous', true)"

_WITHOUT_PROJECTION = """
WITH found AS (
    SELECT d.id, d.slug, d.title, d.first_name, d.last_name, d.photo, d.languages, d.rating_average, d.rating_count,
        d.is_accepting_new_patients, d.time_zone, min(a.next_free_at) AS next_free_at,
        array_agg(a.visit_mode) AS modes
    FROM doctors_doctor d LEFT JOIN doctors_doctoravailability a ON a.doctor_id = d.id
    WHERE d.is_public GROUP BY d.id
), page AS (SELECT * FROM found ORDER BY next_free_at NULLS LAST, id LIMIT 10)
SELECT p.*, (SELECT count(*) FROM (SELECT 1 FROM found LIMIT 1001) AS bounded),
    (SELECT array_agg(s.name_es ORDER BY l.is_primary DESC) FROM doctors_doctorspecialty l
        JOIN doctors_specialty s ON s.id = l.specialty_id WHERE l.doctor_id = p.id),
    (SELECT json_agg(o) FROM doctors_office o WHERE o.doctor_id = p.id AND o.is_active),
    (SELECT json_agg(v) FROM doctors_visittype v WHERE v.doctor_id = p.id AND v.is_active)
FROM page p ORDER BY next_free_at NULLS LAST, id
"""

_PROJECTION = """
WITH bounded AS (
    SELECT modes, languages, next_free_in_person_at, next_free_video_at FROM doctors_directoryentry LIMIT 1001
), page AS (
    SELECT * FROM doctors_directoryentry ORDER BY next_free_at NULLS LAST, id LIMIT 10
)
SELECT p.*, (SELECT json_agg(f) FROM (SELECT modes, languages, count(*) FROM bounded GROUP BY 1, 2) AS f),
    (SELECT json_agg(s.name_es) FROM doctors_specialty s WHERE s.id = ANY(p.specialty_ids)),
    (SELECT json_agg(o) FROM doctors_office o WHERE o.doctor_id = p.doctor_id AND o.is_active)
FROM page p ORDER BY next_free_at NULLS LAST, id
"""

# As a replica the session fires no trigger, so that a million rows come in a minute.
_BOOKINGS = (
    "SET session_replication_role = replica",
    """INSERT INTO accounts_patient (id, created_at, updated_at, first_name, last_name, email, phone, language,
        time_zone, sex, address, city, emergency_contact_name, emergency_contact_phone)
    SELECT gen_random_uuid(), now(), now(), 'P', number::text, '', '', 'es', 'America/Bogota', 'unknown', '', '', '', ''
    FROM generate_series(1, %(doctors)s) AS number""",
    """CREATE TEMPORARY TABLE crew AS SELECT d.id AS doctor_id, v.id AS visit_type_id, o.id AS office_id,
        row_number() OVER (ORDER BY d.id) - 1 AS place
    FROM doctors_doctor d JOIN doctors_visittype v ON v.doctor_id = d.id AND v.kind = 'standard'
    JOIN doctors_office o ON o.doctor_id = d.id""",
    "CREATE TEMPORARY TABLE people AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_patient",
    "CREATE INDEX ON people (place)",
    # Visit k of every doctor falls into the same hour, and each then has another patient.
    """CREATE TEMPORARY TABLE visits AS SELECT gen_random_uuid() AS id, c.doctor_id, c.visit_type_id, c.office_id,
        p.id AS patient_id, date_trunc('hour', now()) + (k - %(each)s / 2) * interval '3 hours' AS starts_at
    FROM crew c CROSS JOIN generate_series(1, %(each)s) AS k
    JOIN people p ON p.place = (c.place + k * 997) %% %(doctors)s""",
    """INSERT INTO bookings_booking (id, created_at, updated_at, reference, patient_id, doctor_id, visit_type_id,
        visit_mode, office_id, starts_at, duration_minutes, ends_at, status, channel, policy_number, price_minor,
        discount_minor, currency, payment_method, free_cancellation_hours, late_fee_percent, patient_notes,
        meeting_link, cancellation_reason, revision)
    SELECT id, now(), now(), left(md5(id::text), 12), patient_id, doctor_id, visit_type_id, 'in_person', office_id,
        starts_at, 30, starts_at + interval '30 minutes', 'confirmed', 'app', '', 0, 0, 'COP', 'free', 24, 0, '', '',
        '', 0 FROM visits""",
    """INSERT INTO bookings_busyperiod (id, created_at, updated_at, doctor_id, period, booking_id)
    SELECT gen_random_uuid(), now(), now(), doctor_id, tstzrange(starts_at, starts_at + interval '30 minutes'), id
    FROM visits""",
)


def add_bookings(superuser_url: str, doctors: int) -> int:
    """Visits before and after now, with the doctors' time taken; their number."""
    with psycopg.connect(superuser_url) as connection:
        for statement in _BOOKINGS:
            connection.execute(
                statement, {"doctors": doctors, "each": BOOKINGS_EACH} if "%" in statement else None
            )
        return connection.execute("SELECT count(*) FROM bookings_booking").fetchone()[0]  # type: ignore[index]


def tidy(superuser_url: str) -> None:
    """What autovacuum does by itself on a server that is not thrown away."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def copy_database(superuser_url: str, name: str) -> None:
    from django.db import connections

    connections["default"].close()
    connections["default"].close_pool()
    with psycopg.connect(superuser_url.replace("/medai", "/postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE medai")


def second_database(name: str) -> Callable[[bool], None]:
    """A switch between the default database and its smaller copy, for the whole of Django."""
    from django.db import connections

    large = connections["default"]
    small = type(large)({**large.settings_dict, "NAME": name}, alias=name)
    connections[name] = small

    def use(is_small: bool) -> None:
        connections["default"] = small if is_small else large

    return use


def page(client: Any) -> Callable[[], object]:
    def get() -> object:
        answer = client.get(PAGE)
        if answer.status_code != 200 or answer.content.count(b"card doc") != 10:
            raise AssertionError("the page must show ten doctors")
        return answer

    return get


def cold(get: Callable[[], object]) -> Callable[[], object]:
    from medai.common import localtime, money
    from medai.common.components import remembered

    def forget_and_get() -> object:
        for kept in (remembered._rendered, localtime.format_date, localtime._said, money._formatted):
            kept.cache_clear()
        return get()

    return forget_and_get


def bare(statement: str) -> Callable[[], object]:
    """The statement in a transaction of a visitor, over a connection that stays open."""
    connection = psycopg.connect(os.environ["DATABASE_URL"])

    def ask() -> object:
        with connection.transaction():
            connection.execute(_SET)
            rows = connection.execute(statement).fetchall()
        if len(rows) != 10:
            raise AssertionError("the statement must find ten doctors")
        return rows

    return ask


def main() -> int:
    from bench.bookings import count_queries

    with stage("bench-directory") as services:
        from django.test import Client

        from bench import directory_data as data

        superuser = services.postgres.url(database="medai")
        get = page(Client())
        data.grow_to(FEW)
        tidy(superuser)
        copy_database(superuser, "medai_small")
        data.grow_to(SOME, already=FEW)
        number = add_bookings(superuser, SOME)
        tidy(superuser)
        queries = count_queries(get)
        print(f"{SOME} doctors, {number} bookings; queries of the page: {queries} (must <= {QUERIES})")
        nothing, projected = "page, nothing remembered", "SQL over the projection"
        sides = {
            "page": get,
            nothing: cold(get),
            "SQL": bare(_WITHOUT_PROJECTION),
            projected: bare(_PROJECTION),
        }
        rows = [
            Row("directory page, soonest first", sides, "page", "SQL", 3.0, turns=25, number=3),
            Row("with nothing remembered", sides, nothing, "SQL", 3.0, turns=25, number=3),
            Row("beside the least there could be", sides, "page", projected, None, turns=25, number=3),
        ]
        results = run(rows)
        data.grow_to(MANY, already=SOME)
        tidy(superuser)
        growth = grow(get, second_database("medai_small"))
        results += run([growth])
        if len(sys.argv) > 1:
            save(results, Path(sys.argv[1]))
        return 0 if queries <= QUERIES and all(result.passed for result in results) else 1


def save(results: list[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([result.as_dict() for result in results], indent=2) + "\n")


def grow(get: Callable[[], object], use: Callable[[bool], None]) -> Row:
    def of(is_small: bool) -> Callable[[], object]:
        def timed() -> object:
            use(is_small)
            return get()

        return timed

    sides = {f"{FEW} doctors": of(True), f"{MANY} doctors": of(False)}
    name = f"directory page, {FEW} to {MANY} doctors"
    return Row(name, sides, f"{MANY} doctors", f"{FEW} doctors", 2.0, turns=25, number=3)


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(code)
