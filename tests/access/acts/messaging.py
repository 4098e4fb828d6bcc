"""Messages: whose they are, and who is told."""

from typing import Any

from django.utils import timezone

from medai.common.identity import acting_as_system
from messaging import notices, recipients
from messaging.models import NotificationKind
from messaging.services import planning, sending
from messaging.services.claims import Claim
from tests.access.acts.stage import Stage, losing
from tests.factories import messaging as make


@losing("messaging.notices.entries user")
def a_doctors_notice_is_of_the_own_practice(stage: Stage) -> list[str]:
    user = stage.world.users["dB"]
    with acting_as_system("test"):
        notice = make.make_notice(user, kind=NotificationKind.DOCTOR_VERIFIED)
        return [entry.text for entry in notices.entries([notice], user)]


@losing("messaging.recipients.accounts pk__in")
def who_is_told_was_asked_for(stage: Stage) -> list[Any]:
    with acting_as_system("test"):
        return sorted(recipients.accounts([stage.world.users["pB"].pk]))


@losing("messaging.recipients.caring_for patient_id__in", "messaging.recipients.without_account pk__in")
def who_is_told_cares_for_the_patient(stage: Stage) -> list[Any]:
    asked = [stage.world.patients["desk"].pk]
    with acting_as_system("test"):
        return sorted(recipients.caring_for(asked)) + sorted(recipients.without_account(asked))


@losing(
    "messaging.services.planning.plan_reminders_of_account patient__guardianships__user_id",
    "messaging.services.planning.plan_reminders_of_patient patient_id",
)
def reminders_are_planned_anew_for_ones_own_visits(stage: Stage) -> tuple[int, int]:
    world = stage.world
    with acting_as_system("test"):
        return (
            planning.plan_reminders_of_account(user_id=world.users["pB"].pk),
            planning.plan_reminders_of_patient(patient_id=world.patients["pB child"].pk),
        )


@losing("messaging.services.sending._load user_id__in")
def relationships_are_of_who_is_told(stage: Stage) -> int:
    with acting_as_system("test"):
        told = make.make_notification(stage.world.users["pB"], stage.world.bookings["bb"])
        return len(sending._load([Claim(told.pk, timezone.now())]).relationships)
