"""A doctor's practice through the API; and never anybody else's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Role
from doctors.models import Credential, Doctor, Office, ScheduleException, VisitType
from medai.common.identity import acting_as_system
from medai.common.outbox.models import OutboxEvent
from tests.doctors.api import call, codes, upload
from tests.factories import doctors as make
from tests.factories.accounts import bearer, make_insurer, make_staff, make_user, signed_in

pytestmark = pytest.mark.django_db

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


NOBODYS = "00000000-0000-0000-0000-000000000000"
NINE = {"day_of_week": 3, "start": "09:00", "end": "10:00"}


def events(kind: str) -> int:
    with acting_as_system("test"):
        return OutboxEvent.objects.filter(kind=kind).values("subject_id", "created_at").distinct().count()


def version(doctor: Doctor) -> int:
    return make.fresh(doctor).schedule_version


# --- Profile ---


def test_an_account_sets_up_its_profile_once() -> None:
    user = make.make_doctor_user(first_name="Laura", last_name="Rojas")
    assert call(user, "get", "doctor/profile/").status_code == 409
    created = call(user, "post", "doctor/profile/", {})
    assert created.status_code == 201, created.content
    data = created.json()["data"]
    assert (data["slug"], data["is_public"], data["credential_status"]) == (
        "laura-rojas",
        False,
        "pending_review",
    )
    assert sorted(one["kind"] for one in data["visit_types"]) == ["follow_up", "standard"]
    again = call(user, "post", "doctor/profile/", {})
    assert (again.status_code, codes(again)) == (409, [(None, "already_a_doctor")])


def test_names_alike_get_different_addresses_and_reserved_words_none() -> None:
    slugs = []
    for first_name, last_name in (("Ana", "Gómez"), ("Ana", "Gomez"), ("Photos", "")):
        user = make.make_doctor_user(first_name=first_name, last_name=last_name or "…")
        slugs.append(call(user, "post", "doctor/profile/", {}).json()["data"]["slug"])
    assert slugs == ["ana-gomez", "ana-gomez-2", "photos-2"]


def test_profile_changes_are_checked_field_by_field() -> None:
    doctor, insurer = make.make_practice(), make_insurer()
    specialty = make.make_specialty()
    changed = call(
        doctor.user,
        "patch",
        "doctor/profile/",
        {
            "bio_en": "  I explain each test calmly. ",
            "languages": ["es", "en"],
            "specialties": [str(specialty.pk)],
            "insurers": [str(insurer.pk)],
            "qualifications": [
                {"title_es": "Médica", "year": 2006},
                {"title_es": "Cardióloga", "institution": "Rosario", "year": 2012},
            ],
        },
    )
    assert changed.status_code == 200, changed.content
    data = changed.json()["data"]
    assert data["bio_en"] == "I explain each test calmly."
    assert [one["year"] for one in data["qualifications"]] == [2012, 2006]
    assert [one["slug"] for one in data["specialties"]] == [specialty.slug]
    assert [one["name"] for one in data["insurers"]] == [insurer.name]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"languages": ["xx"]}, "languages"),
        ({"experience_years": 71}, "experience_years"),
        ({"first_name": ""}, "first_name"),
        ({"bio_es": "a" * 4001}, "bio_es"),
        ({"specialties": []}, "specialties"),
        ({"specialties": [NOBODYS]}, "specialties"),
        ({"insurers": [NOBODYS]}, "insurers"),
        ({"qualifications": [{"institution": "Rosario"}]}, "qualifications.0.title_es"),
        ({"qualifications": [{"title_es": "Médica", "year": 2100}]}, "qualifications.0.year"),
    ],
)
def test_a_wrong_profile_changes_nothing(change: dict[str, Any], field: str) -> None:
    doctor = make.make_practice()
    before = make.fresh(doctor)
    answer = call(doctor.user, "patch", "doctor/profile/", {"bio_en": "new", **change})
    assert answer.status_code == 400, answer.content
    assert codes(answer)[0][0] == field
    assert make.fresh(doctor).updated_at == before.updated_at


@pytest.mark.parametrize("field", ["first_name", "last_name", "license_number", "specialties"])
def test_what_was_verified_stays(field: str) -> None:
    doctor = make.make_public_doctor()
    value = [str(make.make_specialty().pk)] if field == "specialties" else "Otro"
    answer = call(doctor.user, "patch", "doctor/profile/", {field: value})
    assert (answer.status_code, codes(answer)) == (409, [(field, "kept_as_verified")])
    assert call(doctor.user, "patch", "doctor/profile/", {"bio_es": "Nueva"}).status_code == 200


def test_not_accepting_new_patients_is_news_for_whoever_computes_slots() -> None:
    doctor = make.make_public_doctor()
    before = version(doctor)
    call(doctor.user, "patch", "doctor/profile/", {"bio_es": "Otra"})
    assert version(doctor) == before
    call(doctor.user, "patch", "doctor/profile/", {"is_accepting_new_patients": False})
    assert version(doctor) == before + 1


# --- Schedule ---


def test_schedule_is_read_and_replaced_under_its_version() -> None:
    doctor = make.make_practice()
    read = call(doctor.user, "get", "doctor/schedule/").json()["data"]
    assert read["weekly_hours"][0]["start"] == "08:00"
    assert read["rules"]["slot_minutes"] == 30
    hours = [{"day_of_week": 6, "start": "22:00", "end": "24:00", "mode": "video", "slot_minutes": 20}]
    body = {"version": read["version"], "weekly_hours": hours, "rules": {"horizon_days": 30}}
    written = call(doctor.user, "put", "doctor/schedule/", body)
    assert written.status_code == 200, written.content
    data = written.json()["data"]
    assert data["version"] > read["version"]
    assert (data["weekly_hours"][0]["end"], data["rules"]["horizon_days"]) == ("24:00", 30)
    assert data["rules"]["slot_minutes"] == 30
    assert make.stored_hours(doctor) == [(6, 1320, 1440)]


def test_a_stale_schedule_is_refused_and_changes_nothing() -> None:
    doctor = make.make_practice()
    read = call(doctor.user, "get", "doctor/schedule/").json()["data"]
    call(doctor.user, "patch", "doctor/profile/", {"is_accepting_new_patients": False})
    before, recorded = make.stored_hours(doctor), events("doctor.schedule_changed")
    answer = call(doctor.user, "put", "doctor/schedule/", {"version": read["version"], "weekly_hours": []})
    assert (answer.status_code, codes(answer)) == (409, [("version", "stale_schedule")])
    assert (make.stored_hours(doctor), events("doctor.schedule_changed")) == (before, recorded)


@pytest.mark.parametrize(
    ("hours", "field", "code"),
    [
        ([NINE, {**NINE, "start": "09:30", "end": "11:00"}], "", "overlapping_hours"),
        ([{**NINE, "start": "12:00", "end": "08:00"}], "", "invalid_hours"),
        ([{**NINE, "start": "25:00"}], ".start", "invalid"),
        ([{**NINE, "day_of_week": 7}], ".day_of_week", "invalid_choice"),
        ([{**NINE, "slot_minutes": 1}], ".slot_minutes", "min_value"),
        ([{**NINE, "office": NOBODYS}], ".office", "unknown_office"),
    ],
)
def test_wrong_hours_are_named_and_change_nothing(hours: Any, field: str, code: str) -> None:
    doctor = make.make_practice()
    before = make.stored_hours(doctor), version(doctor)
    body = {"version": version(doctor), "weekly_hours": hours}
    answer = call(doctor.user, "put", "doctor/schedule/", body)
    assert answer.status_code == 400, answer.content
    assert (f"weekly_hours.0{field}", code) in codes(answer)
    assert (make.stored_hours(doctor), version(doctor)) == before


def test_overlap_says_which_ranges_of_which_day() -> None:
    doctor = make.make_practice(make.make_doctor_user(language="en"))
    hours = [
        {"day_of_week": 3, "start": "07:30", "end": "12:00"},
        {"day_of_week": 3, "start": "11:30", "end": "17:30"},
    ]
    body = {"version": version(doctor), "weekly_hours": hours}
    answer = call(doctor.user, "put", "doctor/schedule/", body)
    assert "07:30–12:00 and 11:30–17:30 of Wednesday overlap" in answer.json()["errors"][0]["message"]


def test_an_office_of_somebody_else_is_not_taken() -> None:
    doctor, other = make.make_practice(), make.make_public_doctor()
    hours = [{"day_of_week": 1, "start": "08:00", "end": "09:00", "office": str(make.office_of(other).pk)}]
    body = {"version": version(doctor), "weekly_hours": hours}
    answer = call(doctor.user, "put", "doctor/schedule/", body)
    assert codes(answer) == [("weekly_hours.0.office", "unknown_office")]


# --- Exceptions ---


def add(doctor: Doctor, **fields: Any) -> Any:
    return call(doctor.user, "post", "doctor/exceptions/", {"date": TOMORROW, "kind": "blocked", **fields})


def listed(doctor: Doctor) -> list[tuple[str, str | None, str | None]]:
    data = call(doctor.user, "get", "doctor/exceptions/").json()["data"]
    return [(one["kind"], one["start"], one["end"]) for one in data]


def test_blocked_time_that_touches_becomes_one_block() -> None:
    doctor = make.make_practice()
    add(doctor, start="08:00", end="10:00", reason="Congreso")
    add(doctor, start="12:00", end="13:00")
    assert listed(doctor) == [("blocked", "08:00", "10:00"), ("blocked", "12:00", "13:00")]
    merged = add(doctor, start="10:00", end="12:30")
    assert merged.status_code == 201
    assert listed(doctor) == [("blocked", "08:00", "13:00")]
    assert merged.json()["data"][0]["reason"] == "Congreso"
    add(doctor)
    assert listed(doctor) == [("blocked", None, None)]
    # The whole day is blocked already: nothing is left to block.
    add(doctor, start="15:00", end="16:00")
    assert listed(doctor) == [("blocked", None, None)]


def test_several_days_at_once() -> None:
    doctor = make.make_practice()
    last = (datetime.now(UTC) + timedelta(days=6)).date().isoformat()
    answer = add(doctor, until=last, reason="Vacaciones")
    assert len(answer.json()["data"]) == 5
    assert call(doctor.user, "get", "doctor/schedule/").json()["data"]["version"] == version(doctor)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"date": "2020-01-01"}, "date", "exception_in_the_past"),
        ({"date": "2099-01-01"}, "date", "exception_too_far_ahead"),
        ({"until": "2020-01-01"}, "until", "exceptions_too_many"),
        ({"kind": "extra_hours"}, "start", "exception_needs_hours"),
        ({"start": "10:00"}, "end", "exception_needs_hours"),
        ({"start": "10:00", "end": "09:00"}, "end", "invalid_hours"),
        ({"kind": "nap"}, "kind", "invalid_choice"),
        (
            {
                "kind": "extra_hours",
                "start": "08:00",
                "end": "09:00",
                "office": "00000000-0000-0000-0000-000000000000",
            },
            "office",
            "unknown_office",
        ),
    ],
)
def test_a_wrong_exception_is_named_and_changes_nothing(fields: Any, field: str, code: str) -> None:
    doctor = make.make_practice()
    before = version(doctor)
    answer = add(doctor, **fields)
    assert answer.status_code == 400, answer.content
    assert codes(answer) == [(field, code)]
    assert (listed(doctor), version(doctor)) == ([], before)


def test_other_hours_on_a_blocked_day_and_clashing_modes_are_refused() -> None:
    doctor = make.make_practice()
    add(doctor, kind="extra_hours", start="18:00", end="20:00", mode="video")
    clash = add(doctor, kind="extra_hours", start="19:00", end="21:00", mode="in_person")
    assert (clash.status_code, codes(clash)) == (409, [("start", "exception_overlaps")])
    assert add(doctor, kind="extra_hours", start="19:00", end="21:00", mode="video").status_code == 201
    assert listed(doctor) == [("extra_hours", "18:00", "21:00")]
    add(doctor)
    refused = add(doctor, kind="custom_hours", start="08:00", end="09:00")
    assert (refused.status_code, codes(refused)) == (409, [("date", "day_is_blocked")])


# --- Offices and visit types ---


def test_offices_are_added_changed_and_closed() -> None:
    doctor = make.make_practice()
    created = call(
        doctor.user,
        "post",
        "doctor/offices/",
        {
            "address": "Calle 10",
            "city": "Cali",
            "phone": "602 555 1234",
            "latitude": "3.45",
            "longitude": "-76.53",
        },
    )
    assert created.status_code == 201, created.content
    office = created.json()["data"]
    assert office["phone"] == "+576025551234"
    moved = call(doctor.user, "patch", f"doctor/offices/{office['id']}/", {"city": "Palmira"})
    assert moved.json()["data"]["city"] == "Palmira"
    assert call(doctor.user, "delete", f"doctor/offices/{office['id']}/").status_code == 200
    assert len(call(doctor.user, "get", "doctor/offices/").json()["data"]) == 1


def test_an_office_with_hours_stays_open() -> None:
    doctor = make.make_practice(make.make_doctor_user(language="en"))
    office = make.office_of(doctor)
    answer = call(doctor.user, "delete", f"doctor/offices/{office.pk}/")
    assert (answer.status_code, codes(answer)) == (409, [(None, "office_in_use")])
    assert "Monday, Tuesday" in answer.json()["message"]
    assert make.fresh(office).is_active


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"address": "", "city": "Cali"}, "address"),
        ({"address": "Calle 1"}, "city"),
        ({"address": "Calle 1", "city": "Cali", "phone": "12"}, "phone"),
        ({"address": "Calle 1", "city": "Cali", "latitude": "91", "longitude": "0"}, "latitude"),
        ({"address": "Calle 1", "city": "Cali", "latitude": "4.6"}, "latitude"),
        ({"address": "a" * 201, "city": "Cali"}, "address"),
    ],
)
def test_a_wrong_office_is_named(details: Any, field: str) -> None:
    doctor = make.make_practice()
    answer = call(doctor.user, "post", "doctor/offices/", details)
    assert answer.status_code == 400, answer.content
    assert codes(answer)[0][0] == field
    with acting_as_system("test"):
        assert Office.objects.filter(doctor=doctor).count() == 1


def test_visit_types_of_ones_own_beside_the_two_that_stay() -> None:
    doctor = make.make_practice()
    created = call(
        doctor.user,
        "post",
        "doctor/visit-types/",
        {
            "name_es": "Ecocardiograma",
            "duration_minutes": 45,
            "fee_minor": 34_000_000,
            "currency": "cop",
            "modes": ["in_person"],
        },
    )
    assert created.status_code == 201, created.content
    own = created.json()["data"]
    assert own["fee"] == {"amount_minor": 34_000_000, "currency": "COP", "display": "$\xa0340.000"}
    assert call(doctor.user, "delete", f"doctor/visit-types/{own['id']}/").status_code == 200
    with acting_as_system("test"):
        first = VisitType.objects.get(doctor=doctor, kind="standard")
    refused = call(doctor.user, "delete", f"doctor/visit-types/{first.pk}/")
    assert (refused.status_code, codes(refused)) == (409, [(None, "visit_type_needed")])
    assert make.fresh(first).is_active


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"modes": ["in_person"]}, "name_es"),
        ({"name_es": "Eco", "modes": []}, "modes"),
        ({"name_es": "Eco", "modes": ["telepathy"]}, "modes.0"),
        ({"name_es": "Eco", "modes": ["video"], "currency": "XYZ"}, "currency"),
        ({"name_es": "Eco", "modes": ["video"], "duration_minutes": 4}, "duration_minutes"),
        ({"name_es": "Eco", "modes": ["video"], "fee_minor": -1}, "fee_minor"),
        ({"name_es": "Eco", "modes": ["video"], "fee_minor": 10**16}, "fee_minor"),
    ],
)
def test_a_wrong_visit_type_is_named(details: Any, field: str) -> None:
    doctor = make.make_practice()
    answer = call(doctor.user, "post", "doctor/visit-types/", details)
    assert answer.status_code == 400, answer.content
    assert codes(answer)[0][0] == field


# --- Documents ---


def test_a_document_is_kept_once_and_served_by_a_link_of_ones_own() -> None:
    doctor = make.make_practice()
    created = upload(
        doctor.user, "doctor/credentials/", document_type="medical_degree", file=make.pdf("Título médico.pdf")
    )
    assert created.status_code == 201, created.content
    data = created.json()["data"]
    assert (data["original_name"], data["content_type"], data["status"]) == (
        "Título médico.pdf",
        "application/pdf",
        "pending",
    )
    twice = upload(
        doctor.user, "doctor/credentials/", document_type="medical_license", file=make.pdf("b.pdf")
    )
    assert (twice.status_code, codes(twice)) == (409, [("file", "credential_uploaded_twice")])
    assert len(make.credentials_of(doctor)) == 1
    link = call(doctor.user, "get", "doctor/credentials/").json()["data"][0]["url"]
    assert b"".join(signed_in(doctor.user).get(link).streaming_content).startswith(b"%PDF-")
    by_token = Client().get(link, headers=bearer(doctor.user))
    assert b"".join(by_token.streaming_content).startswith(b"%PDF-")
    assert Client().get(link, headers=bearer(make.make_practice().user)).status_code == 403
    assert signed_in(make.make_practice().user).get(link).status_code == 403
    assert Client().get(link).status_code == 403


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("diploma.pdf", b"MZ\x90\x00 not a document", "application/pdf"), "file_type_mismatch"),
        (SimpleUploadedFile("diploma.png", b"%PDF-1.4\n%%EOF", "image/png"), "file_type_mismatch"),
        (SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "application/pdf"), "file_type_mismatch"),
        (SimpleUploadedFile("diploma.pdf", b"%PDF-1.4" + b"0" * 11_000_000, "application/pdf"), "file_too_large"),
    ],
)  # fmt: skip
def test_a_file_that_lies_is_refused(file: SimpleUploadedFile, code: str) -> None:
    doctor = make.make_practice()
    answer = upload(doctor.user, "doctor/credentials/", document_type="medical_degree", file=file)
    assert (answer.status_code, codes(answer)) == (400, [("file", code)])
    assert make.credentials_of(doctor) == []


def test_submitting_needs_every_step_and_names_what_is_missing() -> None:
    user = make.make_doctor_user(language="en")
    call(user, "post", "doctor/profile/", {})
    refused = call(user, "post", "doctor/submission/")
    assert (refused.status_code, codes(refused)) == (409, [(None, "onboarding_incomplete")])
    assert "Profile, Documents, Hours, Fees and rules" in refused.json()["message"]
    complete = make.make_submitted_doctor()
    assert make.fresh(complete).submitted_at is not None
    assert events("doctor.submitted") == 1
    assert call(complete.user, "post", "doctor/submission/").status_code == 200
    assert events("doctor.submitted") == 1


# --- Other people's ---


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PHARMACIST, Role.ADMIN, Role.SUPER_ADMIN])
def test_only_doctors_have_a_practice(role: str) -> None:
    user = make_staff(role) if role in (Role.ADMIN, Role.SUPER_ADMIN) else make_user(role)
    for path in ("profile", "schedule", "exceptions", "offices", "visit-types", "credentials"):
        assert call(user, "get", f"doctor/{path}/").status_code == 403
        assert call(None, "get", f"doctor/{path}/").status_code == 401


def test_what_belongs_to_another_doctor_does_not_exist() -> None:
    mine, other = make.make_practice(), make.make_public_doctor()
    add(other, start="08:00", end="09:00")
    with acting_as_system("test"):
        exception = ScheduleException.objects.get(doctor=other)
        visit_type = VisitType.objects.filter(doctor=other).first()
        before = version(other)
    office = make.office_of(other)
    for method, path, body in (
        ("delete", f"exceptions/{exception.pk}", None),
        ("delete", f"offices/{office.pk}", None),
        ("patch", f"offices/{office.pk}", {"city": "Cali"}),
        ("delete", f"visit-types/{visit_type.pk}", None),
        ("patch", f"visit-types/{visit_type.pk}", {"fee_minor": 0}),
    ):
        assert call(mine.user, method, f"doctor/{path}/", body).status_code == 404
    assert (make.fresh(office).city, make.fresh(visit_type).fee_minor) == ("Bogotá", 18_000_000)
    assert make.fresh(exception) is not None
    assert version(other) == before


def test_the_database_itself_keeps_a_doctor_from_verifying_themselves() -> None:
    doctor = make.make_submitted_doctor()
    for change in (
        {"credential_status": "verified"},
        {"is_approved": True},
        {"rating_average": 5},
        {"first_published_at": datetime.now(UTC)},
    ):
        with make.as_user(doctor.user), pytest.raises(DatabaseError), transaction.atomic():
            Doctor.objects.filter(pk=doctor.pk).update(**change)
    with make.as_user(doctor.user):
        assert Credential.objects.filter(doctor=doctor).count() == 2
        with pytest.raises(DatabaseError), transaction.atomic():
            Credential.objects.filter(doctor=doctor).update(status="accepted")
    assert not make.fresh(doctor).is_public
