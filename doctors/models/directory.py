"""What the directory searches: one flat row for each public doctor, and the words people may type for it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from doctors import titles
from medai.common.models import BaseModel


class DirectoryEntry(BaseModel):
    """A public doctor as the directory lists them: a projection, kept by `doctors.services.directory`.

    `tags` holds all that is filtered by, each with a letter in front (`doctors.directory.tags`), so that any
    combination is one look into one index. The times and free days are a mirror of `DoctorAvailability`, kept by a
    trigger. Only public doctors have a row, hence everybody may read it.
    """

    doctor = models.OneToOneField("doctors.Doctor", on_delete=models.CASCADE, related_name="directory_entry")
    slug = models.CharField(max_length=120)
    name = models.CharField(max_length=180)
    photo = models.CharField(max_length=200, blank=True)
    specialty_ids = ArrayField(models.UUIDField())
    languages = ArrayField(models.CharField(max_length=2))
    modes = ArrayField(models.CharField(max_length=12))
    tags = ArrayField(models.TextField())
    fee_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    fee_group = models.PositiveSmallIntegerField(help_text="0 in the platform's own currency, 1 in others")
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    rating_count = models.PositiveIntegerField()
    rating_score = models.FloatField(
        null=True, help_text="the average, drawn to the middle while reviews are few"
    )
    is_accepting_new_patients = models.BooleanField()
    time_zone = models.CharField(max_length=64)
    horizon_days = models.PositiveSmallIntegerField()
    next_free_in_person_at = models.DateTimeField(null=True)
    next_free_video_at = models.DateTimeField(null=True)
    free_days_in_person = ArrayField(models.DateField(), default=list)
    free_days_video = ArrayField(models.DateField(), default=list)
    next_free_at = models.GeneratedField(
        expression=Least("next_free_in_person_at", "next_free_video_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("directory entry")
        verbose_name_plural = _("directory entries")
        indexes = [
            GinIndex(fields=["tags"], name="directory_tags"),
            models.Index(F("next_free_at").asc(nulls_last=True), F("id"), name="directory_soonest"),
            models.Index(
                F("next_free_in_person_at").asc(nulls_last=True), F("id"), name="directory_soonest_in_person"
            ),
            models.Index(
                F("next_free_video_at").asc(nulls_last=True), F("id"), name="directory_soonest_video"
            ),
            models.Index(
                F("fee_group"), F("fee_minor").asc(nulls_last=True), F("id"), name="directory_cheapest"
            ),
            models.Index(F("rating_score").desc(nulls_last=True), F("id"), name="directory_best_rated"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        """The name with its title in the language of the page."""
        title, _space, rest = self.name.partition(" ")
        return titles.called(title, rest)


class DirectoryPlace(BaseModel):
    """Where a public doctor sees patients, for "nearest first": one row for each office with coordinates."""

    doctor = models.ForeignKey("doctors.Doctor", on_delete=models.CASCADE, related_name="+")
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        verbose_name = _("directory place")
        verbose_name_plural = _("directory places")
        indexes = [models.Index(fields=["latitude", "longitude"], name="directory_place_position")]


class SearchTermKind(models.TextChoices):
    SPECIALTY = "specialty", _("Specialty")
    CITY = "city", _("City")
    NAME = "name", _("Name")


class SearchTerm(BaseModel):
    """A word or phrase that people may type, in lower case without accents, and what it stands for.

    `target` is a specialty's slug, a city's key, or the word itself for part of a doctor's name; `label` is how
    a city is written. Terms of specialties are kept by a trigger, whoever writes a specialty.
    """

    kind = models.CharField(max_length=12, choices=SearchTermKind.choices)
    term = models.CharField(max_length=120)
    target = models.CharField(max_length=120)
    label = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        constraints = [
            models.UniqueConstraint(fields=["term", "kind", "target"], name="search_term_is_unique"),
        ]
        indexes = [
            GinIndex(OpClass(F("term"), name="gin_trgm_ops"), name="search_term_alike"),
            models.Index(OpClass(F("term"), name="text_pattern_ops"), name="search_term_begins"),
            models.Index(fields=["kind", "target"], name="search_term_target"),
        ]

    def __str__(self) -> str:
        return self.term
