"""The first page of each role's portal."""

from django.urls import reverse

from accounts.models import STAFF_ROLES, Role

HOMES = {Role.PATIENT: "/patient/", Role.DOCTOR: "/doctor/"}


def home_of(role: str) -> str:
    if role in STAFF_ROLES:
        return reverse("admin:index")
    return HOMES.get(Role(role), reverse("accounts:profile"))
