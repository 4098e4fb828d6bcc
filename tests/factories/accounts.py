"""Accounts of every role, their people and their second steps: valid, minimal, made as the system."""

import time
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import Guardianship, InsuranceProvider, Patient, PatientInsurance, Profile, Role, User
from accounts.models.patients import Relationship
from accounts.services import sessions
from medai.common.identity import acting_as_system

PASSWORD = "una clave muy larga"

_numbers = count(1)


def make_user(
    role: str = Role.PATIENT, *, verified: bool = True, password: str | None = PASSWORD, **fields: Any
) -> User:
    """An account that can sign in at once; a patient with a record of their own."""
    number = next(_numbers)
    email = fields.pop("email", f"persona{number}@example.com")
    first_name = fields.pop("first_name", "Ana")
    last_name = fields.pop("last_name", f"Prueba {number}")
    with acting_as_system("test"):
        user = User.objects.create_user(email, password, role=role, **fields)
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
        Profile.objects.create(user=user, first_name=first_name, last_name=last_name)
        if role == Role.PATIENT:
            patient = Patient.objects.create(first_name=first_name, last_name=last_name, email=email)
            Guardianship.objects.create(user=user, patient=patient, relationship=Relationship.SELF)
    return user


def make_staff(role: str = Role.ADMIN, *, mfa: bool = True, **fields: Any) -> User:
    """A member of staff, by default with an authenticator app, without which nothing opens."""
    user = make_user(role, **fields)
    if mfa:
        add_totp(user)
    return user


def add_totp(user: User) -> str:
    """Give an account an authenticator app; its secret."""
    secret = generate_totp_secret()
    with acting_as_system("test"):
        TOTP.activate(user, secret)
    return secret


def totp_code(secret: str, *, offset: int = 0) -> str:
    """The code the app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + offset))


def own_patient(user: User) -> Patient:
    with acting_as_system("test"):
        return Patient.objects.get(guardianships__user=user, guardianships__relationship=Relationship.SELF)


def make_dependent(user: User, relationship: str = Relationship.CHILD, **fields: Any) -> Patient:
    """Somebody the account cares for."""
    with acting_as_system("test"):
        patient = Patient.objects.create(**{"first_name": "Tomás", "last_name": "Prueba", **fields})
        Guardianship.objects.create(user=user, patient=patient, relationship=relationship)
    return patient


def make_patient_without_account(**fields: Any) -> Patient:
    """Somebody met at a desk or on WhatsApp."""
    with acting_as_system("test"):
        return Patient.objects.create(**{"first_name": "Ana", "last_name": "Prueba", **fields})


def make_insurer(**fields: Any) -> InsuranceProvider:
    with acting_as_system("test"):
        return InsuranceProvider.objects.create(**{"name": f"Seguros {next(_numbers)}", **fields})


def make_policy(
    patient: Patient, provider: InsuranceProvider | None = None, **fields: Any
) -> PatientInsurance:
    with acting_as_system("test"):
        return PatientInsurance.objects.create(
            patient=patient, provider=provider or make_insurer(), **{"policy_number": "P-1", **fields}
        )


def signed_in(user: User, **headers: str) -> Client:
    """A browser in which the user is signed in."""
    client = Client(headers=headers)
    with acting_as_system("test"):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def bearer(user: User) -> dict[str, str]:
    """The header of an API client in which the user is signed in."""
    return {"Authorization": f"Bearer {sessions.open_api_session(user=user).access}"}


def has_mfa(user: User) -> bool:
    with acting_as_system("test"):
        return Authenticator.objects.filter(user=user).exists()
