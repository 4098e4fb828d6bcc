from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from medai.common.calendars import calendar_source


class DoctorsConfig(AppConfig):
    name = "doctors"
    verbose_name = _("Doctors")

    def ready(self) -> None:
        calendar_source(_own_calendar)


def _own_calendar(user_id: UUID) -> tuple[UUID, ...]:
    from doctors.models import Doctor

    return tuple(Doctor.objects.filter(user_id=user_id).values_list("pk", flat=True))
