from django.urls import path

from accounts.views import home, people, photos, profile, security

app_name = "accounts"

urlpatterns = [
    path("home/", home.home, name="home"),
    path("impersonation/stop/", home.stop_impersonating, name="impersonation-stop"),
    path("settings/", profile.profile, name="profile"),
    path("settings/photo/", photos.photo, name="photo"),
    path("settings/photo/change/", profile.change_photo, name="photo-change"),
    path("settings/photo/<uuid:user_id>/", photos.photo, name="photo-of"),
    path("settings/record/", profile.record, name="record"),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/add/", people.add_person, name="person-add"),
    path("settings/people/<uuid:patient_id>/", people.person, name="person"),
    path("settings/people/<uuid:patient_id>/remove/", people.remove_person, name="person-remove"),
    path("settings/people/<uuid:patient_id>/claim/", people.claim_person, name="person-claim"),
    path("settings/insurance/", people.insurance_list, name="insurance"),
    path("settings/insurance/add/", people.add_policy, name="policy-add"),
    path("settings/insurance/<uuid:policy_id>/", people.policy, name="policy"),
    path("settings/insurance/<uuid:policy_id>/remove/", people.remove_policy, name="policy-remove"),
    path("settings/security/", security.overview, name="security"),
    path("settings/sessions/", security.session_list, name="sessions"),
    path("settings/sessions/others/end/", security.end_other_sessions, name="sessions-end-others"),
    path("settings/sessions/web/<int:session_id>/end/", security.end_web_session, name="session-end-web"),
    path("settings/sessions/app/<uuid:session_id>/end/", security.end_api_session, name="session-end-app"),
    path("settings/privacy/", profile.privacy, name="privacy"),
]
