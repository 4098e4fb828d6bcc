"""What routes are asked about: objects of patient A and doctor A, and bodies where an empty one would not do."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from medai.common.files import signed_link
from tests.access.asking import Route
from tests.access.world import World


def arguments_of(world: World, route: Route) -> dict[str, Any]:
    """The values of a route's parameters."""
    one = world.one
    common = {
        "patient_id": world.patients["pA child"].pk,
        "policy_id": one["policy pA"].pk,
        "booking_id": world.bookings["aa"].pk,
        "doctor_id": world.doctors["dA"].pk,
        "slug": world.doctors["dA"].slug,
        "credential_id": one["credential dA"].pk,
        "exception_id": one["exception dA"].pk,
        "visit_type_id": one["visit type dA"].pk,
        "office_id": one["office dA"].pk,
        "specialty_id": one["specialty"].pk,
        "notice_id": one["notice pA"].pk,
        "user_id": world.users["pA"].pk,
        "session_id": one["api session pA"].pk,
        "secret": one["feed pA"],
        "token": one["link"],
        "name": one["photo"],
        "section": "pages",
        "path": "v1/nowhere/",
        "url": "nowhere/",
        "pk": one["passkey pA"].pk,
        "app_label": "accounts",
        "object_id": "1",
    }
    return common | _special(world, route.name) | _console(world, route.pattern)


def _special(world: World, name: str) -> dict[str, Any]:
    held = {"booking_id": world.bookings["ab held"].pk}
    return {
        "bookings:details": held,
        "bookings:leave": held,
        "accounts:session-end-web": {"session_id": world.one["web session pA"].pk},
        "accounts:person-claim": {"patient_id": world.patients["desk"].pk},
        "doctors:onboarding-step": {"name": "hours"},
        "file": {"token": _link_to_file(world)},
    }.get(name, {})


def _link_to_file(world: World) -> str:
    """A fresh one, as it lives for minutes only."""
    return signed_link(world.one["credential dA"], "file", world.users["dA"]).rsplit("/", 1)[-1]


def _console(world: World, pattern: str) -> dict[str, Any]:
    """In the console each model is asked about a row of its own: A's where there is one."""
    parts = pattern.split("/")
    if pattern.startswith("admin/r/"):
        kind = ContentType.objects.get_for_model(User)
        return {"content_type_id": kind.pk, "object_id": world.users["pA"].pk}
    if len(parts) < 4 or parts[0] != "admin":
        return {}
    if parts[2] == "doctorverification":
        # The queue holds those who wait.
        return {"object_id": world.doctors["dC"].pk}
    rows = world.rows.get(f"{parts[1]}_{parts[2]}", {})
    label = next((one for one in ("pA", "dA", "aa", *rows) if one in rows), None)
    return {"object_id": rows[label]} if label else {}


def query_of(world: World, route: Route) -> str:
    """The query string, without which some pages have nothing to show."""
    day = world.bookings["aa"].starts_at.date()
    doctor = world.doctors["dA"].pk
    return {
        "bookings:doctor-events": f"?start={day}&end={day + timedelta(days=1)}",
        "bookings:doctor-calendar": f"?date={day}",
        "bookings:card-slots": f"?doctors={doctor}",
        "bookings:start": _start(world),
        "doctors:suggest": "?q=am",
        "v1:public-slots": f"?doctor={doctor}&date_from={day}",
        "admin:autocomplete": "?app_label=bookings&model_name=booking&field_name=patient&term=z",
    }.get(route.name, "")


def _start(world: World) -> str:
    values = {"start": _other_time(world), "visit_type": _standard(world), "visit_mode": "video"}
    return f"?{urlencode(values)}"


def _other_time(world: World) -> str:
    return (world.bookings["aa"].starts_at + timedelta(days=1)).isoformat()


def _standard(world: World) -> str:
    return str(world.bookings["aa"].visit_type_id)


def body_of(world: World, route: Route, method: str) -> dict[str, Any] | None:
    """What is sent, so that the object and not the form decides. All of it is A's."""
    mine = str(world.patients["pA"].pk)
    insurer = str(world.one["other insurer"].pk)
    policy = {"provider": insurer, "policy_number": "1"}
    moved = {"starts_at": _other_time(world)}
    hold = {
        "doctor": str(world.doctors["dA"].pk),
        "patient": mine,
        "visit_type": _standard(world),
        "visit_mode": "video",
        **moved,
    }
    bodies: dict[str, dict[str, Any]] = {
        "POST accounts:person-claim": {"relationship": "other"},
        "POST accounts:policy": {"patient": mine, **policy},
        "POST accounts:policy-add": {"patient": mine, **policy},
        "POST bookings:cancel": {"reason": "x"},
        "POST bookings:details": {"patient": mine, "payment_method": "at_clinic"},
        "POST bookings:doctor-cancel": {"reason": "x"},
        "POST bookings:reschedule": {"start": _other_time(world)},
        "POST bookings:start": {
            "start": _other_time(world),
            "visit_type": _standard(world),
            "visit_mode": "video",
        },
        "POST v1:admin-bookings": {**hold, "channel": "phone"},
        "POST v1:admin-doctor-approval": {"decision": "withdrawn"},
        "POST v1:admin-impersonate": {"user": str(world.users["pA"].pk), "reason": "Asked to by phone"},
        "POST v1:doctor-booking-reschedule": moved,
        "POST v1:patient-booking-reschedule": moved,
        "POST v1:patient-bookings": {"hold": str(world.bookings["ab held"].pk)},
        "POST v1:patient-holds": hold,
        "POST v1:patient-insurance": {"patient": mine, **policy},
        "PATCH v1:patient-profile": {"city": "Otra"},
        "PUT v1:admin-user-role": {"role": "doctor"},
    }
    return bodies.get(f"{method} {route.name}")
