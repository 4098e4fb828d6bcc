"""Taking over the record of somebody who had no account: only by a verified contact, only if nobody's own."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.errors import NotClaimable, OwnRecordInUse
from accounts.models import Guardianship, Patient, Profile, Role, User
from accounts.services import claims
from medai.common.identity import acting_as_system
from tests.factories.accounts import (
    make_dependent,
    make_patient_without_account,
    make_policy,
    make_user,
    own_patient,
)

pytestmark = pytest.mark.django_db


def relationship(user: User, patient: Patient) -> str | None:
    with acting_as_system("test"):
        row = Guardianship.objects.filter(user=user, patient=patient).first()
    return row.relationship if row else None


def test_the_same_name_and_a_verified_email_claim_by_themselves() -> None:
    user = make_user(email="ana@example.com", first_name="Ana María", last_name="Núñez")
    met = make_patient_without_account(first_name="ana maria", last_name="nuñez", email="Ana@Example.com")
    before = own_patient(user)
    assert claims.claim_own(user=user) == met
    assert own_patient(user) == met
    with acting_as_system("test"):
        assert Patient.objects.get(pk=before.pk).deleted_at is not None


def test_another_name_is_only_offered() -> None:
    user = make_user(email="ana@example.com", first_name="Ana")
    child = make_patient_without_account(first_name="Tomás", email="ana@example.com")
    assert claims.claim_own(user=user) is None
    assert claims.claimable_by(user) == [child]
    claims.claim(user=user, patient_id=child.pk, relationship="child")
    assert relationship(user, child) == "child"
    assert claims.claimable_by(user) == []


def test_two_records_of_the_same_name_are_only_offered() -> None:
    user = make_user(email="ana@example.com", first_name="Ana", last_name="Gómez")
    for _ in range(2):
        make_patient_without_account(first_name="Ana", last_name="Gómez", email="ana@example.com")
    assert claims.claim_own(user=user) is None
    assert len(claims.claimable_by(user)) == 2


def test_an_address_that_only_looks_the_same_opens_nothing() -> None:
    """Its domain is another, which anybody may register; written in capitals the two are one."""
    user = make_user(
        email="ana@gma\N{LATIN SMALL LETTER DOTLESS I}l.com", first_name="Ana", last_name="Gómez"
    )
    met = make_patient_without_account(first_name="Ana", last_name="Gómez", email="ana@gmail.com")
    assert claims.claim_own(user=user) is None
    assert claims.claimable_by(user) == []
    with pytest.raises(NotClaimable):
        claims.claim(user=user, patient_id=met.pk, relationship="other")
    assert relationship(user, met) is None


def test_an_unverified_email_opens_nothing() -> None:
    user = make_user(email="ana@example.com", verified=False)
    met = make_patient_without_account(email="ana@example.com")
    assert claims.claimable_by(user) == []
    with pytest.raises(NotClaimable):
        claims.claim(user=user, patient_id=met.pk, relationship="self")
    assert relationship(user, met) is None


def test_a_phone_opens_a_record_only_once_it_is_verified() -> None:
    user = make_user()
    met = make_patient_without_account(phone="+573001234567")
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(phone="+573001234567")
    assert claims.claimable_by(user) == []
    with acting_as_system("test"):
        Profile.objects.filter(user=user).update(phone_verified_at=timezone.now())
    assert claims.claimable_by(user) == [met]


def test_somebodys_own_record_is_never_claimed() -> None:
    owner = make_user(email="owner@example.com")
    thief = make_user(email="thief@example.com")
    own = own_patient(owner)
    with acting_as_system("test"):
        Patient.objects.filter(pk=own.pk).update(email="thief@example.com")
    assert claims.claimable_by(thief) == []
    with pytest.raises(NotClaimable):
        claims.claim(user=thief, patient_id=own.pk, relationship="other")
    assert relationship(thief, own) is None


def test_a_grown_child_takes_over_the_record_a_parent_keeps() -> None:
    parent = make_user()
    child = make_dependent(parent, email="tomas@example.com")
    grown = make_user(email="tomas@example.com", first_name="Tomás", last_name="Prueba")
    assert claims.claim_own(user=grown) == child
    assert relationship(parent, child) == "child"
    assert relationship(grown, child) == "self"


def test_a_record_in_use_is_not_replaced() -> None:
    user = make_user(email="ana@example.com", first_name="Ana", last_name="Gómez")
    own = own_patient(user)
    make_policy(own)
    met = make_patient_without_account(first_name="Ana", last_name="Gómez", email="ana@example.com")
    assert claims.claim_own(user=user) is None
    with pytest.raises(OwnRecordInUse):
        claims.claim(user=user, patient_id=met.pk, relationship="self")
    assert own_patient(user) == own


def test_doctors_claim_nothing() -> None:
    doctor = make_user(Role.DOCTOR, email="doc@example.com")
    make_patient_without_account(email="doc@example.com")
    assert claims.claimable_by(doctor) == []


def test_a_removed_record_is_gone() -> None:
    user = make_user(email="ana@example.com")
    met = make_patient_without_account(email="ana@example.com")
    with acting_as_system("test"):
        Patient.objects.filter(pk=met.pk).update(deleted_at=timezone.now())
        assert EmailAddress.objects.filter(user=user, verified=True).exists()
    assert claims.claimable_by(user) == []
