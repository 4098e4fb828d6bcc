"""Which query keeps to whose rows: what the mutations take away, one at a time, and why the rest may stay.

`tests.access.whose` finds by reading the code what must stand here.
"""

from dataclasses import dataclass

from tests.forgetting import POSITIONAL


@dataclass(frozen=True)
class Scope:
    """Conditions of a function's queries that keep to one's own rows, and a route where their loss shows.

    Of several functions, with spaces between, each is the others' spare: only the loss of all shows.
    """

    function: str
    conditions: tuple[str, ...]
    route: str

    def __str__(self) -> str:
        return self.function

    @property
    def functions(self) -> list[str]:
        return self.function.split()


IN_REACH = "doctors.services.practice.in_reach"
SCOPES = [
    Scope("accounts.api.account.MfaView.get", ("user",), "v1:auth-mfa"),
    Scope("accounts.api.account.SessionsView.get", ("user",), "v1:auth-sessions"),
    Scope("accounts.api.account.describe", ("user",), "v1:auth-me"),
    Scope("accounts.api.patient.DependentView._answer", ("patient_id",), "v1:patient-dependent"),
    Scope("accounts.api.patient._dependents", ("user",), "v1:patient-dependent"),
    Scope("accounts.identity.identity_for", ("user",), "accounts:insurance"),
    Scope("accounts.menus._describe", ("user_id",), "account_change_password"),
    Scope(
        "accounts.models.patients.PatientQuerySet.cared_for_by", ("guardianships__user",), "accounts:profile"
    ),
    Scope("accounts.services.claims._claimable", (POSITIONAL,), "accounts:person-claim"),
    Scope("accounts.services.claims._claimable", ("patient",), "accounts:person-claim"),
    Scope("accounts.services.claims._claimable", ("user",), "accounts:person-claim"),
    Scope("accounts.services.insurance.in_reach", ("patient_id__in",), "accounts:insurance"),
    Scope("accounts.services.insurance.in_reach", ("patient_id__in",), "accounts:policy-remove"),
    Scope("accounts.services.insurance.in_reach", ("patient_id__in",), "v1:patient-policy"),
    Scope("accounts.services.people._dependent", ("patient_id",), "accounts:person-remove"),
    Scope("accounts.services.people._dependent", ("user",), "v1:patient-dependent"),
    Scope("accounts.services.people._own_records", ("guardianships__user",), "v1:patient-profile"),
    Scope("accounts.services.people.update_profile", ("user",), "v1:auth-me"),
    Scope("accounts.services.sessions.end_all", ("user",), "accounts:sessions-end-others"),
    Scope("accounts.services.sessions.end_api_session", ("user",), "v1:auth-session"),
    Scope("accounts.services.sessions.end_web_session", ("user",), "accounts:session-end-web"),
    Scope("accounts.views.people._guardianships", ("user",), "accounts:person"),
    Scope("accounts.views.photos.photo", ("user",), "accounts:photo-of"),
    Scope("accounts.views.profile._initial_profile", ("user",), "accounts:profile"),
    Scope("accounts.views.security._api_sessions", ("user",), "accounts:sessions"),
    Scope("accounts.views.security._web_sessions", ("user",), "accounts:sessions"),
    Scope("accounts.views.security.overview", ("user",), "accounts:security"),
    Scope("bookings.agenda.load_agenda", ("doctor",), "bookings:doctor-events"),
    Scope("bookings.calendars.feeds.revoke_feed", ("user",), "bookings:feed-revoke"),
    Scope("bookings.forms.DetailsForm.__init__", ("pk__in",), "bookings:details"),
    Scope("bookings.forms.policies_of", ("patient_id__in",), "bookings:details"),
    Scope("bookings.views.patient.feed_settings", ("user",), "bookings:feed-settings"),
    Scope("messaging.services.preferences.preferences_of", ("user_id",), "v1:patient-notification-settings"),
    Scope(
        "bookings.models.bookings.BookingQuerySet.for_doctors", ("doctor_id__in",), "bookings:doctor-booking"
    ),
    Scope("bookings.models.bookings.BookingQuerySet.for_doctors", ("doctor_id__in",), "v1:doctor-bookings"),
    Scope("bookings.models.bookings.BookingQuerySet.for_patients", ("patient_id__in",), "bookings:booking"),
    Scope(
        "bookings.models.bookings.BookingQuerySet.for_patients", ("patient_id__in",), "v1:patient-bookings"
    ),
    Scope("bookings.views.choose.picker_context", ("doctor",), "bookings:choose"),
    Scope("bookings.views.doctor._listed", ("doctor",), "bookings:doctor-bookings"),
    Scope("bookings.views.doctor.own_doctor", ("pk__in",), "bookings:doctor-calendar"),
    Scope("doctors.access.own_doctor_or_none", ("pk__in",), "doctors:documents"),
    Scope("doctors.access.own_doctor_or_none", ("pk__in",), "v1:doctor-exceptions"),
    Scope("doctors.api.doctor.CredentialsView.get", ("doctor",), "v1:doctor-credentials"),
    Scope("doctors.api.doctor.OfficesView.get", ("doctor",), "v1:doctor-offices"),
    Scope("doctors.api.doctor.VisitTypesView.get", ("doctor",), "v1:doctor-visit-types"),
    Scope("doctors.api.doctor._schedule", ("doctor",), "v1:doctor-schedule"),
    Scope("doctors.apps._own_calendar", ("user_id",), "bookings:doctor-booking"),
    Scope("doctors.directory.results.Listing.offices", ("doctor_id__in",), "doctors:directory"),
    Scope("doctors.forms.profile.initial_of", ("doctor",), "doctors:practice"),
    Scope("doctors.forms.schedule.ExceptionForm.__init__", ("doctor",), "doctors:exception"),
    Scope("doctors.navigation._is_not_public_yet", ("pk__in",), "account_change_password"),
    Scope("doctors.services.exceptions.upcoming", ("doctor",), "v1:doctor-exceptions"),
    Scope("doctors.services.practice.in_reach", ("pk__in",), "bookings:doctor-unblock"),
    Scope("doctors.views.practice.documents_context", ("doctor",), "doctors:documents"),
    Scope("doctors.views.practice.office_detail", ("doctor",), "doctors:office"),
    Scope("doctors.views.practice.office_list", ("doctor",), "doctors:offices"),
    Scope("doctors.views.practice.visit_type_detail", ("doctor",), "doctors:visit-type"),
    Scope("doctors.views.practice.visit_type_list", ("doctor",), "doctors:visit-types"),
    Scope("doctors.views.schedule.exception_detail", ("doctor",), "doctors:exception"),
    Scope("doctors.views.schedule.hours_context", ("doctor",), "doctors:schedule"),
    Scope("doctors.views.schedule.saved_form", ("doctor",), "doctors:exceptions"),
    Scope("messaging.models.notifications.InboxNoticeQuerySet.of", ("user_id",), "messaging:open"),
    Scope("messaging.models.notifications.InboxNoticeQuerySet.of", ("user_id",), "v1:notification-read"),
    Scope("messaging.services.preferences.update_preferences", ("user_id",), "messaging:settings"),
    # The view looks, the service looks with the row locked, and the practice itself is looked at.
    Scope(
        f"doctors.views.practice.document_remove doctors.services.credentials.remove_credential {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "doctors:document-remove",
    ),
    Scope(
        f"doctors.views.practice.office_close doctors.services.offices._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "doctors:office-close",
    ),
    Scope(
        f"doctors.views.practice.visit_type_withdraw doctors.services.visit_types._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "doctors:visit-type-withdraw",
    ),
    Scope(
        f"doctors.views.schedule.exception_remove doctors.services.exceptions._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "doctors:exception-remove",
    ),
    Scope(
        f"doctors.api.doctor.ExceptionView.delete doctors.services.exceptions._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "v1:doctor-exception",
    ),
    Scope(
        f"doctors.api.doctor.OfficeView._require_own doctors.services.offices._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "v1:doctor-office",
    ),
    Scope(
        f"doctors.api.doctor.VisitTypeView._require_own doctors.services.visit_types._locked {IN_REACH}",
        ("doctor", "doctor__in", "pk__in"),
        "v1:doctor-visit-type",
    ),
]

# Figures say nothing of whose visits were counted, so they are counted in test_figures_are_of_ones_own_practice.
FIGURES = {
    "bookings.kpis._visits": "doctor",
    "bookings.api.doctor.DashboardKpisView.get": "pk__in",
}

# Function and condition, by why nothing would come of its loss. All others are in SCOPES, in FIGURES or in an act.
ELSEWHERE = {
    "Rows that came with a doctor by Django's own join: nothing in the code asks for them": """
 doctors.admin.doctors.DoctorAdmin.specialty_names doctor
 doctors.admin.verification.VerificationAdmin.specialty doctor
 doctors.api.serializers._DoctorFields.get_offices doctor
 doctors.api.serializers._DoctorFields.get_specialties doctor
 doctors.api.serializers._DoctorFields.get_visit_types doctor
 doctors.structured_data.physician doctor
 doctors.views.profiles.profile doctor
    """,
    "What is found is looked up by doctor: more rows would be left unread": """
 bookings.practices._read doctor_id__in
 bookings.views.choose.card_slots doctor_id__in
 medai.administration.metrics._utilisation doctor_id__in
    """,
    "No query of anybody's rows: of a specialty's, or a dictionary of that name": """
 doctors.directory.results.Listing.city doctor
 doctors.services.specialties.update_specialty doctor
 messaging.services.sending._send_batch user
    """,
}
