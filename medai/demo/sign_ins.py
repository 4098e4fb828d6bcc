"""The accounts with which somebody looks around the demo. They exist only where DEBUG is on."""

import time
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from medai.common.demo import register_sign_in
from medai.demo.doctors import DOMAIN
from medai.demo.patients import MOTHERS_EMAIL

PASSWORD = "canelazo-con-panela"  # noqa: S105  # printed for everybody to use, and refused without DEBUG
CODE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """`secret` is base32, as an authenticator app wants it."""

    role: str
    label: str
    email: str
    first_name: str
    last_name: str
    secret: str

    def code(self) -> str:
        """The one-time code of this moment."""
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // CODE_SECONDS))


SUPER_ADMIN = StaffDraft(
    "super_admin", "Super admin", f"super@{DOMAIN}", "Gabriela", "Nariño", "MEDAIDEMOSUPERADMINAAAAAAAAAAAAA"
)
ADMIN = StaffDraft("admin", "Admin", f"admin@{DOMAIN}", "Tomás", "Caldas", "MEDAIDEMOADMINAAAAAAAAAAAAAAAAAA")
STAFF = (SUPER_ADMIN, ADMIN)
DOCTORS = (f"sarah.ahmed@{DOMAIN}", f"andres.felipe.quintero@{DOMAIN}")
PATIENT = MOTHERS_EMAIL


def register() -> None:
    for staff in STAFF:
        register_sign_in(staff.label, staff.email, PASSWORD, f"One-time codes: {staff.secret}")
    register_sign_in("Doctor", DOCTORS[0], PASSWORD, "Cardiologist, in English")
    register_sign_in("Doctor", DOCTORS[1], PASSWORD, "Cardiologist, confirms each booking")
    register_sign_in("Patient", PATIENT, PASSWORD, "Books for two children and her father")
