"""Every page of the product, with who sees it. An address may hold names of `Places`, filled in while it runs."""

from dataclasses import dataclass

from tests.browser.places import NEWCOMER
from tests.browser.product import ADMIN, ANDRES, MARIANA, SARAH, SUPER_ADMIN

ANYONE = ""
# Windows of visitors who are on their way through something.
FLOWS = SIGNING_UP, SIGNING_IN, FORGETFUL, STAFF_SIGNING_IN = "signing up", "signing in", "forgetful", "staff"


@dataclass(frozen=True)
class Stop:
    """`status` is what the page answers with; `name` is what its pictures are called.

    `begin` names the method of `Places` that has to go ahead in the same window, where an address alone does not lead.
    """

    name: str
    path: str
    who: str = ANYONE
    status: int = 200
    begin: str = ""


PUBLIC = [
    Stop("landing", "/"),
    Stop("directory", "/doctors/"),
    Stop("directory-search", "/doctors/?q=corazon&mode=video"),
    Stop("directory-second-page", "/doctors/?page=2"),
    Stop("directory-nothing", "/doctors/?q=cardiologia&city=leticia&max_price=1"),
    Stop("doctor", "/doctors/sarah-ahmed/"),
    Stop("doctor-by-hand", "/doctors/andres-felipe-quintero/"),
    Stop("choose-week", "/book/sarah-ahmed/"),
    Stop("choose-month", "/book/sarah-ahmed/?view=month"),
    Stop("visit-link", "{visit_link}"),
    Stop("visit-link-move", "{visit_link_move}"),
    Stop("visit-link-cancel", "{visit_link_cancel}"),
    Stop("visit-link-broken", "/visit/nonsense/", status=404),
    Stop("help", "/help/"),
    Stop("privacy", "/privacy/"),
    Stop("terms", "/terms/"),
    Stop("offline", "/offline/"),
    Stop("styleguide", "/styleguide/"),
    Stop("mailbox", "/mailbox/"),
    Stop("mail", "{letter}"),
    Stop("not-found", "/nothing-here/", status=404),
    Stop("doctor-not-found", "/doctors/nobody-of-that-name/", status=404),
]
ACCOUNT = [
    Stop("sign-in", "/accounts/login/"),
    Stop("sign-in-by-code", "/accounts/login/code/"),
    Stop("sign-up", "/accounts/signup/"),
    Stop("sign-up-code", "/accounts/confirm-email/", SIGNING_UP, begin="sign_up"),
    Stop("sign-in-code", "/accounts/login/code/confirm/", SIGNING_IN, begin="sign_in_by_code"),
    Stop("password-forgotten", "/accounts/password/reset/"),
    Stop("password-forgotten-code", "/accounts/password/reset/confirm/", FORGETFUL, begin="reset"),
    Stop("second-factor", "/accounts/2fa/authenticate/", STAFF_SIGNING_IN, begin="first_factor"),
    Stop("account-inactive", "/accounts/inactive/"),
    Stop("google-cancelled", "/accounts/3rdparty/login/cancelled/"),
    Stop("settings", "/settings/", MARIANA),
    Stop("settings-people", "/settings/people/", MARIANA),
    Stop("settings-person-add", "/settings/people/add/", MARIANA),
    Stop("settings-person", "{person}", MARIANA),
    Stop("settings-person-remove", "{person}remove/", MARIANA),
    Stop("settings-insurance", "/settings/insurance/", MARIANA),
    Stop("settings-insurance-add", "/settings/insurance/add/", MARIANA),
    Stop("settings-policy", "{policy}", MARIANA),
    Stop("settings-policy-remove", "{policy}remove/", MARIANA),
    Stop("settings-security", "/settings/security/", MARIANA),
    Stop("settings-sessions", "/settings/sessions/", MARIANA),
    Stop("settings-privacy", "/settings/privacy/", MARIANA),
    Stop("settings-notifications", "/settings/notifications/", MARIANA),
    Stop("settings-calendar", "/settings/calendar/", MARIANA),
    Stop("password-change", "/accounts/password/change/", MARIANA),
    Stop("email-change", "/accounts/email/", MARIANA),
    Stop("sign-in-again", "/accounts/reauthenticate/", MARIANA),
    Stop("second-factors", "/accounts/2fa/", MARIANA),
    Stop("authenticator-add", "/accounts/2fa/totp/activate/", MARIANA),
    Stop("passkeys", "/accounts/2fa/webauthn/", MARIANA),
    Stop("passkey-add", "/accounts/2fa/webauthn/add/", MARIANA),
    Stop("connections", "/accounts/3rdparty/", MARIANA),
    Stop("sign-out", "/accounts/logout/", MARIANA),
    Stop("notices", "/notifications/", MARIANA),
]
PATIENT = [
    Stop("patient-home", "/patient/", MARIANA),
    Stop("patient-bookings", "/patient/bookings/", MARIANA),
    Stop("patient-bookings-past", "/patient/bookings/?show=past", MARIANA),
    Stop("patient-booking", "{patient_booking}", MARIANA),
    Stop("patient-booking-past", "{patient_booking_past}", MARIANA),
    Stop("patient-reschedule", "{patient_booking}reschedule/", MARIANA),
    Stop("patient-cancel", "{patient_booking}cancel/", MARIANA),
    Stop("booking-start", "{start}", MARIANA),
    Stop("booking-details", "{details}", MARIANA),
    Stop("booking-done", "{done}", MARIANA),
    Stop("patient-forbidden", "/doctor/", MARIANA, status=403),
    Stop("patient-booking-missing", "/patient/bookings/00000000-0000-4000-8000-000000000000/", MARIANA, 404),
]
DOCTOR = [
    Stop("doctor-today", "/doctor/", SARAH),
    Stop("doctor-today-by-hand", "/doctor/", ANDRES),
    Stop("doctor-calendar-day", "/doctor/calendar/?view=day", SARAH),
    Stop("doctor-calendar-week", "/doctor/calendar/", SARAH),
    Stop("doctor-calendar-month", "/doctor/calendar/?view=month", SARAH),
    Stop("doctor-bookings", "/doctor/bookings/", SARAH),
    Stop("doctor-booking", "{doctor_booking}", SARAH),
    Stop("doctor-cancel", "{doctor_booking}cancel/", SARAH),
    Stop("schedule", "/doctor/schedule/", SARAH),
    Stop("schedule-exceptions", "/doctor/schedule/exceptions/", SARAH),
    Stop("schedule-exception", "{exception}", SARAH),
    Stop("schedule-rules", "/doctor/schedule/rules/", SARAH),
    Stop("practice", "/doctor/practice/", SARAH),
    Stop("practice-offices", "/doctor/practice/offices/", SARAH),
    Stop("practice-office", "{office}", SARAH),
    Stop("practice-visits", "/doctor/practice/visits/", SARAH),
    Stop("practice-visit", "{visit_type}", SARAH),
    Stop("practice-documents", "/doctor/practice/documents/", SARAH),
    Stop("doctor-settings", "/settings/", SARAH),
    Stop("doctor-notices", "/notifications/", SARAH),
    Stop("doctor-forbidden", "/patient/", SARAH, status=403),
]
ONBOARDING = [
    Stop("onboarding-profile", "{onboarding}profile/", NEWCOMER),
    Stop("onboarding-credentials", "{onboarding}credentials/", NEWCOMER),
    Stop("onboarding-hours", "{onboarding}hours/", NEWCOMER),
    Stop("onboarding-fees", "{onboarding}fees/", NEWCOMER),
    Stop("onboarding-review", "{onboarding}review/", NEWCOMER),
    Stop("onboarding-sent", "{onboarding_sent}", NEWCOMER),
]
STAFF = [
    Stop("admin", "/admin/", ADMIN),
    Stop("admin-queue", "/admin/doctors/doctorverification/", ADMIN),
    Stop("admin-verification", "{verification}", ADMIN),
    Stop("admin-doctors", "/admin/doctors/doctor/", ADMIN),
    Stop("admin-doctor", "{admin_doctor}", ADMIN),
    Stop("admin-bookings", "/admin/bookings/booking/", ADMIN),
    Stop("admin-booking", "{admin_booking}", ADMIN),
    Stop("admin-booking-add", "/admin/bookings/booking/add/", ADMIN),
    Stop("admin-patients", "/admin/accounts/patient/", ADMIN),
    Stop("admin-patient", "{admin_patient}", ADMIN),
    Stop("admin-insurers", "/admin/accounts/insuranceprovider/", ADMIN),
    Stop("admin-insurer-add", "/admin/accounts/insuranceprovider/add/", ADMIN),
    Stop("admin-messages", "/admin/messaging/notification/", ADMIN),
    Stop("admin-message", "{admin_message}", ADMIN),
    Stop("admin-events", "/admin/common/outboxevent/?state=all", ADMIN),
    Stop("admin-event", "{admin_event}", ADMIN),
    Stop("admin-users", "/admin/accounts/user/", SUPER_ADMIN),
    Stop("admin-user", "{admin_user}", SUPER_ADMIN),
    Stop("admin-impersonate", "{admin_user_id}/impersonate/", SUPER_ADMIN),
    Stop("admin-role", "{admin_user_id}/role/", SUPER_ADMIN),
    Stop("admin-audit-log", "/admin/accounts/adminauditlog/", SUPER_ADMIN),
    Stop("admin-audit-entry", "{admin_audit_entry}", SUPER_ADMIN),
    Stop("admin-specialties", "/admin/doctors/specialty/", ADMIN),
    Stop("admin-specialty", "{admin_specialty}", ADMIN),
]
STOPS = PUBLIC + ACCOUNT + PATIENT + DOCTOR + ONBOARDING + STAFF
