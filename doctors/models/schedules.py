"""When a doctor works: weekly hours, and the dates that differ from them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields import IntegerField
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel

MINUTES_PER_DAY = 24 * 60


class DayOfWeek(models.IntegerChoices):
    SUNDAY = 0, _("Sunday")
    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")


class RangeMode(models.TextChoices):
    """How patients may be seen within a range of hours."""

    BOTH = "both", _("In person or video")
    IN_PERSON = "in_person", _("In person only")
    VIDEO = "video", _("Video only")


class Int4Range(Func):
    function = "INT4RANGE"
    output_field = IntegerField()


class WeeklyHours(BaseModel):
    """A range of a weekday, in minutes of the doctor's local day (1440 is the midnight that ends it).

    Slot length, break after and maximum are the doctor's own unless given here.
    """

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.CASCADE, related_name="weekly_hours")
    day_of_week = models.PositiveSmallIntegerField(_("day"), choices=DayOfWeek.choices)
    start_minute = models.PositiveSmallIntegerField(_("from"))
    end_minute = models.PositiveSmallIntegerField(_("to"))
    mode = models.CharField(_("mode"), max_length=12, choices=RangeMode.choices, default=RangeMode.BOTH)
    office = models.ForeignKey(
        "doctors.Office",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office"),
    )
    slot_minutes = models.PositiveSmallIntegerField(_("slot length"), null=True, blank=True)
    buffer_after_minutes = models.PositiveSmallIntegerField(_("break after"), null=True, blank=True)
    maximum = models.PositiveSmallIntegerField(
        _("maximum"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["day_of_week", "start_minute"]
        constraints = [
            models.CheckConstraint(condition=Q(day_of_week__range=(0, 6)), name="weekly_hours_day_is_0_to_6"),
            models.CheckConstraint(
                condition=Q(
                    start_minute__gte=0, start_minute__lt=F("end_minute"), end_minute__lte=MINUTES_PER_DAY
                ),
                name="weekly_hours_end_after_start",
            ),
            models.CheckConstraint(
                condition=Q(slot_minutes__isnull=True) | Q(slot_minutes__range=(5, 480)),
                name="weekly_hours_slot_length_is_sane",
            ),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True) | Q(maximum__gte=1),
                name="weekly_hours_maximum_is_positive",
            ),
            ExclusionConstraint(
                name="weekly_hours_do_not_overlap",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    ("day_of_week", RangeOperators.EQUAL),
                    (Int4Range("start_minute", "end_minute"), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_active=True),
            ),
        ]


class ExceptionKind(models.TextChoices):
    BLOCKED = "blocked", _("Not available")
    CUSTOM_HOURS = "custom_hours", _("Other hours instead")
    EXTRA_HOURS = "extra_hours", _("Extra hours")


class ScheduleException(BaseModel):
    """A date that differs from the weekly hours; without start and end it is the whole day (blocked only)."""

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.CASCADE, related_name="schedule_exceptions")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=12, choices=ExceptionKind.choices)
    start_minute = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    end_minute = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    mode = models.CharField(_("mode"), max_length=12, choices=RangeMode.choices, default=RangeMode.BOTH)
    office = models.ForeignKey(
        "doctors.Office",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office"),
    )
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("schedule exception")
        verbose_name_plural = _("schedule exceptions")
        ordering = ["date", "start_minute"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ExceptionKind.BLOCKED, start_minute__isnull=True, end_minute__isnull=True)
                | Q(
                    kind__in=ExceptionKind.values,
                    start_minute__gte=0,
                    start_minute__lt=F("end_minute"),
                    end_minute__lte=MINUTES_PER_DAY,
                ),
                name="schedule_exception_has_valid_hours",
            ),
            ExclusionConstraint(
                name="schedule_exception_hours_do_not_overlap",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    ("date", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (Int4Range("start_minute", "end_minute"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["doctor", "date"], name="schedule_exception_by_date")]
