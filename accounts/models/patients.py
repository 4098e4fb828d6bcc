"""Patients and who cares for them."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel, SoftDeleteModel, SoftDeleteQuerySet


class Sex(models.TextChoices):
    """FHIR R4 AdministrativeGender, http://hl7.org/fhir/R4/valueset-administrative-gender.html."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Prefer not to say")


EARLIEST_BIRTH = 130  # years ago


def require_birthday(born: date) -> None:
    """A validator of fields: somebody alive today can have been born on that day."""
    today = timezone.localdate()
    if born > today:
        raise ValidationError(_("This day is still to come."), code="in_the_future")
    if today.year - born.year > EARLIEST_BIRTH:
        raise ValidationError(_("Please check the year of birth."), code="too_long_ago")


class PatientQuerySet(SoftDeleteQuerySet):
    def cared_for_by(self, user: object) -> "PatientQuerySet":
        return self.kept().filter(guardianships__user=user)


class Patient(SoftDeleteModel):
    """A person who receives care; one met on WhatsApp or at the desk has no account, only a contact."""

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.DEFAULT_PERSON_TIME_ZONE)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True, validators=[require_birthday])
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    emergency_contact_name = models.CharField(_("emergency contact"), max_length=160, blank=True)
    emergency_contact_phone = models.CharField(_("emergency contact's phone"), max_length=16, blank=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="patient_phone_is_e164"
            ),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="patient_sex_is_known"),
        ]
        indexes = [
            models.Index(fields=["phone"], name="patient_phone", condition=~Q(phone="")),
            models.Index(fields=["email"], name="patient_email", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def is_in_use(self) -> bool:
        """Whether a row of any app but a guardianship refers to the record; the system alone sees them all."""
        relations = (r for r in self._meta.related_objects if r.related_model is not Guardianship)
        return any(
            relation.related_model._base_manager.filter(**{relation.field.name: self}).exists()
            for relation in relations
        )


class Relationship(models.TextChoices):
    """What the patient is to the account that cares for them."""

    SELF = "self", _("Myself")
    CHILD = "child", _("My child")
    PARENT = "parent", _("My father or mother")
    OTHER = "other", _("Someone else I care for")


class Guardianship(BaseModel):
    """Lets an account book and read for a patient."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guardianships")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="guardianships")
    relationship = models.CharField(_("relationship"), max_length=8, choices=Relationship.choices)

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints = [
            models.UniqueConstraint(fields=["user", "patient"], name="guardianship_is_unique"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(relationship=Relationship.SELF),
                name="guardianship_one_self_for_each_user",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(relationship=Relationship.SELF),
                name="guardianship_one_self_for_each_patient",
            ),
            models.CheckConstraint(
                condition=Q(relationship__in=Relationship.values), name="guardianship_relationship_is_known"
            ),
        ]
