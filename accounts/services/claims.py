"""Taking over the record of a patient who had no account: met at a desk or on WhatsApp before.

Only a contact the account has verified opens a record, and only one that nobody claims as their own. A record
whose name is the account's is taken over by itself; for others (a family shares an address) the person is asked.
"""

import unicodedata
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.errors import NotClaimable, OwnRecordInUse
from accounts.models import Guardianship, Patient, Profile, Role, User
from accounts.models.patients import Relationship
from medai.common import outbox
from medai.common.errors import InvalidInput
from medai.common.identity import acting_as_system


def claimable_by(user: User) -> list[Patient]:
    """The records that the user's verified contacts open, oldest first."""
    with acting_as_system("claimable patients"):
        return list(_claimable(user).order_by("created_at"))


def _claimable(user: User) -> QuerySet[Patient]:
    if user.role != Role.PATIENT:
        return Patient.objects.none()
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    # Not `iexact`, which compares capitals: a dotless i has the same as the letter i, and a domain can have one.
    contact = Q(email_in_lower_case__in=list(verified))
    profile = Profile.objects.filter(user=user).exclude(phone_verified_at=None).first()
    if profile is not None and profile.phone:
        contact |= Q(phone=profile.phone)
    guardians = Guardianship.objects.filter(patient=OuterRef("pk"))
    return (
        Patient.objects.kept()
        .annotate(email_in_lower_case=Lower("email"))
        .filter(contact)
        .exclude(Exists(guardians.filter(relationship=Relationship.SELF)))
        .exclude(Exists(guardians.filter(user=user)))
    )


@transaction.atomic
def claim(*, user: User, patient_id: UUID, relationship: str) -> Patient:
    """Add a record to those the account cares for; as `self` it replaces the account's own, if that is unused."""
    if relationship not in Relationship.values:
        raise InvalidInput(field="relationship")
    with acting_as_system("claim patient"):
        User.objects.select_for_update().get(pk=user.pk)
        patient = _claimable(user).select_for_update(of=("self",)).filter(pk=patient_id).first()
        if patient is None:
            raise NotClaimable
        if relationship == Relationship.SELF:
            _make_room_for_own_record(user)
        Guardianship.objects.create(user=user, patient=patient, relationship=relationship)
        outbox.record("patient.claimed", patient, user_id=user.pk, relationship=relationship)
    return patient


def claim_own(*, user: User) -> Patient | None:
    """Take over the one record that is plainly the user's: verified contact and the same name."""
    with acting_as_system("claim own patient"), transaction.atomic():
        profile = Profile.objects.filter(user=user).first()
        if profile is None or not profile.full_name:
            return None
        mine = [one for one in _claimable(user) if _plain(one.full_name) == _plain(profile.full_name)]
        if len(mine) != 1 or _own_record_in_use(user):
            return None
        return claim(user=user, patient_id=mine[0].pk, relationship=Relationship.SELF)


def _own(user: User) -> Guardianship | None:
    return (
        Guardianship.objects.select_related("patient")
        .filter(user=user, relationship=Relationship.SELF)
        .first()
    )


def _own_record_in_use(user: User) -> bool:
    own = _own(user)
    return own is not None and own.patient.is_in_use()


def _make_room_for_own_record(user: User) -> None:
    own = _own(user)
    if own is None:
        return
    if own.patient.is_in_use():
        raise OwnRecordInUse
    patient = own.patient
    own.delete()
    Patient.objects.filter(pk=patient.pk).soft_delete()


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
