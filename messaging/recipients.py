"""Who is to be told, where they can be reached, and how they want it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import Guardianship, Patient, User
from messaging.models import NotificationPreferences
from messaging.quiet_hours import QuietHours

_PREFERENCES = (
    "email",
    "whatsapp",
    "sms",
    "reminder_24_hours",
    "reminder_2_hours",
    "quiet_from_minute",
    "quiet_until_minute",
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """A person's preferences; the model's defaults where they never chose."""

    email: bool
    whatsapp: bool
    sms: bool
    reminder_24_hours: bool
    reminder_2_hours: bool
    quiet_from_minute: int
    quiet_until_minute: int


_defaults = NotificationPreferences()
DEFAULT_WISHES = Wishes(*(getattr(_defaults, name) for name in _PREFERENCES))


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account, or a patient without one; exactly one of `user_id` and `patient_id` is set."""

    user_id: UUID | None
    patient_id: UUID | None
    email: str
    language: str
    time_zone: str
    wishes: Wishes

    @property
    def id(self) -> UUID:
        return self.user_id or self.patient_id  # type: ignore[return-value]  # one of them is set

    @property
    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.wishes.quiet_from_minute, self.wishes.quiet_until_minute, self.time_zone)


def caring_for(patient_ids: Collection[UUID]) -> dict[UUID, list[Recipient]]:
    """For each patient the accounts that care for them, or the patient's own contact where there is none.

    Two queries, whatever the number of patients; the second only if one of them has no account.
    """
    found: dict[UUID, list[Recipient]] = defaultdict(list)
    guardians = Guardianship.objects.filter(patient_id__in=patient_ids, user__is_active=True)
    for patient_id, *account in guardians.order_by("created_at").values_list(
        "patient_id", *_account("user__")
    ):
        found[patient_id].append(_of_account(account))
    alone = set(patient_ids) - found.keys()
    return found | {patient_id: [contact] for patient_id, contact in without_account(alone).items()}


def accounts(user_ids: Collection[UUID]) -> dict[UUID, Recipient]:
    """The active accounts among these, in one query."""
    rows = User.objects.filter(pk__in=user_ids, is_active=True).values_list(*_account(""))
    return {row[0]: _of_account(row) for row in rows}


def without_account(patient_ids: Collection[UUID]) -> dict[UUID, Recipient]:
    """Patients by their own contact."""
    if not patient_ids:
        return {}
    contacts = Patient.objects.kept().filter(pk__in=patient_ids)
    rows = contacts.values_list("pk", "email", "language", "time_zone")
    return {
        patient_id: Recipient(None, patient_id, email, language, time_zone, DEFAULT_WISHES)
        for patient_id, email, language, time_zone in rows
    }


def _account(prefix: str) -> list[str]:
    names = ["pk", "email", "language", "doctor__time_zone", "profile__time_zone"]
    names += [f"notification_preferences__{name}" for name in _PREFERENCES]
    return [prefix + name for name in names]


def _of_account(values: Sequence[Any]) -> Recipient:
    """A doctor's zone is their calendar's, whatever the profile says."""
    user_id, email, language, calendar_zone, own_zone, *chosen = values
    wishes = DEFAULT_WISHES if chosen[0] is None else Wishes(*chosen)
    time_zone = calendar_zone or own_zone or settings.DEFAULT_PERSON_TIME_ZONE
    return Recipient(user_id, None, email or "", language, time_zone, wishes)
