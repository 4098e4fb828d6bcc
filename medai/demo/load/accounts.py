"""Accounts of doctors, patients and staff, and the patients themselves."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password

from accounts.models import Guardianship, InsuranceProvider, Patient, PatientInsurance, Profile, User
from medai.demo.drafts import City, DoctorDraft, PatientDraft
from medai.demo.load.rows import identifier, insert
from medai.demo.sign_ins import DOCTORS, PASSWORD, PATIENT, StaffDraft
from medai.demo.timeline import doctor_joined_at, patient_joined_at

UNUSABLE = "!the demo's crowd does not sign in"


def user_id(key: str) -> UUID:
    return identifier("user", key)


def patient_id(key: str) -> UUID:
    return identifier("patient", key)


@cache
def _password() -> str:
    """Hashed once: it takes long on purpose."""
    return make_password(PASSWORD)


def load_staff(drafts: Iterable[StaffDraft], now: datetime) -> None:
    """Members of staff, with the secret of their one-time codes."""
    since = now - timedelta(days=420)
    password = _password()
    for draft in drafts:
        user = User(
            id=user_id(draft.email),
            email=draft.email,
            role=draft.role,
            password=password,
            onboarding_complete=True,
        )
        _insert_accounts([(user, _profile(user, draft.first_name, draft.last_name, ""), since)])
        if not Authenticator.objects.filter(user=user).exists():
            TOTP.activate(user, draft.secret)


def load_doctors(drafts: Iterable[DoctorDraft], now: datetime) -> None:
    password = _password()
    accounts = []
    for draft in drafts:
        user = User(
            id=user_id(draft.slug),
            email=draft.email,
            role="doctor",
            language="es" if "es" in draft.languages else "en",
            password=password if draft.email in DOCTORS else UNUSABLE,
            onboarding_complete=True,
        )
        profile = _profile(user, draft.first_name, draft.last_name, draft.phone)
        accounts.append(
            (user, profile, doctor_joined_at(draft.slug, now, applies=draft.standing != "public"))
        )
    _insert_accounts(accounts)


def load_patients(city: City, now: datetime) -> None:
    """Patients, the accounts of those who have one, who cares for whom, and their policies."""
    password = _password()
    accounts, patients = [], []
    for draft in city.patients:
        since = patient_joined_at(draft.guardian or draft.key, now)
        patients.append(_patient(draft, since))
        if draft.has_account:
            user = User(
                id=user_id(draft.key),
                email=draft.email,
                role="patient",
                language=draft.language,
                password=password if draft.email == PATIENT else UNUSABLE,
                onboarding_complete=True,
            )
            accounts.append((user, _profile(user, draft.first_name, draft.last_name, draft.phone), since))
    _insert_accounts(accounts)
    insert(patients)
    insert(_guardianships(city.patients))
    insert(_insurances(city.patients))


def _profile(user: User, first_name: str, last_name: str, phone: str) -> Profile:
    return Profile(
        id=identifier("profile", user.pk), user=user, first_name=first_name, last_name=last_name, phone=phone
    )


def _insert_accounts(accounts: list[tuple[User, Profile, datetime]]) -> None:
    for user, profile, since in accounts:
        user.created_at = profile.created_at = since
    insert(user for user, _, _ in accounts)
    insert(profile for _, profile, _ in accounts)
    known = set(
        EmailAddress.objects.filter(user__in=[user.pk for user, _, _ in accounts]).values_list(
            "email", flat=True
        )
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user, _, _ in accounts
        if user.email not in known
    )


def _patient(draft: PatientDraft, since: datetime) -> Patient:
    return Patient(
        id=patient_id(draft.key),
        created_at=since,
        first_name=draft.first_name,
        last_name=draft.last_name,
        email=draft.email,
        phone=draft.phone,
        language=draft.language,
        date_of_birth=draft.date_of_birth,
        sex=draft.sex,
        address=f"{draft.place.address}, {draft.place.neighborhood}",
        city=draft.place.city,
        emergency_contact_name=draft.emergency_contact_name,
        emergency_contact_phone=draft.emergency_contact_phone,
    )


def _guardianships(drafts: Iterable[PatientDraft]) -> Iterator[Guardianship]:
    for draft in drafts:
        keeper = draft.guardian or (draft.key if draft.has_account else "")
        if keeper:
            yield Guardianship(
                id=identifier("guardianship", draft.key),
                user_id=user_id(keeper),
                patient_id=patient_id(draft.key),
                relationship=draft.relationship,
            )


def _insurances(drafts: Iterable[PatientDraft]) -> Iterator[PatientInsurance]:
    providers = dict(InsuranceProvider.objects.values_list("name", "pk"))
    for draft in drafts:
        if draft.insurer:
            yield PatientInsurance(
                id=identifier("insurance", draft.key),
                patient_id=patient_id(draft.key),
                provider_id=providers[draft.insurer],
                policy_number=draft.policy_number,
            )
