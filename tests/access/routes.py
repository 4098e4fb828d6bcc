"""Who gets what from every route: the table behind the HTTP matrix.

Lines of one method say what each visitor gets; one word means that all get the same. The routes they hold for follow,
indented, by name (or by pattern where a route has none). Visitors: patients A and B, doctors A and B, a pharmacist,
an administrator and a super administrator. Routes about an object are asked about one of A's. `in` is a redirect to
the sign-in page; a body that would do is sent along (`tests.access.arguments`), so 2xx, 302, 400, 409 and 422 mean
that the visitor came in, and 401, 403, 404 and `in` that they did not.
"""

# Whoever has such an address may read what lies behind it; the secret is in the address.
SECRET_ADDRESSES = frozenset({"bookings:link", "bookings:feed"})

# Where whose words must show, so that the absence of others' words means something.
SHOWN = {
    "accounts:insurance": {"pA": "pA", "pB": "pB"},
    "accounts:people": {"pA": "pA", "pB": "pB"},
    "accounts:profile": {"pA": "pA", "pB": "pB", "dA": "dA", "dB": "dB", "ph": "ph"},
    "accounts:security": {"pA": "pA", "pB": "pB", "dA": "dA", "dB": "dB", "ph": "ph"},
    "admin:accounts_patient_changelist": {"admin": "pA", "super": "pB"},
    "admin:accounts_user_changelist": {"admin": "dA", "super": "dB"},
    "admin:bookings_booking_changelist": {"admin": "pA", "super": "pB"},
    "bookings:doctor-bookings": {"dA": "pA", "dB": "pB"},
    "bookings:doctor-calendar": {"dA": "pA", "dB": "pB"},
    "bookings:doctor-events": {"dA": "pA"},
    "bookings:patient-bookings": {"pA": "pA", "pB": "pB"},
    "bookings:patient-home": {"pA": "pA", "pB": "pB"},
    "doctors:documents": {"dA": "dA", "dB": "dB"},
    "doctors:exceptions": {"dA": "dA", "dB": "dB"},
    "v1:auth-me": {"pA": "pA", "pB": "pB", "dA": "dA", "dB": "dB", "ph": "ph"},
    "v1:auth-sessions": {"pA": "pA", "pB": "pB", "dA": "dA", "dB": "dB"},
    "v1:doctor-bookings": {"dA": "pA", "dB": "pB"},
    "v1:doctor-credentials": {"dA": "dA", "dB": "dB"},
    "v1:doctor-exceptions": {"dA": "dA", "dB": "dB"},
    "v1:patient-bookings": {"pA": "pA", "pB": "pB"},
    "v1:patient-dependents": {"pA": "pA", "pB": "pB"},
    "v1:patient-insurance": {"pA": "pA", "pB": "pB"},
    "v1:patient-profile": {"pA": "pA", "pB": "pB"},
}

TABLE = r"""
# --- Pages for everybody, and the kernel's own ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     200
POST    405
    home help privacy terms offline manifest service-worker api_schema api_docs

GET     404       404   404   404   404   404   200   200
POST    405
    styleguide

GET     405
POST    302
    set-language set-theme

GET     403       403   403   200   403   403   403   403
POST    405
    file

# --- Sign-in and security pages (django-allauth) ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     200       302   302   302   302   302   302   302
POST    422       302   302   302   302   302   302   302
    account_login account_signup account_request_login_code

GET     302       200   200   200   200   200   200   200
POST    302
    account_logout

GET     200
POST    405
    account_inactive account_password_reset_completed socialaccount_login_cancelled

GET     in        200   200   200   200   200   200   200
POST    in        422   422   422   422   422   422   422
    account_reauthenticate account_change_password mfa_add_webauthn socialaccount_connections

GET     in        200   200   200   200   200   200   200
POST    in        302   302   302   302   302   302   302
    account_email mfa_generate_recovery_codes usersessions_list

GET     in        302   302   302   302   302   302   302
POST    in        302   302   302   302   302   302   302
    account_email_verification_sent account_set_password mfa_authenticate mfa_login_webauthn

GET     200
POST    422
    account_reset_password

GET     302
POST    302
    account_confirm_login_code account_complete_password_reset

GET     in
POST    in
    account_confirm_password_reset_code socialaccount_signup

GET     in        200   200   200   200   200   200   200
POST    in        405   405   405   405   405   405   405
    mfa_index mfa_list_webauthn

GET     in        200   200   302   302   302   200   200
POST    in        422   422   302   302   302   422   422
    mfa_reauthenticate

GET     in        302   302   200   200   200   302   302
POST    in        302   302   422   422   422   302   302
    mfa_activate_totp

GET     in        200   200   404   404   404   200   200
POST    in        302   302   404   404   404   302   302
    mfa_deactivate_totp

GET     in        404   404   404   404   404   404   404
POST    in        405   405   405   405   405   405   405
    mfa_view_recovery_codes

GET     in        404   404   404   404   404   404   404
POST    in        404   404   404   404   404   404   404
    mfa_download_recovery_codes

GET     in        200   200   200   200   200   200   200
POST    in
    mfa_reauthenticate_webauthn

GET     in        200   404   404   404   404   404   404
POST    in        302   404   404   404   404   404   404
    mfa_remove_webauthn

GET     in        200   404   404   404   404   404   404
POST    in        422   404   404   404   404   404   404
    mfa_edit_webauthn

GET     401
POST    405
    socialaccount_login_error

GET     301
POST    301
    accounts/social/login/cancelled/ accounts/social/login/error/ accounts/social/signup/
    accounts/social/connections/

GET     404
POST    404
    google_login google_callback google_login_by_token

# --- Settings, people, notices ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     in        302   302   302   302   302   302   302
POST    405
    accounts:home

GET     405
POST    in        409   409   409   409   409   409   409
    accounts:impersonation-stop

GET     in        200   200   200   200   200   200   200
POST    in        422   422   422   422   422   422   422
    accounts:profile

GET     in        200   404   404   404   404   404   404
POST    405
    accounts:photo

GET     405
POST    in        422   422   422   422   422   422   422
    accounts:photo-change

GET     in        200   404   404   404   404   200   200
POST    405
    accounts:photo-of

GET     405
POST    in        422   422   403   403   403   403   403
    accounts:record

GET     in        200   200   403   403   403   403   403
POST    405
    accounts:people accounts:insurance

GET     in        200   200   403   403   403   403   403
POST    in        422   422   403   403   403   403   403
    accounts:person-add

GET     in        200   404   403   403   403   403   403
POST    in        422   404   403   403   403   403   403
    accounts:person

GET     in        200   404   403   403   403   403   403
POST    in        302   404   403   403   403   403   403
    accounts:person-remove accounts:policy accounts:policy-remove

GET     405
POST    in        302   422   403   403   403   403   403
    accounts:person-claim

GET     in        200   200   403   403   403   403   403
POST    in        302   422   403   403   403   403   403
    accounts:policy-add

GET     in        200   200   200   200   200   200   200
POST    405
    accounts:security accounts:sessions accounts:privacy messaging:bell

GET     405
POST    in        302   302   302   302   302   302   302
    accounts:sessions-end-others messaging:read-all

GET     405
POST    in        302   404   404   404   404   404   404
    accounts:session-end-web accounts:session-end-app

GET     in        200   200   200   200   200   200   200
POST    405
    messaging:notices

GET     in        302   404   404   404   404   404   404
POST    405
    messaging:open

GET     405
POST    in        302   404   404   404   404   404   404
    messaging:read

GET     in        200   200   200   200   200   200   200
POST    in        302   302   302   302   302   302   302
    messaging:settings

# --- The directory and profiles of doctors; a doctor's practice ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     200
POST    405
    doctors:directory doctors:suggest doctors:landing-openings doctors:landing-specialties
    doctors:photo doctors:profile doctors:robots

GET     200
POST    200
    doctors:sitemap doctors:sitemap-section

GET     in        403   403   200   200   403   403   403
POST    405
    doctors:onboarding

GET     in        403   403   200   200   403   403   403
POST    in        403   403   409   409   403   403   403
    doctors:schedule

GET     in        403   403   200   200   403   403   403
POST    in        403   403   422   422   403   403   403
    doctors:exceptions doctors:documents doctors:offices doctors:visit-types

GET     in        403   403   302   302   403   403   403
POST    in        403   403   302   302   403   403   403
    doctors:onboarding-step

GET     in        403   403   200   404   403   403   403
POST    in        403   403   422   404   403   403   403
    doctors:exception doctors:office doctors:visit-type

GET     405
POST    in        403   403   302   404   403   403   403
    doctors:document-remove doctors:exception-remove doctors:visit-type-withdraw

GET     in        403   403   200   200   403   403   403
POST    in        403   403   422   422   403   403   403
    doctors:rules doctors:practice

GET     405
POST    in        403   403   422   422   403   403   403
    doctors:practice-photo

GET     405
POST    in        403   403   409   404   403   403   403
    doctors:office-close

# --- Bookings: choosing a time, the patient's portal, the doctor's portal ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     200
POST    405
    bookings:card-slots bookings:picker bookings:choose bookings:feed

GET     in        200   404   403   403   403   403   403
POST    in        422   404   403   403   403   403   403
    bookings:details

GET     405
POST    in        302   404   403   403   403   403   403
    bookings:leave

GET     in        200   404   403   403   403   403   403
POST    405
    bookings:done bookings:booking bookings:calendar-entry

GET     in        200   200   403   403   403   403   403
POST    in        302   302   403   403   403   403   403
    bookings:start

GET     200
POST    200
    bookings:link

GET     in        200   200   200   200   403   403   403
POST    405
    bookings:feed-settings

GET     405
POST    in        200   200   200   200   403   403   403
    bookings:feed-new

GET     405
POST    in        302   302   302   302   403   403   403
    bookings:feed-revoke

GET     in        200   200   403   403   403   403   403
POST    405
    bookings:patient-home bookings:patient-bookings

GET     in        200   404   403   403   403   403   403
POST    in        302   404   403   403   403   403   403
    bookings:cancel bookings:reschedule

GET     in        403   403   200   200   403   403   403
POST    405
    bookings:today bookings:doctor-calendar bookings:doctor-events bookings:doctor-bookings

GET     405
POST    in        403   403   302   302   403   403   403
    bookings:doctor-block

GET     405
POST    in        403   403   302   404   403   403   403
    bookings:doctor-unblock bookings:doctor-move bookings:doctor-confirm bookings:doctor-complete
    bookings:doctor-no-show

GET     405
POST    in        403   403   200   200   403   403   403
    bookings:schedule-preview

GET     in        403   403   200   404   403   403   403
POST    405
    bookings:doctor-booking

GET     in        403   403   200   404   403   403   403
POST    in        403   403   302   404   403   403   403
    bookings:doctor-cancel

# --- The API: anybody's, and signing in ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     405
POST    400
    v1:auth-signup v1:auth-login v1:auth-login-code v1:auth-login-code-confirm v1:auth-login-mfa
    v1:auth-login-mfa-passkey-options v1:auth-login-mfa-passkey v1:auth-login-passkey v1:auth-email
    v1:auth-email-confirm v1:auth-reset v1:auth-reset-confirm v1:auth-refresh

GET     405
POST    202
    v1:auth-login-passkey-options

GET     405
POST    404
    v1:auth-google

GET     401       200   200   200   200   200   200   200
POST    401       405   405   405   405   405   405   405
PATCH   401       200   200   200   200   200   200   200
    v1:auth-me

GET     401       405   405   405   405   405   405   405
POST    401       200   200   200   200   200   200   200
    v1:auth-logout v1:notifications-read-all

GET     401       405   405   405   405   405   405   405
POST    401       400   400   400   400   400   400   400
    v1:auth-password

GET     401       200   200   200   200   200   200   200
POST    401       405   405   405   405   405   405   405
    v1:auth-sessions v1:auth-mfa

GET     401       405   405   405   405   405   405   405
POST    401       405   405   405   405   405   405   405
DELETE  401       204   404   404   404   404   404   404
    v1:auth-session

GET     401       200   200   200   200   200   200   200
POST    401       400   400   400   400   400   400   400
    v1:auth-mfa-totp

GET     401       405   405   405   405   405   405   405
POST    401
    v1:auth-mfa-recovery-codes v1:auth-mfa-totp-off

GET     200
POST    405
    public-challenge v1:public-insurance-providers v1:public-specialties v1:public-doctors v1:public-doctor
    v1:public-slots

GET     401       200   200   200   200   200   200   200
POST    401       405   405   405   405   405   405   405
    v1:notifications

GET     401       405   405   405   405   405   405   405
POST    401       200   404   404   404   404   404   404
    v1:notification-read

GET     404
POST    404
    ^api/(?P<path>[\s\S]*)$

# --- The API of patients ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     401       200   200   403   403   403   403   403
POST    401       405   405   403   403   403   403   403
PATCH   401       200   200   403   403   403   403   403
    v1:patient-profile v1:patient-notification-settings

GET     401       200   200   403   403   403   403   403
POST    401       400   400   403   403   403   403   403
    v1:patient-dependents

GET     401       200   404   403   403   403   403   403
POST    401       405   405   403   403   403   403   403
DELETE  401       204   404   403   403   403   403   403
PATCH   401       200   404   403   403   403   403   403
    v1:patient-dependent v1:patient-policy

GET     401       200   200   403   403   403   403   403
POST    401       201   404   403   403   403   403   403
    v1:patient-insurance v1:patient-bookings

GET     401       405   405   403   403   403   403   403
POST    401       201   404   403   403   403   403   403
    v1:patient-holds

GET     401       200   404   403   403   403   403   403
POST    401       405   405   403   403   403   403   403
    v1:patient-booking

GET     401       405   405   403   403   403   403   403
POST    401       200   404   403   403   403   403   403
    v1:patient-booking-cancel v1:patient-booking-reschedule

# --- The API of doctors ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     401       403   403   200   200   403   403   403
POST    401       403   403   409   409   403   403   403
PATCH   401       403   403   200   200   403   403   403
    v1:doctor-profile

GET     401       403   403   405   405   403   403   403
POST    401       403   403   200   200   403   403   403
    v1:doctor-submission

GET     401       403   403   200   200   403   403   403
POST    401       403   403   415   415   403   403   403
    v1:doctor-credentials

GET     401       403   403   200   200   403   403   403
POST    401       403   403   405   405   403   403   403
PUT     401       403   403   400   400   403   403   403
    v1:doctor-schedule

GET     401       403   403   200   200   403   403   403
POST    401       403   403   400   400   403   403   403
    v1:doctor-exceptions v1:doctor-visit-types v1:doctor-offices

GET     401       403   403   405   405   403   403   403
POST    401       403   403   405   405   403   403   403
DELETE  401       403   403   200   404   403   403   403
    v1:doctor-exception

GET     401       403   403   405   405   403   403   403
POST    401       403   403   405   405   403   403   403
DELETE  401       403   403   200   404   403   403   403
PATCH   401       403   403   200   404   403   403   403
    v1:doctor-visit-type

GET     401       403   403   405   405   403   403   403
POST    401       403   403   405   405   403   403   403
DELETE  401       403   403   409   404   403   403   403
PATCH   401       403   403   200   404   403   403   403
    v1:doctor-office

GET     401       403   403   200   200   403   403   403
POST    401       403   403   405   405   403   403   403
    v1:doctor-dashboard-kpis v1:doctor-bookings

GET     401       403   403   200   404   403   403   403
POST    401       403   403   405   405   403   403   403
    v1:doctor-booking

GET     401       403   403   405   405   403   403   403
POST    401       403   403   200   404   403   403   403
    v1:doctor-booking-confirm v1:doctor-booking-cancel v1:doctor-booking-reschedule

GET     401       403   403   405   405   403   403   403
POST    401       403   403   409   404   403   403   403
    v1:doctor-booking-complete v1:doctor-booking-no-show

# --- The API of staff ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     401       403   403   403   403   403   200   200
POST    401       403   403   403   403   403   405   405
    v1:admin-users v1:admin-user v1:admin-audit-log v1:admin-audit-log-csv v1:admin-metrics

GET     401       403   403   403   403   403   405   405
POST    401       403   403   403   403   403   200   200
    v1:admin-user-ban v1:admin-user-unban

GET     401       403   403   403   403   403   405   405
POST    401       403   403   403   403   403   405   405
PUT     401       403   403   403   403   403   200   200
    v1:admin-user-role

GET     401       403   403   403   403   403   405   405
POST    401       403   403   403   403   403   201   201
    v1:admin-impersonate

GET     401       405   405   405   405   405   405   405
POST    401       409   409   409   409   409   409   409
    v1:admin-impersonate-stop

GET     401       403   403   403   403   403   200   403
POST    401       403   403   403   403   403   400   403
    v1:admin-doctors v1:admin-specialties

GET     401       403   403   403   403   403   200   403
POST    401       403   403   403   403   403   405   403
DELETE  401       403   403   403   403   403   200   403
PATCH   401       403   403   403   403   403   200   403
    v1:admin-doctor

GET     401       403   403   403   403   403   405   403
POST    401       403   403   403   403   403   200   403
    v1:admin-doctor-approval v1:admin-booking-cancel

GET     401       403   403   403   403   403   200   403
POST    401       403   403   403   403   403   405   403
    v1:admin-doctor-credentials v1:admin-booking

GET     401       403   403   403   403   403   405   403
POST    401       403   403   403   403   403   405   403
PATCH   401       403   403   403   403   403   200   403
    v1:admin-specialty

GET     401       403   403   403   403   403   200   403
POST    401       403   403   403   403   403   201   403
    v1:admin-bookings

# --- The staff's console ---
#       anonymous pA    pB    dA    dB    ph    admin super
GET     in        in    in    in    in    in    200   200
POST    in        in    in    in    in    in    200   200
    admin:metrics-csv admin:index admin:accounts_adminauditlog_csv
    admin:accounts_adminauditlog_changelist admin:accounts_adminauditlog_history
    admin:accounts_insuranceprovider_changelist admin:accounts_insuranceprovider_history
    admin:accounts_patient_changelist admin:accounts_patient_history admin:accounts_user_role
    admin:accounts_user_impersonate admin:accounts_user_changelist admin:accounts_user_history
    admin:doctors_doctor_changelist admin:doctors_doctor_history admin:doctors_specialty_changelist
    admin:doctors_specialty_history admin:bookings_booking_changelist admin:bookings_booking_history
    admin:messaging_notification_changelist admin:messaging_notification_history
    admin:common_outboxevent_changelist admin:common_outboxevent_history admin:app_list

GET     in        302   302   302   302   302   302   302
POST    in        302   302   302   302   302   302   302
    admin:login

GET     302       302   302   302   302   302   405   405
POST    302
    admin:logout

GET     in        in    in    in    in    in    200   200
POST    in        in    in    in    in    in    405   405
    admin:password_change_done admin:autocomplete admin:jsi18n

GET     in        in    in    in    in    in    404   404
POST    in        in    in    in    in    in    404   404
    admin/(?P<url>.*)$

GET     in        in    in    in    in    in    302   302
POST    in        in    in    in    in    in    302   302
    admin:password_change

GET     in        in    in    in    in    in    403   403
POST    in        in    in    in    in    in    403   403
    admin:accounts_adminauditlog_add admin:accounts_adminauditlog_delete
    admin:accounts_insuranceprovider_delete admin:accounts_patient_delete admin:accounts_user_add
    admin:accounts_user_delete admin:doctors_doctor_delete admin:doctors_specialty_delete
    admin:doctors_doctorverification_add admin:doctors_doctorverification_delete
    admin:bookings_booking_delete admin:messaging_notification_add
    admin:messaging_notification_delete admin:common_outboxevent_add admin:common_outboxevent_delete

GET     in        in    in    in    in    in    200   200
POST    in        in    in    in    in    in    403   403
    admin:accounts_adminauditlog_change admin:accounts_user_change admin:bookings_booking_change
    admin:messaging_notification_change admin:common_outboxevent_change

GET     in        in    in    in    in    in    302   302
POST    in        in    in    in    in    in    302   302
    admin/accounts/adminauditlog/<path:object_id>/
    admin/accounts/insuranceprovider/<path:object_id>/ admin/accounts/patient/<path:object_id>/
    admin/accounts/user/<path:object_id>/ admin/doctors/doctor/<path:object_id>/
    admin/doctors/specialty/<path:object_id>/
    admin/doctors/doctorverification/<path:object_id>/ admin/bookings/booking/<path:object_id>/
    admin/messaging/notification/<path:object_id>/ admin/common/outboxevent/<path:object_id>/

GET     in        in    in    in    in    in    200   403
POST    in        in    in    in    in    in    200   403
    admin:accounts_insuranceprovider_add admin:accounts_patient_add admin:doctors_specialty_add
    admin:doctors_doctorverification_changelist admin:bookings_booking_add

GET     in        in    in    in    in    in    200   403
POST    in        in    in    in    in    in    422   403
    admin:doctors_doctor_add

GET     in        in    in    in    in    in    200   302
POST    in        in    in    in    in    in    200   302
    admin:doctors_doctorverification_history

GET     in        in    in    in    in    in    200   200
POST    in        in    in    in    in    in    200   403
    admin:accounts_insuranceprovider_change admin:accounts_patient_change
    admin:doctors_doctor_change admin:doctors_specialty_change

GET     in        in    in    in    in    in    200   200
POST    in        in    in    in    in    in    302   302
    admin:accounts_user_ban admin:accounts_user_unban

GET     in        in    in    in    in    in    200   403
POST    in        in    in    in    in    in    422   403
    admin:doctors_doctorverification_change
"""
