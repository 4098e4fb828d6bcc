"""What the endpoints of accounts take and give."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from accounts import audit
from accounts.models import (
    AdminAuditLog,
    ApiSession,
    Guardianship,
    InsuranceProvider,
    Patient,
    PatientInsurance,
    Profile,
    Role,
    User,
)
from accounts.models.patients import Relationship, Sex, require_birthday
from medai.common import captcha
from medai.common.captcha_fields import SolutionField, checked

PASSWORD: dict[str, Any] = {"trim_whitespace": False, "max_length": 256, "write_only": True}
MFA_METHODS = ["totp", "webauthn", "recovery_codes"]
OPEN_ROLES = [Role.PATIENT.value, Role.DOCTOR.value]
CODE: dict[str, Any] = {"max_length": 32, "write_only": True}
LONGEST_DETAILS = 4000

# --- Signing in -------------------------------------------------------------------------------------------


class FlowInput(serializers.Serializer[Any]):
    flow = serializers.CharField(max_length=64, help_text="The token of a flow that waits for its next step.")


class FlowCodeInput(FlowInput):
    code = serializers.CharField(**CODE)


class FlowCredentialInput(FlowInput):
    credential = serializers.JSONField(help_text="The browser's or platform's PublicKeyCredential, as JSON.")

    def validate_credential(self, credential: Any) -> Any:
        """Whoever checks the signature relies on the shape."""
        response = credential.get("response") if isinstance(credential, dict) else None
        parts = [credential.get("id"), *response.values()] if isinstance(response, dict) else [0]
        if not all(part is None or isinstance(part, str) for part in parts):
            raise serializers.ValidationError(_("This is not a PublicKeyCredential."), code="invalid")
        return credential


class AnonymousInput(serializers.Serializer[Any]):
    """What nobody in particular sends, and mails somebody."""

    captcha = SolutionField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        solution = attrs.pop("captcha", captcha.WITHOUT)
        try:
            checked(solution, address=audit.current_address() or "")
        except ValidationError as error:
            raise serializers.ValidationError({"captcha": get_error_detail(error)}) from error
        return attrs


class SignUpInput(AnonymousInput):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(**PASSWORD)
    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80)
    role = serializers.ChoiceField(OPEN_ROLES, default=Role.PATIENT)


class LoginInput(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(**PASSWORD)


class EmailInput(AnonymousInput):
    email = serializers.EmailField(max_length=254)


class GoogleInput(serializers.Serializer[Any]):
    id_token = serializers.CharField(max_length=4096, write_only=True)


class ResetInput(FlowCodeInput):
    password = serializers.CharField(**PASSWORD)


class RefreshInput(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=256, write_only=True)


class PasswordChangeInput(serializers.Serializer[Any]):
    current_password = serializers.CharField(required=False, allow_blank=True, **PASSWORD)
    new_password = serializers.CharField(**PASSWORD)


class NextStepOutput(serializers.Serializer[Any]):
    next = serializers.ChoiceField(["verify_email", "code", "mfa", "new_password", "passkey"])
    flow = serializers.CharField()


class PasskeyOptionsOutput(NextStepOutput):
    request_options = serializers.JSONField()


class SignedInUserOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField(allow_null=True)
    role = serializers.ChoiceField(Role.choices)


class TokensOutput(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField(allow_null=True)
    token_type = serializers.ChoiceField(["Bearer"])
    expires_at = serializers.DateTimeField()
    user = SignedInUserOutput()


# --- The account ------------------------------------------------------------------------------------------


class MeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField(allow_null=True)
    email_verified = serializers.BooleanField()
    role = serializers.ChoiceField(Role.choices)
    language = serializers.ChoiceField(settings.LANGUAGES)
    onboarding_complete = serializers.BooleanField()
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    phone_verified = serializers.BooleanField()
    time_zone = serializers.CharField()
    mfa = serializers.ListField(child=serializers.ChoiceField(MFA_METHODS))
    impersonated_by = serializers.UUIDField(allow_null=True)


class MeInput(serializers.Serializer[Any]):
    first_name = serializers.CharField(max_length=80, required=False)
    last_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


class TotpSetupOutput(serializers.Serializer[Any]):
    secret = serializers.CharField()
    url = serializers.CharField(help_text="otpauth:// address for the QR code.")
    setup_token = serializers.CharField()


class ConfirmedInput(serializers.Serializer[Any]):
    password = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="The account's password, where it has one; without one the sign-in must be recent.",
        **PASSWORD,
    )


class TotpActivateInput(ConfirmedInput):
    setup_token = serializers.CharField(max_length=512, write_only=True)
    code = serializers.CharField(**CODE)


class RecoveryCodesOutput(serializers.Serializer[Any]):
    codes = serializers.ListField(child=serializers.CharField())


class MfaMethodsOutput(serializers.Serializer[Any]):
    methods = serializers.ListField(child=serializers.ChoiceField(MFA_METHODS))
    recovery_codes_left = serializers.IntegerField()


class ApiSessionOutput(serializers.ModelSerializer[ApiSession]):
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = ApiSession
        fields = ["id", "user_agent", "ip_address", "created_at", "last_used_at", "expires_at", "is_current"]

    def get_is_current(self, session: ApiSession) -> bool:
        return session.pk == self.context.get("current")


# --- Patients ---------------------------------------------------------------------------------------------


class PatientOutput(serializers.ModelSerializer[Patient]):
    class Meta:
        model = Patient
        fields = [
            "id",
            "first_name",
            "last_name",
            "email",
            "phone",
            "language",
            "time_zone",
            "date_of_birth",
            "sex",
            "address",
            "city",
            "emergency_contact_name",
            "emergency_contact_phone",
        ]


class PatientInput(MeInput):
    date_of_birth = serializers.DateField(required=False, allow_null=True, validators=[require_birthday])
    sex = serializers.ChoiceField(Sex.choices, required=False)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    emergency_contact_name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    emergency_contact_phone = serializers.CharField(max_length=32, required=False, allow_blank=True)


DEPENDENTS = [choice for choice in Relationship.choices if choice[0] != Relationship.SELF]


class DependentOutput(serializers.ModelSerializer[Guardianship]):
    id = serializers.UUIDField(source="patient.id")
    first_name = serializers.CharField(source="patient.first_name")
    last_name = serializers.CharField(source="patient.last_name")
    date_of_birth = serializers.DateField(source="patient.date_of_birth", allow_null=True)
    sex = serializers.ChoiceField(Sex.choices, source="patient.sex")
    address = serializers.CharField(source="patient.address")
    city = serializers.CharField(source="patient.city")

    class Meta:
        model = Guardianship
        fields = [
            "id",
            "relationship",
            "first_name",
            "last_name",
            "date_of_birth",
            "sex",
            "address",
            "city",
        ]


class DependentInput(serializers.Serializer[Any]):
    relationship = serializers.ChoiceField(DEPENDENTS)
    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True, validators=[require_birthday])
    sex = serializers.ChoiceField(Sex.choices, required=False)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)


class InsuranceProviderOutput(serializers.ModelSerializer[InsuranceProvider]):
    class Meta:
        model = InsuranceProvider
        fields = ["id", "name"]


class PolicyOutput(serializers.ModelSerializer[PatientInsurance]):
    provider = InsuranceProviderOutput()

    class Meta:
        model = PatientInsurance
        fields = ["id", "patient", "provider", "policy_number", "details"]


def require_plain(details: dict[str, Any]) -> None:
    """Details are a few words of an insurer, in letters that PostgreSQL's JSON holds."""
    text = json.dumps(details, ensure_ascii=False)
    if len(text) > LONGEST_DETAILS:
        raise serializers.ValidationError(_("This is too long."), code="max_length")
    if "\\u0000" in text or not _encodable(text):
        raise serializers.ValidationError(_("This holds characters that are not text."), code="invalid")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class PolicyInput(serializers.Serializer[Any]):
    patient = serializers.UUIDField()
    provider = serializers.UUIDField()
    policy_number = serializers.CharField(max_length=64)
    details = serializers.DictField(required=False, validators=[require_plain])


class PolicyChangeInput(serializers.Serializer[Any]):
    provider = serializers.UUIDField(required=False)
    policy_number = serializers.CharField(max_length=64, required=False)
    details = serializers.DictField(required=False, validators=[require_plain])


# --- Staff ------------------------------------------------------------------------------------------------


class ProfileOutput(serializers.ModelSerializer[Profile]):
    class Meta:
        model = Profile
        fields = ["first_name", "last_name", "phone", "time_zone"]


class UserOutput(serializers.ModelSerializer[User]):
    profile = ProfileOutput(allow_null=True, default=None)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "role",
            "language",
            "is_active",
            "onboarding_complete",
            "created_at",
            "last_login",
            "profile",
        ]


class RoleInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)


class ImpersonateInput(serializers.Serializer[Any]):
    user = serializers.UUIDField()
    reason = serializers.CharField(max_length=500)


class ImpersonationOutput(TokensOutput):
    impersonation = serializers.UUIDField()


class StopImpersonationInput(serializers.Serializer[Any]):
    impersonation = serializers.UUIDField(
        required=False, help_text="Needed only where the token is not the impersonation's own."
    )


class AuditLogOutput(serializers.ModelSerializer[AdminAuditLog]):
    class Meta:
        model = AdminAuditLog
        fields = [
            "sequence",
            "occurred_at",
            "actor_id",
            "acting_as_id",
            "action",
            "target_type",
            "target_id",
            "details",
            "ip_address",
        ]
