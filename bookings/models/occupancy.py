"""Who is occupied when: the table whose one constraint makes a double booking impossible."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient
from bookings.models.bookings import Booking
from doctors.models import Doctor
from medai.common.models import BaseModel


class BusyPeriod(BaseModel):
    """A time when a doctor (visit and breaks) or a patient (visit) is occupied; `period` is [start, end) in UTC.

    `person` is whichever of the two is set. A hold's rows bear `hold_expires_at`, after which anybody may delete them;
    cancelled or expired time has no row.
    """

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, null=True, related_name="busy_periods")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="busy_periods")
    person = models.GeneratedField(
        expression=Coalesce("doctor_id", "patient_id"), output_field=models.UUIDField(), db_persist=True
    )
    period = DateTimeRangeField()
    # Row-level security lets only comparisons that tell nothing of a row (they are "leakproof"; && is not) use an index
    # before its policies are asked: so a time's rows are found by these, not by all that the person ever had.
    starts_at = models.GeneratedField(
        expression=Func(F("period"), function="lower"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    ends_at = models.GeneratedField(
        expression=Func(F("period"), function="upper"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, related_name="busy_periods")
    hold_expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("busy period")
        verbose_name_plural = _("busy periods")
        constraints = [
            ExclusionConstraint(
                name="busy_period_no_overlap",
                expressions=[("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(doctor__isnull=True, patient__isnull=False)
                | Q(doctor__isnull=False, patient__isnull=True),
                name="busy_period_is_of_one_person",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="busy_period_is_bounded",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_at"], name="busy_period_of_person"),
            models.Index(
                fields=["hold_expires_at"],
                name="busy_period_expiring",
                condition=Q(hold_expires_at__isnull=False),
            ),
        ]
