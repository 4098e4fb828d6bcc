"""What can go wrong around a doctor's practice, in words for the person who tried."""

from django.utils.translation import gettext_lazy as _

from medai.common.errors import DomainError, InvalidInput, NotFound, StaleVersion


class DoctorNotFound(NotFound):
    code = "doctor_not_found"
    message = _("We could not find this doctor.")


class NoPractice(DomainError):
    """The account is a doctor's and has no profile yet."""

    code = "no_practice"
    status = 409
    message = _("Set up your profile first.")


class AlreadyADoctor(DomainError):
    code = "already_a_doctor"
    status = 409
    message = _("This account has a doctor's profile already.")


class NotADoctorAccount(DomainError):
    code = "not_a_doctor_account"
    status = 409
    message = _("Only an account with the role of doctor can have a doctor's profile.")


class KeptAsVerified(DomainError):
    """Name, licence and specialties are what was verified; only staff change them afterwards."""

    code = "kept_as_verified"
    status = 409
    message = _("Your name, licence and specialties were verified. Write to us to change them.")


class UnknownTimeZone(InvalidInput):
    code = "unknown_time_zone"
    message = _("This is not a time zone, such as America/Bogota.")


class UnknownLanguage(InvalidInput):
    code = "unknown_language"
    message = _("Choose languages from the list.")


class UnknownSpecialty(InvalidInput):
    code = "unknown_specialty"
    message = _("Choose specialties from the list.")


class UnknownInsurer(InvalidInput):
    code = "unknown_insurer"
    message = _("Choose insurers from the list.")


class InvalidQualification(InvalidInput):
    code = "invalid_qualification"
    message = _("Give each degree a title; the year is a number such as 2012.")


# --- Offices and visit types ---


class OfficeNotFound(NotFound):
    code = "office_not_found"
    message = _("We could not find this office among yours.")


class OfficeInUse(DomainError):
    code = "office_in_use"
    status = 409
    message = _("You see patients there by your hours of %(days)s. Change those hours first.")


class PositionInvalid(InvalidInput):
    code = "position_invalid"
    message = _("Write the position as latitude, longitude: 4.6767, -74.0483.")


class VisitTypeNotFound(NotFound):
    code = "visit_type_not_found"
    message = _("We could not find this visit type among yours.")


class VisitTypeNeeded(DomainError):
    code = "visit_type_needed"
    status = 409
    message = _("The first visit and the follow-up always exist. Change their fee or length instead.")


class VisitTypeUnnamed(InvalidInput):
    code = "visit_type_unnamed"
    message = _("Give the visit a name in Spanish or English.")


class VisitModesMissing(InvalidInput):
    code = "visit_modes_missing"
    message = _("Choose in person, video, or both.")


class UnknownCurrency(InvalidInput):
    code = "unknown_currency"
    message = _("This is not the three-letter code of a currency, such as COP.")


# --- Hours and exceptions ---


class StaleSchedule(StaleVersion):
    """`current_version` is what the next attempt must name."""

    code = "stale_schedule"
    message = _("Your schedule was changed in the meantime. Look at what is different and save again.")


class InvalidHours(InvalidInput):
    code = "invalid_hours"
    message = _("The end must be after the start, within one day.")


class OverlappingHours(InvalidInput):
    code = "overlapping_hours"
    message = _("%(first)s and %(second)s of %(day)s overlap. Change one of them.")


class UnknownOffice(InvalidInput):
    code = "unknown_office"
    message = _("Choose one of your offices.")


class ExceptionNotFound(NotFound):
    code = "exception_not_found"
    message = _("We could not find this exception in your schedule.")


class ExceptionInThePast(InvalidInput):
    code = "exception_in_the_past"
    message = _("This date has passed. Choose today or later.")


class ExceptionTooFarAhead(InvalidInput):
    code = "exception_too_far_ahead"
    message = _("Exceptions can be planned for the next %(days)s days.")


class ExceptionsTooMany(InvalidInput):
    code = "exceptions_too_many"
    message = _("Choose at most %(days)s days at once; the last day must not be before the first.")


class ExceptionNeedsHours(InvalidInput):
    code = "exception_needs_hours"
    message = _("Say from when to when.")


class ExceptionOverlaps(DomainError):
    code = "exception_overlaps"
    status = 409
    message = _("On %(day)s you have other hours from %(first)s already. Change or remove those first.")


class DayIsBlocked(DomainError):
    code = "day_is_blocked"
    status = 409
    message = _("You blocked the whole of %(day)s. Remove that first.")


# --- Verification ---


class CredentialNotFound(NotFound):
    code = "credential_not_found"
    message = _("We could not find this document among yours.")


class CredentialUploadedTwice(DomainError):
    code = "credential_uploaded_twice"
    status = 409
    message = _("You have uploaded this very document already.")


class CredentialReviewed(DomainError):
    code = "credential_reviewed"
    status = 409
    message = _("This document was reviewed and is kept. Upload another one beside it.")


class CredentialsTooMany(DomainError):
    code = "credentials_too_many"
    status = 409
    message = _("You have uploaded %(limit)s documents, which is the most we keep for review.")


class OnboardingIncomplete(DomainError):
    """`missing` names the steps that are not done."""

    code = "onboarding_incomplete"
    status = 409
    message = _("Before we can review it, complete: %(missing)s.")


class NothingToReview(DomainError):
    code = "nothing_to_review"
    status = 409
    message = _("This profile has not been submitted for review.")


class AlreadyReviewed(DomainError):
    code = "already_reviewed"
    status = 409
    message = _("This profile was reviewed already: %(status)s.")


class NotVerified(DomainError):
    code = "not_verified"
    status = 409
    message = _("Only a verified doctor can be approved.")


class NotesNeeded(InvalidInput):
    code = "notes_needed"
    message = _("Write what the doctor has to change.")


# --- Specialties ---


class SpecialtyNotFound(NotFound):
    code = "specialty_not_found"
    message = _("We could not find this specialty.")


class SpecialtyExists(DomainError):
    code = "specialty_exists"
    status = 409
    message = _("There is a specialty of this name already.")
