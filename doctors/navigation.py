"""This app's entries in the menus."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from doctors.models import Doctor
from medai.common.identity import current_identity
from medai.common.navigation import Entry, register


def _is_not_public_yet(request: HttpRequest) -> bool:
    """Until a doctor is public, the way to it stands in the menu."""
    identity = current_identity()
    if identity is None or getattr(request.user, "role", "") != "doctor":
        return False
    return not Doctor.objects.public().filter(pk__in=identity.doctor_ids).exists()


register(
    "public", Entry(_("Find a doctor"), "search", "doctors:directory", order=10, also=("doctors:profile",))
)
register("footer-patients", Entry(_("Find a doctor"), "search", "doctors:directory", order=10))
register(
    "doctor",
    Entry(_("Verification"), "badge-check", "doctors:onboarding", order=5, when=_is_not_public_yet),
    Entry(
        _("Schedule"),
        "clock",
        "doctors:schedule",
        order=40,
        also=("doctors:exceptions", "doctors:exception", "doctors:rules"),
    ),
    Entry(
        _("Practice"),
        "stethoscope",
        "doctors:practice",
        order=60,
        also=(
            "doctors:practice-photo",
            "doctors:offices",
            "doctors:office",
            "doctors:office-close",
            "doctors:visit-types",
            "doctors:visit-type",
            "doctors:documents",
        ),
    ),
)
