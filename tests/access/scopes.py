"""Which query keeps to whose rows: what the mutations take away, one at a time, and why the rest may stay.

`tests.access.whose` finds by reading the code what must stand here.
"""

from dataclasses import dataclass

from tests.access.whose import POSITIONAL


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

# Function and condition, by why nothing is taken away there.
ELSEWHERE = {
    "Of the account that acts, asked for as the system by the service that got it from the guard": """
 accounts.adapters.MfaAdapter.can_delete_authenticator user_id
 accounts.adapters.SocialAccountAdapter.validate_disconnect user
 accounts.adapters.email_confirmed guardianships__user
 accounts.api.account.RecoveryCodesView.post user
 accounts.api.account.TotpOffView.post user
 accounts.api.account.TotpView.post user
 accounts.api.flows._has_second_step user
 accounts.api.flows._signed_in pk
 accounts.api.patient.DependentsView.post patient_id
 accounts.api.patient.DependentsView.post user
 accounts.impersonating._log_in pk
 accounts.middleware._lacks_mfa user_id
 accounts.services.claims._own user
 accounts.services.claims.claim pk
 accounts.services.claims.claim_own user
 accounts.services.people._time_zone_of user
 accounts.services.people.add_dependent pk
 accounts.services.people.add_dependent user
 accounts.services.people.remove_avatar user
 accounts.services.people.set_avatar user
 accounts.services.sessions.end_all pk
 accounts.services.sessions.end_all Q objects
 accounts.services.sessions.open_api_session pk
 accounts.services.users.remember_language guardianships__user
 accounts.services.users.remember_language pk
 doctors.services.onboarding.create_doctor user
 doctors.services.onboarding.submit pk
 doctors.services.verification.follow_account user_id
 doctors.views.onboarding._begin user
    """,
    "Staff ask for whomever they chose; the guard is all there is": """
 accounts.admin.users.UserAdmin._user pk
 accounts.api.staff._user pk
 accounts.services.impersonation.start admin
 accounts.services.impersonation.start pk
 accounts.services.users._user_to_manage pk
 accounts.services.users.ban pk
 accounts.services.users.change_role patient
 accounts.services.users.change_role pk
 accounts.services.users.change_role user
 accounts.services.users.unban pk
 bookings.admin.ManualBookingForm.book doctor
 doctors.admin.doctors.DoctorAdmin.specialty_names doctor
 doctors.admin.doctors.DoctorForm.__init__ doctor
 doctors.admin.verification.VerificationAdmin.change_view doctor
 doctors.admin.verification.VerificationAdmin.specialty doctor
 doctors.api.staff.DoctorCredentialsView.get doctor
 doctors.services.specialties.update_specialty doctor
 doctors.services.verification.review doctor
 medai.administration.metrics._utilisation doctor_id__in
    """,
    "What everybody may read of a doctor, who was found by a scope or is public": """
 bookings.agenda._working doctor
 bookings.kpis._utilisation doctor
 bookings.practices.Practice.primary_specialty_id doctor_id
 bookings.practices._read doctor_id__in
 bookings.services.holds.check_new_patients doctor
 bookings.services.holds.check_new_patients patient_id
 bookings.views.choose.card_slots doctor_id__in
 bookings.views.flow.start doctor
 bookings.views.preview.schedule_preview doctor
 doctors.api.serializers._DoctorFields.get_offices doctor
 doctors.api.serializers._DoctorFields.get_specialties doctor
 doctors.api.serializers._DoctorFields.get_visit_types doctor
 doctors.directory.results.Listing.city doctor
 doctors.directory.results._narrowed doctor__in
 doctors.directory.results._ordered doctor
 doctors.services.visit_types.doctor_currency doctor
 doctors.structured_data.physician doctor
 doctors.views.profiles._next_free doctor
 doctors.views.profiles.profile doctor
    """,
    "Within a practice that practice.in_reach found and locked": """
 bookings.services.holds._give_up_earlier_holds doctor_id
 bookings.services.holds._give_up_earlier_holds patient_id
 doctors.models.doctors.DoctorQuerySet.kept_by user
 doctors.services.credentials.upload_credential doctor
 doctors.services.exceptions._add doctor
 doctors.services.exceptions._row doctor
 doctors.services.onboarding._has_documents doctor
 doctors.services.onboarding.progress doctor
 doctors.services.profiles._set_specialties doctor
 doctors.services.schedules._check doctor
 doctors.services.schedules.replace_weekly_hours doctor
 doctors.views.onboarding._fees doctor
 doctors.views.onboarding._hours doctor
 doctors.views.portal.schedule_tabs doctor
 doctors.views.schedule.save_hours doctor
    """,
    "Of a patient or booking that another scope found": """
 accounts.services.people.remove_dependent patient
 accounts.services.people.remove_dependent user
 accounts.views.photos.photo user_id
 bookings.kpis._new_and_returning doctor
 bookings.kpis._new_and_returning patient_id__in
 bookings.views.doctor._booking_context doctor
 bookings.views.doctor._booking_context patient
    """,
    "Of an event, a link or a message that is sent, read as the system": """
 bookings.handlers.let_go_of_holds patient_id
 bookings.links._may_still_read patient
 bookings.links._may_still_read user
 messaging.notices.entries user
 messaging.recipients.accounts pk__in
 messaging.recipients.caring_for patient_id__in
 messaging.recipients.without_account pk__in
 messaging.services.sending._load user_id__in
 messaging.services.sending._send_batch user
    """,
}
