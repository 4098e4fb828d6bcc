"""Insurers and the policies patients hold with them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.patients import Patient
from medai.common.models import BaseModel


class InsuranceProvider(BaseModel):
    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("insurance provider")
        verbose_name_plural = _("insurance providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PatientInsurance(BaseModel):
    """A policy of one patient with one provider; `details` holds what the insurer prints beside the number."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="insurances")
    provider = models.ForeignKey(
        InsuranceProvider, on_delete=models.PROTECT, related_name="+", verbose_name=_("insurer")
    )
    policy_number = models.CharField(_("policy number"), max_length=64)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("patient insurance")
        verbose_name_plural = _("patient insurances")
        constraints = [
            models.UniqueConstraint(fields=["patient", "provider"], name="patient_insurance_is_unique"),
        ]
