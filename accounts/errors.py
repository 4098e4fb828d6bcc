"""What accounts refuses, and why."""

from django.utils.translation import gettext_lazy as _

from medai.common.errors import DomainError


class RefusedUnderImpersonation(DomainError):
    code = "refused_under_impersonation"
    status = 403
    message = _("This cannot be done while acting as someone else. Return to your own account first.")


# Signing up and in


class EmailTaken(DomainError):
    """Never shown to a visitor, who would learn from it who has an account."""

    code = "email_taken"
    status = 409
    message = _("There is already an account with this email address.")


class RoleNotOpen(DomainError):
    code = "role_not_open"
    message = _("Nobody can sign up for this kind of account.")


class CredentialsWrong(DomainError):
    code = "credentials_wrong"
    status = 401
    message = _("The email and the password do not match.")


class PasswordWrong(DomainError):
    code = "password_wrong"
    message = _("This is not your current password.")


class CodeWrong(DomainError):
    code = "code_wrong"
    message = _("This code is not right. Please check it and try again.")


class AccountInactive(DomainError):
    code = "account_inactive"
    status = 403
    message = _("This account is closed. Please write to us if you think this is a mistake.")


class MfaRequired(DomainError):
    code = "mfa_setup_required"
    status = 403
    message = _("Staff accounts need a second step. Set it up on the website first, then sign in here.")


class MfaCannotBeRemoved(DomainError):
    code = "mfa_cannot_be_removed"
    status = 409
    message = _("Staff accounts need a second step. Add another one before you remove this one.")


class FlowNotPending(DomainError):
    code = "flow_not_pending"
    status = 409
    message = _("This step is over or never began. Please start again.")


class ReauthenticationRequired(DomainError):
    code = "reauthentication_required"
    status = 401
    message = _("Please confirm your password first.")


class GoogleNotConfigured(DomainError):
    code = "google_not_configured"
    status = 404
    message = _("Signing in with Google is not available here.")


# Tokens of the API


class TokenInvalid(DomainError):
    code = "token_invalid"
    status = 401
    message = _("This access token is not valid.")


class TokenExpired(DomainError):
    code = "token_expired"
    status = 401
    message = _("This access token has expired. Use the refresh token to get another.")


class SessionEnded(DomainError):
    code = "session_ended"
    status = 401
    message = _("This session has ended. Please sign in again.")


class RefreshTokenInvalid(DomainError):
    code = "refresh_token_invalid"
    status = 401
    message = _("This refresh token is not valid. Please sign in again.")


class RefreshTokenReused(DomainError):
    code = "refresh_token_reused"
    status = 401
    message = _("This refresh token was used before, so the session has been ended. Please sign in again.")


# Managing users


class OwnAccount(DomainError):
    code = "own_account"
    status = 403
    message = _("You cannot do this to your own account.")


class StaffOnlyBySuperAdmin(DomainError):
    code = "staff_only_by_super_admin"
    status = 403
    message = _("Only a super administrator may do this to a staff account.")


class RoleNotChangeable(DomainError):
    code = "role_not_changeable"
    status = 409
    message = _("This role cannot be given to this account.")


# Impersonation


class StaffNotImpersonated(DomainError):
    code = "staff_not_impersonated"
    status = 403
    message = _("Nobody may act as a member of staff.")


class ReasonRequired(DomainError):
    code = "reason_required"
    message = _("Please say why you need to act as this person (at least 10 characters).")


class NotImpersonating(DomainError):
    code = "not_impersonating"
    status = 409
    message = _("You are not acting as anybody.")


# People, policies, pictures


class TooManyPeople(DomainError):
    code = "too_many_people"
    status = 409
    message = _("You already care for %(limit)s people, which is the most one account can hold.")


class NotYourself(DomainError):
    code = "not_for_yourself"
    status = 409
    message = _("This cannot be done with your own record.")


class PolicyExists(DomainError):
    code = "policy_exists"
    status = 409
    message = _("There is already a policy with this insurer. Change that one instead.")


class InsurerUnknown(DomainError):
    code = "insurer_unknown"
    message = _("We do not know this insurer. Please choose one from the list.")


class NotClaimable(DomainError):
    code = "not_claimable"
    status = 404
    message = _("There is no such record to add, or somebody has added it already.")


class OwnRecordInUse(DomainError):
    code = "own_record_in_use"
    status = 409
    message = _(
        "You already have visits under your own record, so this one cannot take its place. Write to us."
    )


class PhoneInvalid(DomainError):
    code = "phone_invalid"
    message = _("This is not a valid phone number. Write it with its country code, such as +57 300 123 4567.")


class TimeZoneUnknown(DomainError):
    code = "time_zone_unknown"
    message = _("We do not know this time zone. Please choose one from the list.")


class PictureUnreadable(DomainError):
    code = "picture_unreadable"
    message = _("This is not a picture we can read. Use a JPEG, PNG or WebP file.")


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    message = _("This picture is too large. It may have at most %(megabytes)s MB and 40 megapixels.")


class PictureTooSmall(DomainError):
    code = "picture_too_small"
    message = _("This picture is too small. It needs at least %(pixels)s pixels on each side.")
