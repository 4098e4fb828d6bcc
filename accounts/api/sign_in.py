"""/api/v1/auth/: signing up and in. Each step is one of allauth's flows (see flows.py)."""

from typing import Any

from allauth.account.internal import flows as allauth_flows
from allauth.account.internal.flows.email_verification import login_on_verification
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited, SignupClosedException
from allauth.headless.account import inputs
from allauth.headless.mfa import inputs as mfa_inputs
from allauth.headless.socialaccount.inputs import ProviderTokenInput
from allauth.headless.socialaccount.internal import complete_token_login
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import serializers as shapes
from accounts.api.flows import Flow, flow, tokens_answer, valid
from accounts.errors import CredentialsWrong, EmailTaken, FlowNotPending, GoogleNotConfigured
from accounts.forms import passkeys
from accounts.guards import ANYONE
from accounts.models import Role
from accounts.services import sessions
from medai.common.api import ApiView
from medai.common.errors import TooManyRequests

TAG = ["auth"]
REFUSALS = {401: None, 403: None}
NEXT: dict[int, Any] = {202: shapes.NextStepOutput, **REFUSALS}
SIGNED_IN_OR_NEXT: dict[int, Any] = {200: shapes.TokensOutput, **NEXT}
OPTIONS: dict[int, Any] = {202: shapes.PasskeyOptionsOutput, **REFUSALS}


class SignInView(ApiView):
    """Open to all, and deaf to tokens: an old one must not stand in the way of a new sign-in."""

    allowed_roles = ANYONE
    authentication_classes: list[type] = []
    rate_scope: str | None = "sign_in"
    input_class: type[Any]

    def sent(self, request: Request) -> dict[str, Any]:
        given = self.input_class(data=request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data


class SignUpForm(inputs.SignupInput):
    """allauth's form with our fields; what it checks (password rules, an address in use) stays its own."""

    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    role = forms.ChoiceField(choices=[(Role.PATIENT, ""), (Role.DOCTOR, "")])

    def try_save(self, request: Any) -> Any:
        try:
            return super().try_save(request)
        except EmailTaken:
            self.account_already_exists = True
            return super().try_save(request)


class SignUpView(SignInView):
    input_class = shapes.SignUpInput

    @extend_schema(tags=TAG, request=shapes.SignUpInput, responses=NEXT)
    def post(self, request: Request) -> Response:
        """Create an account. The answer is the same for an address that has one already; the mail tells."""
        with flow(request) as run:
            form = valid(SignUpForm(data=self.sent(request)))
            user, response = form.try_save(run.request)
            if response is None:
                _follow(lambda: allauth_flows.signup.complete_signup(run.request, user=user))
            return run.outcome()


class LoginView(SignInView):
    input_class = shapes.LoginInput

    @extend_schema(tags=TAG, request=shapes.LoginInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """Sign in with a password: tokens, or the next step (`mfa`, `verify_email`)."""
        with flow(request) as run:
            form = valid(inputs.LoginInput(data=self.sent(request)))
            credentials = form.cleaned_data
            _follow(lambda: allauth_flows.login.perform_password_login(run.request, credentials, form.login))
            return run.outcome()


class LoginCodeView(SignInView):
    input_class = shapes.EmailInput

    @extend_schema(tags=TAG, request=shapes.EmailInput, responses=NEXT)
    def post(self, request: Request) -> Response:
        """Ask for a sign-in code by email. An unknown address gets the same answer, and another mail."""
        with flow(request) as run:
            form = valid(inputs.RequestLoginCodeInput(data=self.sent(request)))
            LoginCodeVerificationProcess.initiate(
                request=run.request, user=form._user, email=form.cleaned_data["email"]
            )
            return run.wait_for("code")


class LoginCodeConfirmView(SignInView):
    input_class = shapes.FlowCodeInput

    @extend_schema(tags=TAG, request=shapes.FlowCodeInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """Sign in with the code from the mail."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            process = LoginCodeVerificationProcess.resume(run.require("code"))
            if process is None:
                raise FlowNotPending(field="flow")
            _check_code(inputs.ConfirmLoginCodeInput(data=sent, code=process.code), process, run)
            _follow(lambda: process.finish(None))
            return run.outcome()


class EmailVerificationView(SignInView):
    input_class = shapes.FlowInput

    @extend_schema(tags=TAG, request=shapes.FlowInput, responses=NEXT)
    def post(self, request: Request) -> Response:
        """Send the code for the email address again."""
        with flow(request, self.sent(request)["flow"]) as run:
            run.require("verify_email")
            process = EmailVerificationProcess.resume(run.request)
            if process is None or not process.can_resend:
                raise FlowNotPending(field="flow")
            _follow(process.resend)
            return run.wait_for("verify_email")


class EmailVerificationConfirmView(SignInView):
    input_class = shapes.FlowCodeInput

    @extend_schema(tags=TAG, request=shapes.FlowCodeInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """Confirm the email address with the code from the mail, which also signs in."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            run.require("verify_email")
            process = EmailVerificationProcess.resume(run.request)
            if process is None:
                raise FlowNotPending(field="flow")
            form = inputs.VerifyEmailInput(data={"key": sent["code"]}, process=process)
            _check_code(form, process, run, names={"key": "code"})
            address = process.finish()
            _follow(lambda: login_on_verification(run.request, address))
            return run.outcome()


class SecondStepView(SignInView):
    input_class = shapes.FlowCodeInput

    @extend_schema(tags=TAG, request=shapes.FlowCodeInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """The second step: a code of the authenticator app, or a recovery code."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            stage = run.require("mfa")
            form = valid(mfa_inputs.AuthenticateInput(data=sent, user=stage.login.user))
            form.save()
            _follow(stage.exit)
            return run.outcome()


class SecondStepPasskeyOptionsView(SignInView):
    input_class = shapes.FlowInput

    @extend_schema(tags=TAG, request=shapes.FlowInput, responses=OPTIONS)
    def post(self, request: Request) -> Response:
        """What a passkey has to sign as the second step."""
        with flow(request, self.sent(request)["flow"]) as run:
            stage = run.require("mfa")
            return _with_options(run, "mfa", webauthn.begin_authentication(stage.login.user))


class SecondStepPasskeyView(SignInView):
    input_class = shapes.FlowCredentialInput

    @extend_schema(tags=TAG, request=shapes.FlowCredentialInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """The second step: what the passkey signed."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            stage = run.require("mfa")
            answered = {"credential": sent["credential"]}
            form = valid(passkeys.SecondStepPasskeyForm(data=answered, user=stage.login.user))
            form.save()
            _follow(stage.exit)
            return run.outcome()


class PasskeyOptionsView(SignInView):
    @extend_schema(tags=TAG, request=None, responses=OPTIONS)
    def post(self, request: Request) -> Response:
        """What a passkey has to sign to sign in with it alone."""
        with flow(request) as run:
            return _with_options(run, "passkey", webauthn.begin_authentication())


class PasskeyView(SignInView):
    input_class = shapes.FlowCredentialInput

    @extend_schema(tags=TAG, request=shapes.FlowCredentialInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """Sign in with a passkey, which is both steps at once."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            form = valid(passkeys.PasskeyForm(data={"credential": sent["credential"]}))
            authenticator = form.cleaned_data["credential"]
            login = Login(user=authenticator.user)
            _follow(lambda: webauthn_flows.perform_passwordless_login(run.request, authenticator, login))
            return run.outcome()


class GoogleView(SignInView):
    input_class = shapes.GoogleInput

    @extend_schema(tags=TAG, request=shapes.GoogleInput, responses={**SIGNED_IN_OR_NEXT, 404: None})
    def post(self, request: Request) -> Response:
        """Trade an ID token of Google's sign-in for our tokens; a new person gets an account."""
        apps = settings.SOCIALACCOUNT_PROVIDERS["google"]["APPS"]
        if not apps:
            raise GoogleNotConfigured
        token = {"client_id": apps[0]["client_id"], "id_token": self.sent(request)["id_token"]}
        data = {"provider": "google", "process": "login", "token": token}
        with flow(request) as run:
            form = valid(ProviderTokenInput(data=data), names={"token": "id_token"})
            try:
                _follow(lambda: complete_token_login(run.request, form.cleaned_data["sociallogin"]))
            except (ValidationError, SignupClosedException):
                raise CredentialsWrong from None
            return run.outcome()


class PasswordResetView(SignInView):
    input_class = shapes.EmailInput

    @extend_schema(tags=TAG, request=shapes.EmailInput, responses=NEXT)
    def post(self, request: Request) -> Response:
        """Ask for a code to set a new password. An unknown address gets the same answer, and another mail."""
        sent = self.sent(request)
        with flow(request) as run:
            if not ratelimit.consume(run.request, action="reset_password", key=sent["email"].lower()):
                raise TooManyRequests
            valid(inputs.RequestPasswordResetInput(data=sent)).save(run.request)
            return run.wait_for("new_password")


class PasswordResetConfirmView(SignInView):
    input_class = shapes.ResetInput

    @extend_schema(tags=TAG, request=shapes.ResetInput, responses=SIGNED_IN_OR_NEXT)
    def post(self, request: Request) -> Response:
        """Set a new password with the code from the mail. Every other session ends; this client is signed in."""
        sent = self.sent(request)
        with flow(request, sent["flow"]) as run:
            process = PasswordResetVerificationProcess.resume(run.request)
            if process is None:
                raise FlowNotPending(field="flow")
            form = inputs.ResetPasswordInput(
                data={"key": sent["code"], "password": sent["password"]},
                code=process.code,
                user=process.user,
            )
            _check_code(form, process, run, names={"key": "code"})
            allauth_flows.password_reset.reset_password(process.user, form.cleaned_data["password"])
            process.confirm_code()
            _follow(process.finish)
            return run.outcome()


class RefreshView(SignInView):
    input_class = shapes.RefreshInput
    # Nothing to be guessed here, and every app behind one address of a mobile network comes by again and again.
    rate_scope = None

    @extend_schema(tags=TAG, request=shapes.RefreshInput, responses={200: shapes.TokensOutput, **REFUSALS})
    def post(self, request: Request) -> Response:
        """A new pair of tokens. The refresh token is spent: used again, it ends the session."""
        return tokens_answer(sessions.refresh(refresh_token=self.sent(request)["refresh_token"]))


def _follow(step: Any) -> None:
    """Take a step of a flow; where it leads a browser is of no interest here."""
    try:
        step()
    except ImmediateHttpResponse as error:
        if error.response.status_code == 429:
            raise TooManyRequests from None
    except RateLimited:
        raise TooManyRequests from None


def _check_code(form: forms.Form, process: Any, run: Flow, names: dict[str, str] | None = None) -> None:
    """Refuse a wrong code and count it: after the last attempt the flow is over."""
    if not form.is_valid():
        if "key" in form.errors or "code" in form.errors:
            process.record_invalid_attempt()
            run.session.save()
        valid(form, names)


def _with_options(run: Flow, step: str, options: dict[str, Any]) -> Response:
    response = run.wait_for(step)
    response.data["request_options"] = options
    return response
