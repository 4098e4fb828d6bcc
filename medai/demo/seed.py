"""What every installation needs before anybody arrives: specialties, insurers, and the first administrator."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.models import InsuranceProvider, Profile, Role, User
from doctors.models import Specialty
from medai.common.identity import acting_as_system
from medai.settings.environment import BASE_DIR

SPECIALTIES = BASE_DIR / "doctors" / "data" / "specialties.json"
INSURERS = BASE_DIR / "accounts" / "data" / "insurance_providers.json"
TRANSLATED = ("name", "description", "synonyms")


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many rows were made and how many brought up to date."""

    made: int = 0
    changed: int = 0

    def __str__(self) -> str:
        return f"{self.made} new, {self.changed} brought up to date"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@transaction.atomic
def seed_specialties() -> Seeded:
    """Make the specialties of the file, and bring the texts of those that exist in line with it.

    Whether one is active stays as staff set it; one that staff added stays as it is.
    """
    with acting_as_system("seed"):
        existing = {specialty.slug: specialty for specialty in Specialty.objects.all()}
        made = changed = 0
        for row in _read(SPECIALTIES):
            values = _specialty_values(row)
            specialty = existing.get(row["slug"])
            if specialty is None:
                Specialty.objects.create(slug=row["slug"], **values)
                made += 1
            elif any(getattr(specialty, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(specialty, name, value)
                specialty.save()
                changed += 1
    return Seeded(made, changed)


def _specialty_values(row: dict[str, Any]) -> dict[str, Any]:
    values = {f"{name}_{code}": row[name][code] for name in TRANSLATED for code in ("es", "en")}
    practitioners = {f"practitioners_{code}": row["practitioner"][code] for code in ("es", "en")}
    return {**values, **practitioners, "icon": row["icon"]}


@transaction.atomic
def seed_insurers() -> Seeded:
    """Make the insurers that are not there yet; one that staff closed stays closed."""
    with acting_as_system("seed"):
        known = set(InsuranceProvider.objects.values_list("name", flat=True))
        new = [InsuranceProvider(name=row["name"]) for row in _read(INSURERS) if row["name"] not in known]
        InsuranceProvider.objects.bulk_create(new)
    return Seeded(made=len(new))


@transaction.atomic
def seed_first_admin(email: str, password: str) -> Seeded:
    """Make a super administrator unless the address has an account; raises ValidationError for a weak password."""
    with acting_as_system("seed"):
        email = User.objects.normalize_email(email)
        if User.objects.filter(email=email).exists():
            return Seeded()
        validate_password(password, User(email=email))
        user = User.objects.create_user(email, password, role=Role.SUPER_ADMIN, onboarding_complete=True)
        Profile.objects.create(user=user)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return Seeded(made=1)


PARTS: tuple[tuple[str, Callable[[], Seeded]], ...] = (
    ("specialties", seed_specialties),
    ("insurance providers", seed_insurers),
)
