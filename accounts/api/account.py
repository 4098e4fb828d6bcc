"""/api/v1/auth/ for whom is signed in: oneself, the second step, sessions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.headless.account.inputs import ChangePasswordInput
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.internal.flows import check_rate_limit, delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import serializers as shapes
from accounts.api.flows import tokens_answer, valid
from accounts.errors import (
    CodeWrong,
    FlowNotPending,
    MfaCannotBeRemoved,
    PasswordWrong,
    ReauthenticationRequired,
)
from accounts.guards import SIGNED_IN, not_under_impersonation, user_of
from accounts.identity import identity_for
from accounts.models import ApiSession, Profile, User
from accounts.services import impersonation, people, sessions
from medai.common import encryption
from medai.common.api import ApiView, answer
from medai.common.errors import NotFound, TooManyRequests
from medai.common.identity import acting_as, current_identity

TAG = ["auth"]
SETUP_SALT = "accounts.totp-setup"
SETUP_LIFETIME = 10 * 60
RECENT = timedelta(minutes=15)


class AccountView(ApiView):
    """For every role; runs under the sign-in identity, so that it sees authenticators but no profile."""

    allowed_roles = SIGNED_IN


def describe(user: User, impersonated_by: UUID | None) -> dict[str, Any]:
    """The account and the person behind it, read as that person."""
    with acting_as(identity_for(user)):
        profile = Profile.objects.filter(user=user).first() or Profile(user=user)
        verified = EmailAddress.objects.filter(user=user, primary=True, verified=True).exists()
        methods = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "id": user.pk,
        "email": user.email,
        "email_verified": verified,
        "role": user.role,
        "language": user.language,
        "onboarding_complete": user.onboarding_complete,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "phone": profile.phone,
        "phone_verified": profile.phone_verified_at is not None,
        "time_zone": profile.time_zone,
        "mfa": sorted(set(methods)),
        "impersonated_by": impersonated_by,
    }


def _actor_id(request: Request) -> UUID | None:
    identity = current_identity()
    return identity.actor_id if identity else None


class MeView(AccountView):
    @extend_schema(tags=TAG, responses=shapes.MeOutput)
    def get(self, request: Request) -> Response:
        """The account and the person behind it."""
        return self._answer(request)

    @extend_schema(tags=TAG, request=shapes.MeInput, responses=shapes.MeOutput)
    def patch(self, request: Request) -> Response:
        """Change what is sent; a patient's own record follows."""
        given = shapes.MeInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        people.update_profile(user=user_of(request), **given.validated_data)
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        return answer(describe(user_of(request), _actor_id(request)))


class LogoutView(AccountView):
    @extend_schema(tags=TAG, request=None, responses={200: None})
    def post(self, request: Request) -> Response:
        """End this session: its tokens are worthless from now on. Of an impersonation, its end."""
        session = request.auth
        if isinstance(session, ApiSession):
            if session.impersonation_id:
                impersonation.stop(session_id=session.impersonation_id)
            else:
                sessions.end_api_session(session_id=session.pk, user=user_of(request))
        else:
            get_adapter().logout(request._request)
        return answer()


class PasswordView(AccountView):
    rate_scope = "sign_in"

    @extend_schema(tags=TAG, request=shapes.PasswordChangeInput, responses=shapes.TokensOutput)
    @not_under_impersonation
    def post(self, request: Request) -> Response:
        """Change the password. Every session ends, this one too; the answer opens a new one."""
        given = shapes.PasswordChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        if not user_of(request).has_usable_password():
            # Or whoever got hold of a token could stay.
            _confirm_it_is_the_person(request, None)
        form = valid(ChangePasswordInput(data=given.validated_data, user=user_of(request)))
        adapter = get_adapter(request._request)
        adapter.set_password(user_of(request), form.cleaned_data["new_password"])
        adapter.send_notification_mail("account/email/password_changed", user_of(request))
        return tokens_answer(
            sessions.open_api_session(
                user=user_of(request),
                user_agent=request.headers.get("User-Agent", ""),
                ip_address=request.auth.ip_address if isinstance(request.auth, ApiSession) else None,
            )
        )


class SessionsView(AccountView):
    @extend_schema(tags=TAG, responses=shapes.ApiSessionOutput(many=True))
    def get(self, request: Request) -> Response:
        """Where the account is signed in through the API."""
        rows = (
            ApiSession.objects.live()
            .filter(user=user_of(request), impersonation=None)
            .order_by("-last_used_at")
        )
        current = request.auth.pk if isinstance(request.auth, ApiSession) else None
        return answer(shapes.ApiSessionOutput(rows, many=True, context={"current": current}).data)


class SessionView(AccountView):
    @extend_schema(tags=TAG, responses={204: None})
    @not_under_impersonation
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Sign out one of one's own clients."""
        if not sessions.end_api_session(session_id=session_id, user=user_of(request)):
            raise NotFound
        return answer(status=204)


# --- The second step --------------------------------------------------------------------------------------


def _confirm_it_is_the_person(request: Request, password: str | None) -> None:
    """Before the ways into an account change: the password again, or a sign-in a moment ago where there is none."""
    user: Any = user_of(request)
    if user.has_usable_password():
        if not password:
            raise ReauthenticationRequired(field="password")
        try:
            known = get_adapter(request._request).reauthenticate(user, password)
        except ValidationError:
            raise TooManyRequests from None
        if not known:
            raise PasswordWrong(field="password")
    elif not isinstance(request.auth, ApiSession) or request.auth.created_at < timezone.now() - RECENT:
        raise ReauthenticationRequired


def _notify(request: Request, template: str) -> None:
    get_adapter(request._request).send_notification_mail(template, user_of(request))


class MfaView(AccountView):
    @extend_schema(tags=TAG, responses=shapes.MfaMethodsOutput)
    def get(self, request: Request) -> Response:
        """Which second steps are on."""
        rows = Authenticator.objects.filter(user=user_of(request))
        codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
        left = len(codes.wrap().get_unused_codes()) if codes else 0
        return answer({"methods": sorted({row.type for row in rows}), "recovery_codes_left": left})


class TotpView(AccountView):
    rate_scope = "sign_in"

    @extend_schema(tags=TAG, responses=shapes.TotpSetupOutput)
    @not_under_impersonation
    def get(self, request: Request) -> Response:
        """A secret for the authenticator app; it counts once a code of it is sent back with `setup_token`."""
        secret = generate_totp_secret()
        url = get_mfa_adapter().build_totp_url(user_of(request), secret)
        token = signing.dumps(
            {"user": str(user_of(request).pk), "secret": encryption.encrypt(secret)}, salt=SETUP_SALT
        )
        return answer(
            {"secret": secret, "url": url, "setup_token": token}, headers={"Cache-Control": "no-store"}
        )

    @extend_schema(tags=TAG, request=shapes.TotpActivateInput, responses={201: shapes.RecoveryCodesOutput})
    @not_under_impersonation
    def post(self, request: Request) -> Response:
        """Switch the second step on. The recovery codes in the answer are for keeping on paper."""
        given = shapes.TotpActivateInput(data=request.data)
        given.is_valid(raise_exception=True)
        sent = given.validated_data
        _confirm_it_is_the_person(request, sent.get("password"))
        secret = _secret_of(sent["setup_token"], user_of(request))
        try:
            clear_attempts = check_rate_limit(user_of(request))
        except ValidationError:
            raise TooManyRequests from None
        if not validate_totp_code(secret, sent["code"]):
            raise CodeWrong(field="code")
        clear_attempts()
        with transaction.atomic():
            Authenticator.objects.filter(user=user_of(request), type=Authenticator.Type.TOTP).delete()
            TOTP.activate(user_of(request), secret)
            codes = RecoveryCodes.activate(user_of(request)).get_unused_codes()
            _notify(request, "mfa/email/totp_activated")
        return answer({"codes": codes}, status=201, headers={"Cache-Control": "no-store"})


class TotpOffView(AccountView):
    rate_scope = "sign_in"

    @extend_schema(tags=TAG, request=shapes.ConfirmedInput, responses={200: None, 404: None})
    @not_under_impersonation
    def post(self, request: Request) -> Response:
        """Switch the second step off."""
        given = shapes.ConfirmedInput(data=request.data)
        given.is_valid(raise_exception=True)
        _confirm_it_is_the_person(request, given.validated_data.get("password"))
        row = Authenticator.objects.filter(user=user_of(request), type=Authenticator.Type.TOTP).first()
        if row is None:
            raise NotFound
        if not get_mfa_adapter().can_delete_authenticator(row):
            raise MfaCannotBeRemoved
        with transaction.atomic():
            row.delete()
            delete_dangling_recovery_codes(user_of(request))
            _notify(request, "mfa/email/totp_deactivated")
        return answer()


def _secret_of(setup_token: str, user: Any) -> str:
    try:
        content = signing.loads(setup_token, salt=SETUP_SALT, max_age=SETUP_LIFETIME)
    except signing.BadSignature:
        raise FlowNotPending(field="setup_token") from None
    if content["user"] != str(user.pk):
        raise FlowNotPending(field="setup_token")
    return encryption.decrypt(content["secret"])


class RecoveryCodesView(AccountView):
    rate_scope = "sign_in"

    @extend_schema(tags=TAG, request=shapes.ConfirmedInput, responses={201: shapes.RecoveryCodesOutput})
    @not_under_impersonation
    def post(self, request: Request) -> Response:
        """New recovery codes; the old ones are void."""
        given = shapes.ConfirmedInput(data=request.data)
        given.is_valid(raise_exception=True)
        _confirm_it_is_the_person(request, given.validated_data.get("password"))
        mine = Authenticator.objects.filter(user=user_of(request))
        if not mine.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            raise FlowNotPending
        with transaction.atomic():
            mine.filter(type=Authenticator.Type.RECOVERY_CODES).delete()
            codes = RecoveryCodes.activate(user_of(request)).get_unused_codes()
            _notify(request, "mfa/email/recovery_codes_generated")
        return answer({"codes": codes}, status=201, headers={"Cache-Control": "no-store"})
