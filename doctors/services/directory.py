"""Keeping the directory's projection: run by every service that changes what the directory shows."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from medai.common.identity import acting_as_system

# With few reviews an average says little: it counts as if this many reviews of the usual mark came with it.
USUAL_RATING = 4.3
REVIEWS_OF_USUAL_RATING = 8

# One pass over the tables for any number of doctors. Each row of `tags` is one filter; see `doctors.directory.tags`.
_ENTRIES = """
WITH chosen AS (
    SELECT * FROM doctors_doctor WHERE is_public AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
), specialties AS (
    SELECT l.doctor_id, array_agg(l.specialty_id ORDER BY l.is_primary DESC, l.created_at) AS ids,
        array_agg('s:' || s.slug) AS tags
    FROM doctors_doctorspecialty l JOIN doctors_specialty s ON s.id = l.specialty_id
    WHERE l.doctor_id IN (SELECT id FROM chosen) AND s.is_active GROUP BY l.doctor_id
), offices AS (
    SELECT doctor_id, array_agg(DISTINCT 'c:' || replace(app.words(city), ' ', '-')) AS tags
    FROM doctors_office WHERE is_active AND doctor_id IN (SELECT id FROM chosen) GROUP BY doctor_id
), visits AS (
    SELECT doctor_id, bool_or('video' = ANY(modes)) AS by_video, bool_or('in_person' = ANY(modes)) AS in_person,
        (array_agg(fee_minor ORDER BY kind <> 'standard', fee_minor))[1] AS fee_minor,
        (array_agg(currency ORDER BY kind <> 'standard', fee_minor))[1] AS currency
    FROM doctors_visittype WHERE is_active AND doctor_id IN (SELECT id FROM chosen) GROUP BY doctor_id
), insurers AS (
    SELECT doctor_id, array_agg('i:' || insuranceprovider_id) AS tags
    FROM doctors_doctor_accepted_insurers WHERE doctor_id IN (SELECT id FROM chosen) GROUP BY doctor_id
), free AS (
    SELECT doctor_id, max(next_free_at) FILTER (WHERE visit_mode = 'video') AS by_video,
        max(next_free_at) FILTER (WHERE visit_mode = 'in_person') AS in_person,
        max(free_days) FILTER (WHERE visit_mode = 'video') AS days_by_video,
        max(free_days) FILTER (WHERE visit_mode = 'in_person') AS days_in_person
    FROM doctors_doctoravailability WHERE doctor_id IN (SELECT id FROM chosen) GROUP BY doctor_id
), modes AS (
    SELECT c.id AS doctor_id, array_remove(ARRAY[
        CASE WHEN v.in_person AND o.doctor_id IS NOT NULL THEN 'in_person' END,
        CASE WHEN v.by_video THEN 'video' END], NULL) AS modes
    FROM chosen c LEFT JOIN visits v ON v.doctor_id = c.id LEFT JOIN offices o ON o.doctor_id = c.id
)
INSERT INTO doctors_directoryentry (id, created_at, updated_at, doctor_id, slug, name, photo, specialty_ids,
    languages, modes, tags, fee_minor, currency, fee_group, rating_average, rating_count, rating_score,
    is_accepting_new_patients, time_zone, horizon_days, next_free_in_person_at, next_free_video_at,
    free_days_in_person, free_days_video)
SELECT gen_random_uuid(), now(), now(), c.id, c.slug,
    btrim(c.title || ' ' || c.first_name || ' ' || c.last_name), c.photo, coalesce(s.ids, '{}'),
    c.languages, m.modes,
    coalesce(s.tags, '{}') || coalesce(o.tags, '{}') || coalesce(i.tags, '{}')
        || ARRAY(SELECT 'l:' || code FROM unnest(c.languages) AS code)
        || ARRAY(SELECT 'm:' || mode FROM unnest(m.modes) AS mode)
        || ARRAY(SELECT 'n:' || word FROM
            unnest(string_to_array(app.words(c.first_name || ' ' || c.last_name), ' ')) AS word),
    v.fee_minor, coalesce(v.currency, ''), (coalesce(v.currency, '') <> %(currency)s)::int,
    c.rating_average, c.rating_count,
    CASE WHEN c.rating_count > 0 THEN (c.rating_average * c.rating_count + %(usual)s * %(weight)s)
        / (c.rating_count + %(weight)s) END,
    c.is_accepting_new_patients, c.time_zone, c.horizon_days, f.in_person, f.by_video,
    coalesce(f.days_in_person, '{}'), coalesce(f.days_by_video, '{}')
FROM chosen c JOIN modes m ON m.doctor_id = c.id
    LEFT JOIN specialties s ON s.doctor_id = c.id LEFT JOIN offices o ON o.doctor_id = c.id
    LEFT JOIN visits v ON v.doctor_id = c.id LEFT JOIN insurers i ON i.doctor_id = c.id
    LEFT JOIN free f ON f.doctor_id = c.id
ON CONFLICT (doctor_id) DO UPDATE SET updated_at = excluded.updated_at, slug = excluded.slug,
    name = excluded.name, photo = excluded.photo, specialty_ids = excluded.specialty_ids,
    languages = excluded.languages, modes = excluded.modes, tags = excluded.tags,
    fee_minor = excluded.fee_minor, currency = excluded.currency, fee_group = excluded.fee_group,
    rating_average = excluded.rating_average, rating_count = excluded.rating_count,
    rating_score = excluded.rating_score, is_accepting_new_patients = excluded.is_accepting_new_patients,
    time_zone = excluded.time_zone, horizon_days = excluded.horizon_days,
    next_free_in_person_at = excluded.next_free_in_person_at, next_free_video_at = excluded.next_free_video_at,
    free_days_in_person = excluded.free_days_in_person, free_days_video = excluded.free_days_video
"""

_NO_LONGER_PUBLIC = """
DELETE FROM doctors_directoryentry WHERE (%(ids)s::uuid[] IS NULL OR doctor_id = ANY(%(ids)s::uuid[]))
    AND NOT EXISTS (SELECT 1 FROM doctors_doctor d WHERE d.id = doctor_id AND d.is_public)
"""

_FORGET_PLACES = """
DELETE FROM doctors_directoryplace WHERE %(ids)s::uuid[] IS NULL OR doctor_id = ANY(%(ids)s::uuid[])
"""

_PLACES = """
INSERT INTO doctors_directoryplace (id, created_at, updated_at, doctor_id, latitude, longitude)
SELECT gen_random_uuid(), now(), now(), o.doctor_id, o.latitude, o.longitude
FROM doctors_office o JOIN doctors_directoryentry e ON e.doctor_id = o.doctor_id
WHERE o.is_active AND o.latitude IS NOT NULL
    AND (%(ids)s::uuid[] IS NULL OR o.doctor_id = ANY(%(ids)s::uuid[]))
"""

# Words of names and cities stay when the last doctor who bore them leaves: they then lead to nobody.
_TERMS = """
INSERT INTO doctors_searchterm (id, created_at, updated_at, kind, term, target, label)
SELECT gen_random_uuid(), now(), now(), kind, term, target, label FROM (
    SELECT 'name' AS kind, left(substr(tag, 3), 120) AS term, left(substr(tag, 3), 120) AS target, '' AS label
    FROM doctors_directoryentry, unnest(tags) AS tag
    WHERE tag LIKE 'n:%%' AND (%(ids)s::uuid[] IS NULL OR doctor_id = ANY(%(ids)s::uuid[]))
    UNION
    SELECT 'city', app.words(o.city), replace(app.words(o.city), ' ', '-'), min(o.city)
    FROM doctors_office o JOIN doctors_directoryentry e ON e.doctor_id = o.doctor_id
    WHERE o.is_active AND (%(ids)s::uuid[] IS NULL OR o.doctor_id = ANY(%(ids)s::uuid[]))
    GROUP BY app.words(o.city)
) AS found WHERE term <> '' ON CONFLICT (term, kind, target) DO NOTHING
"""


@transaction.atomic
def refresh(*, doctor_ids: Iterable[UUID] | None = None) -> None:
    """Bring the directory's rows of these doctors (None: of all) in line with their own tables.

    Part of the caller's transaction, so that the directory never shows what was not committed. Whoever writes
    doctors past the services (seeds, imports) calls it once afterwards.
    """
    parameters = {
        "ids": None if doctor_ids is None else list(doctor_ids),
        "currency": settings.DEFAULT_CURRENCY,
        "usual": USUAL_RATING,
        "weight": REVIEWS_OF_USUAL_RATING,
    }
    with acting_as_system("directory"), connection.cursor() as cursor:
        for statement in (_NO_LONGER_PUBLIC, _ENTRIES, _FORGET_PLACES, _PLACES, _TERMS):
            cursor.execute(statement, parameters)
