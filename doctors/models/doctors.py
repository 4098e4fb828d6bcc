"""The doctor as patients see them, the rules of their calendar, and when they are next free."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Case, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import InsuranceProvider
from doctors import photos, titles
from doctors.models.practice import VisitMode
from doctors.models.specialties import Specialty
from medai.common.models import BaseModel


class CredentialStatus(models.TextChoices):
    PENDING_REVIEW = "pending_review", _("Pending review")
    VERIFIED = "verified", _("Verified")
    REJECTED = "rejected", _("Rejected")


class ConfirmationMode(models.TextChoices):
    AUTOMATIC = "automatic", _("Automatically")
    BY_HAND = "by_hand", _("I confirm each one")


class InactiveReason(models.TextChoices):
    STAFF = "staff", _("Taken off by staff")
    BANNED = "banned", _("Account banned")
    ROLE = "role", _("No longer a doctor's account")


# What ends with its cause; what staff decided stays until they decide otherwise.
OF_THE_ACCOUNT = frozenset({InactiveReason.BANNED, InactiveReason.ROLE})


class DoctorQuerySet(models.QuerySet["Doctor"]):
    def public(self) -> "DoctorQuerySet":
        """Doctors that anybody may find and book: verified, approved and active."""
        return self.filter(is_public=True)

    def for_profile(self) -> "DoctorQuerySet":
        """With all that a profile shows: specialties (the primary one first), offices, visits, insurers."""
        return self.prefetch_related(
            "doctor_specialties__specialty", "offices", "visit_types", "accepted_insurers"
        )

    def kept_by(self, user: object) -> "DoctorQuerySet":
        return self.filter(user=user)

    def awaiting_verification(self) -> "DoctorQuerySet":
        return self.filter(
            credential_status=CredentialStatus.PENDING_REVIEW, submitted_at__isnull=False
        ).order_by("submitted_at")


class Doctor(BaseModel):
    """A doctor's public profile and the rules by which their time is offered.

    Everything here may be read by patients once the doctor was published; what is private is in the account's
    profile and in the credentials. Durations are minutes unless the name says otherwise; `time_zone` is the zone of
    the weekly hours. `schedule_version` counts changes of hours and rules, so that a stale form is noticed.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="doctor")
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=16, default="Dr.", blank=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    photo = models.FileField(_("photo"), upload_to="doctors/photos/", blank=True)
    letterhead = models.FileField(_("letterhead"), upload_to="doctors/letterheads/", blank=True)
    bio_es = models.TextField(_("about you, in Spanish"), blank=True)
    bio_en = models.TextField(_("about you, in English"), blank=True)
    qualifications = models.JSONField(_("qualifications"), default=list, blank=True)
    experience_years = models.PositiveSmallIntegerField(
        _("years of experience"), default=0, validators=[MaxValueValidator(70)]
    )
    languages = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("languages")
    )
    specialties = models.ManyToManyField(Specialty, through="DoctorSpecialty", related_name="doctors")
    accepted_insurers = models.ManyToManyField(
        InsuranceProvider, related_name="+", blank=True, verbose_name=_("accepted insurers")
    )
    license_number = models.CharField(_("license number"), max_length=40, blank=True)

    credential_status = models.CharField(
        _("verification"),
        max_length=16,
        choices=CredentialStatus.choices,
        default=CredentialStatus.PENDING_REVIEW,
    )
    verification_notes = models.TextField(_("notes to the doctor"), blank=True)
    is_approved = models.BooleanField(_("approved"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    inactive_reason = models.CharField(
        _("why not active"), max_length=8, choices=InactiveReason.choices, blank=True, editable=False
    )
    is_accepting_new_patients = models.BooleanField(_("accepting new patients"), default=True)
    onboarding_step = models.CharField(max_length=16, default="profile", editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    first_published_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_public = models.GeneratedField(
        expression=Case(
            When(
                credential_status=CredentialStatus.VERIFIED,
                is_approved=True,
                is_active=True,
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.DEFAULT_PERSON_TIME_ZONE)
    slot_minutes = models.PositiveSmallIntegerField(
        _("slot length"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("break before"), default=0, validators=[MaxValueValidator(240)]
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("break after"), default=0, validators=[MaxValueValidator(240)]
    )
    minimum_notice_minutes = models.PositiveIntegerField(
        _("minimum notice"), default=120, validators=[MaxValueValidator(60 * 24 * 60)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("how many days ahead"), default=60, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    maximum_per_day = models.PositiveSmallIntegerField(
        _("maximum a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    confirmation_mode = models.CharField(
        _("confirm bookings"),
        max_length=12,
        choices=ConfirmationMode.choices,
        default=ConfirmationMode.AUTOMATIC,
    )
    confirmation_deadline_hours = models.PositiveSmallIntegerField(
        _("hours to confirm"), default=24, validators=[MinValueValidator(1), MaxValueValidator(168)]
    )
    free_cancellation_hours = models.PositiveSmallIntegerField(
        _("free cancellation until, hours before"), default=24, validators=[MaxValueValidator(720)]
    )
    late_fee_percent = models.PositiveSmallIntegerField(
        _("late fee, percent"), default=0, validators=[MaxValueValidator(100)]
    )
    accepts_payment_at_clinic = models.BooleanField(_("patients may pay at the office"), default=True)
    schedule_version = models.PositiveIntegerField(default=1, editable=False)

    rating_average = models.DecimalField(
        _("rating"), max_digits=3, decimal_places=2, null=True, editable=False
    )
    rating_count = models.PositiveIntegerField(_("reviews"), default=0, editable=False)

    objects = DoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        constraints = [
            models.CheckConstraint(
                condition=Q(credential_status__in=CredentialStatus.values),
                name="doctor_credential_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(confirmation_mode__in=ConfirmationMode.values),
                name="doctor_confirmation_mode_is_known",
            ),
            models.CheckConstraint(
                condition=Q(slot_minutes__range=(5, 480)), name="doctor_slot_length_is_sane"
            ),
            models.CheckConstraint(
                condition=Q(late_fee_percent__lte=100), name="doctor_late_fee_is_a_percentage"
            ),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 365)), name="doctor_horizon_is_sane"),
            models.CheckConstraint(
                condition=Q(maximum_per_day__isnull=True) | Q(maximum_per_day__gte=1),
                name="doctor_maximum_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return titles.called(self.title, f"{self.first_name} {self.last_name}".strip())

    @property
    def name_in_a_sentence(self) -> str:
        """For after a preposition or a verb: "with Dr. Ahmed", "con la Dra. Ahmed"."""
        return titles.called_in_a_sentence(self.title, f"{self.first_name} {self.last_name}".strip())

    @property
    def photo_url(self) -> str:
        """Where browsers find the photo; empty without one."""
        return photos.photo_url(self.pk, self.photo.name or "")

    @property
    def bio(self) -> str:
        first, second = (
            (self.bio_en, self.bio_es)
            if (get_language() or "").startswith("en")
            else (self.bio_es, self.bio_en)
        )
        return first or second


class DoctorSpecialty(BaseModel):
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE, related_name="doctor_specialties")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="doctor_specialties")
    is_primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        verbose_name = _("doctor's specialty")
        verbose_name_plural = _("doctor's specialties")
        ordering = ["-is_primary", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["doctor", "specialty"], name="doctor_specialty_is_unique"),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(is_primary=True), name="doctor_has_one_primary_specialty"
            ),
        ]


class DoctorAvailability(BaseModel):
    """When a doctor is next free, for each way of seeing them: a projection, kept by the app that owns bookings.

    `next_free_at` is None while nothing is free within the doctor's horizon, `free_days` are all days up to there with
    something free, on the doctor's clock. `checked_at` is when it was computed.
    """

    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE, related_name="availabilities")
    visit_mode = models.CharField(max_length=12, choices=VisitMode.choices)
    next_free_at = models.DateTimeField(null=True)
    free_days = ArrayField(models.DateField(), default=list)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["doctor", "visit_mode"], name="doctor_availability_is_unique")
        ]
        indexes = [
            models.Index(F("visit_mode"), F("next_free_at").asc(nulls_last=True), name="availability_soonest")
        ]


class DoctorVerification(Doctor):
    """A doctor in the staff's queue: the same row, with a page of its own in the console."""

    class Meta:
        proxy = True
        verbose_name = _("doctor to verify")
        verbose_name_plural = _("doctors to verify")
