"""Everything of accounts under /api/v1/."""

from django.urls import path

from accounts.api import account, patient, sign_in, staff

urlpatterns = [
    path("auth/signup/", sign_in.SignUpView.as_view(), name="auth-signup"),
    path("auth/login/", sign_in.LoginView.as_view(), name="auth-login"),
    path("auth/login/code/", sign_in.LoginCodeView.as_view(), name="auth-login-code"),
    path("auth/login/code/confirm/", sign_in.LoginCodeConfirmView.as_view(), name="auth-login-code-confirm"),
    path("auth/login/mfa/", sign_in.SecondStepView.as_view(), name="auth-login-mfa"),
    path(
        "auth/login/mfa/passkey/options/",
        sign_in.SecondStepPasskeyOptionsView.as_view(),
        name="auth-login-mfa-passkey-options",
    ),
    path("auth/login/mfa/passkey/", sign_in.SecondStepPasskeyView.as_view(), name="auth-login-mfa-passkey"),
    path(
        "auth/login/passkey/options/",
        sign_in.PasskeyOptionsView.as_view(),
        name="auth-login-passkey-options",
    ),
    path("auth/login/passkey/", sign_in.PasskeyView.as_view(), name="auth-login-passkey"),
    path("auth/google/", sign_in.GoogleView.as_view(), name="auth-google"),
    path("auth/email-verification/", sign_in.EmailVerificationView.as_view(), name="auth-email"),
    path(
        "auth/email-verification/confirm/",
        sign_in.EmailVerificationConfirmView.as_view(),
        name="auth-email-confirm",
    ),
    path("auth/password-reset/", sign_in.PasswordResetView.as_view(), name="auth-reset"),
    path(
        "auth/password-reset/confirm/", sign_in.PasswordResetConfirmView.as_view(), name="auth-reset-confirm"
    ),
    path("auth/token/refresh/", sign_in.RefreshView.as_view(), name="auth-refresh"),
    path("auth/me/", account.MeView.as_view(), name="auth-me"),
    path("auth/logout/", account.LogoutView.as_view(), name="auth-logout"),
    path("auth/password/", account.PasswordView.as_view(), name="auth-password"),
    path("auth/sessions/", account.SessionsView.as_view(), name="auth-sessions"),
    path("auth/sessions/<uuid:session_id>/", account.SessionView.as_view(), name="auth-session"),
    path("auth/mfa/", account.MfaView.as_view(), name="auth-mfa"),
    path("auth/mfa/totp/", account.TotpView.as_view(), name="auth-mfa-totp"),
    path("auth/mfa/totp/off/", account.TotpOffView.as_view(), name="auth-mfa-totp-off"),
    path("auth/mfa/recovery-codes/", account.RecoveryCodesView.as_view(), name="auth-mfa-recovery-codes"),
    path("patient/profile/", patient.ProfileView.as_view(), name="patient-profile"),
    path("patient/dependents/", patient.DependentsView.as_view(), name="patient-dependents"),
    path("patient/dependents/<uuid:patient_id>/", patient.DependentView.as_view(), name="patient-dependent"),
    path("patient/insurance/", patient.PoliciesView.as_view(), name="patient-insurance"),
    path("patient/insurance/<uuid:policy_id>/", patient.PolicyView.as_view(), name="patient-policy"),
    path(
        "public/insurance-providers/",
        patient.InsuranceProvidersView.as_view(),
        name="public-insurance-providers",
    ),
    path("admin/users/", staff.UsersView.as_view(), name="admin-users"),
    path("admin/users/<uuid:user_id>/", staff.UserView.as_view(), name="admin-user"),
    path("admin/users/<uuid:user_id>/ban/", staff.BanView.as_view(), name="admin-user-ban"),
    path("admin/users/<uuid:user_id>/unban/", staff.UnbanView.as_view(), name="admin-user-unban"),
    path("admin/users/<uuid:user_id>/role/", staff.RoleView.as_view(), name="admin-user-role"),
    path("admin/impersonate/", staff.ImpersonateView.as_view(), name="admin-impersonate"),
    path("admin/impersonate/stop/", staff.StopImpersonationView.as_view(), name="admin-impersonate-stop"),
    path("admin/audit-log/", staff.AuditLogView.as_view(), name="admin-audit-log"),
    path("admin/audit-log/csv/", staff.AuditLogCsvView.as_view(), name="admin-audit-log-csv"),
]
