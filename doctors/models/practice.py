"""Where and how a doctor sees patients, and what a visit costs."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel


class VisitMode(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    VIDEO = "video", _("Video")


class Office(BaseModel):
    """A place where a doctor sees patients; coordinates in WGS 84 degrees."""

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.CASCADE, related_name="offices")
    name = models.CharField(_("name"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=200)
    neighborhood = models.CharField(_("neighborhood"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default=settings.DEFAULT_COUNTRY)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    directions = models.CharField(_("how to find it"), max_length=200, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="office_coordinates_are_whole",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.address, self.neighborhood, self.city]))


class VisitTypeKind(models.TextChoices):
    STANDARD = "standard", _("First visit")
    FOLLOW_UP = "follow_up", _("Follow-up")
    OTHER = "other", _("Other")


class VisitType(BaseModel):
    """What can be booked with a doctor: always a first visit and a follow-up, and any of their own.

    The fee is in minor units of `currency` (ISO 4217).
    """

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.CASCADE, related_name="visit_types")
    kind = models.CharField(
        _("kind"), max_length=12, choices=VisitTypeKind.choices, default=VisitTypeKind.OTHER
    )
    name_es = models.CharField(_("name in Spanish"), max_length=80, blank=True)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    fee_minor = models.PositiveBigIntegerField(_("fee"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default=settings.DEFAULT_CURRENCY)
    modes = ArrayField(
        models.CharField(max_length=12, choices=VisitMode.choices), default=list, verbose_name=_("modes")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("visit type")
        verbose_name_plural = _("visit types")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["doctor", "kind"],
                condition=~Q(kind=VisitTypeKind.OTHER),
                name="visit_type_one_of_each_kind",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="visit_type_currency_is_iso_4217"
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(5, 480)), name="visit_type_duration_is_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        english = (get_language() or "").startswith("en")
        own = (self.name_en or self.name_es) if english else (self.name_es or self.name_en)
        return own or str(VisitTypeKind(self.kind).label)
