"""Every handler stands being run twice: a worker may die after its effect and before it could say so."""

from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.mail import EmailMessage
from django.db.models.functions import Now

from accounts import mail as sign_in_mail
from accounts.models import Role
from accounts.services import people, users
from bookings import services
from doctors.services import verification
from medai.common import outbox
from medai.common.identity import acting_as_system
from medai.common.models import OutboxEvent
from medai.common.outbox import registry
from messaging.services import preferences, sending
from tests.factories import bookings as make
from tests.factories.accounts import make_staff

pytestmark = pytest.mark.django_db
# When it was done is no effect.
MOMENTS = frozenset({"updated_at", "checked_at", "claimed_at"})


def everything() -> dict[str, list[Any]]:
    """All rows of the product but the events, without when they were last touched."""
    with acting_as_system("test"):
        return {
            model._meta.label: sorted(
                str({name: value for name, value in row.items() if name not in MOMENTS})
                for row in model.objects.values()
            )
            for app in ("accounts", "doctors", "bookings", "messaging")
            for model in apps.get_app_config(app).get_models()
        }


def much_happens(user: Any, patient: Any) -> None:
    """Events for each handler there is."""
    doctor = make.make_doctor(
        confirmation_mode="by_hand", credential_status="pending_review", is_approved=False, submitted_at=Now()
    )
    with make.as_user(make_staff(Role.ADMIN)):
        verification.review(doctor_id=doctor.pk, decision="verified")
    booking = make.book(user, patient, doctor)
    with make.as_user(doctor.user):
        services.confirm(booking_id=booking.pk)
    with make.as_user(user):
        services.reschedule(booking_id=booking.pk, starts_at=make.MONDAY_9.replace(hour=16))
        preferences.update_preferences(user_id=user.pk, reminder_24_hours=False)
        cancelled = make.book(user, patient, make.make_doctor())
        services.cancel(booking_id=cancelled.pk)
    child = make.make_patient(user, relationship="child")
    make.hold(user, child, make.make_doctor())
    people.remove_dependent(user=user, patient_id=child.pk)
    with make.as_user(make_staff(Role.SUPER_ADMIN)):
        users.ban(user_id=doctor.user_id)
    sign_in_mail.post(EmailMessage("Code", "123456", to=[user.email]))


def test_every_event_handled_twice_has_one_effect(mariana: Any, patient: Any) -> None:
    much_happens(mariana, patient)
    outbox.drain()
    with acting_as_system("test"):
        sending.send_due()
        handled = set(OutboxEvent.objects.exclude(handler="").values_list("handler", flat=True))
    once, mails = everything(), len(mail.outbox)
    with acting_as_system("test"):
        again = OutboxEvent.objects.exclude(handler="").update(done_at=None, available_at=Now())
    assert outbox.drain() == again
    with acting_as_system("test"):
        sending.send_due()
    assert everything() == once
    assert len(mail.outbox) == mails
    assert handled == {entry.name for entry in registry.all_handlers()}
