from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel


class SpecialtyQuerySet(models.QuerySet["Specialty"]):
    def active(self) -> "SpecialtyQuerySet":
        return self.filter(is_active=True)

    def without_words(self) -> "SpecialtyQuerySet":
        """What is shown of them; the words people type for them are many times as long."""
        return self.defer("synonyms_es", "synonyms_en", "is_active", "created_at", "updated_at")


class Specialty(BaseModel):
    """A field of medicine, with its names in both languages and the words people type for it."""

    slug = models.SlugField(_("slug"), unique=True)
    name_es = models.CharField(_("name in Spanish"), max_length=80, unique=True)
    name_en = models.CharField(_("name in English"), max_length=80, unique=True)
    practitioners_es = models.CharField(_("practitioners in Spanish"), max_length=80)
    practitioners_en = models.CharField(_("practitioners in English"), max_length=80)
    description_es = models.TextField(_("description in Spanish"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    synonyms_es = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("synonyms in Spanish")
    )
    synonyms_en = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("synonyms in English")
    )
    icon = models.CharField(_("icon"), max_length=40, default="stethoscope")
    is_active = models.BooleanField(_("active"), default=True)

    objects = SpecialtyQuerySet.as_manager()

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    def _localised(self, field: str) -> str:
        language = "en" if (get_language() or "").startswith("en") else "es"
        return getattr(self, f"{field}_{language}")

    @property
    def name(self) -> str:
        return self._localised("name")

    @property
    def practitioners(self) -> str:
        return self._localised("practitioners")

    @property
    def description(self) -> str:
        return self._localised("description")
