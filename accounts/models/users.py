"""The account (`User`) and the person behind it (`Profile`): two tables, since only the second is private."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from medai.common.models import BaseModel, SoftDeleteModel


class Role(models.TextChoices):
    PATIENT = "patient", _("Patient")
    DOCTOR = "doctor", _("Doctor")
    PHARMACIST = "pharmacist", _("Pharmacist")
    ADMIN = "admin", _("Administrator")
    SUPER_ADMIN = "super_admin", _("Super administrator")


STAFF_ROLES = frozenset({Role.ADMIN, Role.SUPER_ADMIN})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.SUPER_ADMIN, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """The address in lower case: two spellings of one address are one account."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, BaseModel):
    """An account: how somebody signs in, and as what. Whatever is known of the person is in `Profile`.

    `email` is empty for those who sign in by phone. `is_active` is False while the account is banned. Raising
    `session_epoch` ends every web session of the account, whether we know of it or not.
    """

    email = models.EmailField(_("email"), unique=True, null=True, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.PATIENT)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    is_active = models.BooleanField(_("active"), default=True)
    onboarding_complete = models.BooleanField(_("onboarding complete"), default=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.email or str(self.pk)

    @property
    def is_staff(self) -> bool:
        """May enter the Django admin; what may be done there is each page's own guard."""
        return self.role in STAFF_ROLES

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.SUPER_ADMIN

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django's one hook for what a session stands on: the password, and here the epoch as well.
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def session_is_current(self, auth_hash: str) -> bool:
        """Whether a session opened with this hash stands on the password and epoch of today."""
        hashes = [self.get_session_auth_hash(), *self.get_session_auth_fallback_hash()]
        return any(constant_time_compare(auth_hash, one) for one in hashes)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_staff

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class Profile(SoftDeleteModel):
    """Who somebody is. `phone` is E.164 and belongs to one account only once it is verified."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    avatar = models.FileField(_("photo"), upload_to="avatars/", blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.DEFAULT_PERSON_TIME_ZONE)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=Q(phone_verified_at__isnull=False),
                name="profile_verified_phone_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="profile_phone_is_e164"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
