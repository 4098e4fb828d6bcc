"""Users: looked up, banned, given another role, acted for. Every change is a call of the same services."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import impersonating, reports
from accounts.admin.base import ByRole
from accounts.forms.settings import refuse
from accounts.homes import home_of
from accounts.models import STAFF_ROLES, Role, User
from accounts.services import users
from medai.common.errors import DomainError


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("New role"), choices=Role.choices)


class ImpersonationForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you need to act as this person?"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with the record of what you do. Do not write medical details here."),
    )


@admin.register(User)
class UserAdmin(ByRole):
    list_display = ["email", "full_name", "role", "is_active", "created_at", "last_login"]
    list_filter = ["role", "is_active", "language", ("created_at", admin.DateFieldListFilter)]
    # The search itself is `reports.matches`; the fields here switch the box on and serve autocompletes.
    search_fields = ["email", "profile__first_name", "profile__last_name"]
    search_help_text = _("Name or email")
    ordering = ["-created_at"]
    list_select_related = ["profile"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["ban_selected", "unban_selected"]
    change_form_template = "accounts/admin/user.html"
    fieldsets = [
        (None, {"fields": ["email", "full_name", "phone", "role", "is_active"]}),
        (_("Account"), {"fields": ["language", "onboarding_complete", "last_login", "created_at"]}),
    ]
    writers: frozenset[str] = frozenset()

    @admin.display(description=_("Name"), ordering="profile__first_name")
    def full_name(self, user: User) -> str:
        profile = getattr(user, "profile", None)
        return profile.full_name if profile else "–"

    @admin.display(description=_("Phone"))
    def phone(self, user: User) -> str:
        profile = getattr(user, "profile", None)
        return profile.phone if profile and profile.phone else "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return (queryset.filter(reports.matches(search_term)) if search_term else queryset), False

    # --- Actions on several ------------------------------------------------------------------------------

    @admin.action(description=_("Ban the selected users"))
    def ban_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, users.ban)

    @admin.action(description=_("Unban the selected users"))
    def unban_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, users.unban)

    def _each(self, request: HttpRequest, queryset: QuerySet[User], service: Callable[..., User]) -> None:
        done, refused = 0, []
        for user in queryset:
            try:
                service(user_id=user.pk)
                done += 1
            except DomainError as error:
                refused.append(f"{user}: {error}")
        if done:
            text = ngettext("%(number)s user changed.", "%(number)s users changed.", done)
            self.message_user(request, text % {"number": done}, messages.SUCCESS)
        if refused:
            self.message_user(request, " ".join(refused), messages.WARNING)

    # --- One user ----------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(
                f"<uuid:user_id>/{route}/", self.admin_site.admin_view(view), name=f"accounts_user_{name}"
            )

        return [
            own("ban", self.ban_view, "ban"),
            own("unban", self.unban_view, "unban"),
            own("role", self.role_view, "role"),
            own("impersonate", self.impersonate_view, "impersonate"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"staff_roles": STAFF_ROLES, **(extra_context or {})}
        )

    def ban_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Asks first."""
        if request.method == "POST":
            return self._do(
                request, user_id, users.ban, _("The account is closed and all its sessions have ended.")
            )
        note = _("Every session and token of the account ends at once, and nobody can sign in to it.")
        return self._form(request, self._user(user_id), forms.Form(), _("Ban this user?"), _("Ban"), note)

    def unban_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Asks first."""
        if request.method == "POST":
            return self._do(request, user_id, users.unban, _("The account is open again."))
        note = _("The person can sign in again.")
        return self._form(request, self._user(user_id), forms.Form(), _("Unban this user?"), _("Unban"), note)

    def _do(
        self, request: HttpRequest, user_id: UUID, service: Callable[..., User], done: Any
    ) -> HttpResponse:
        try:
            service(user_id=user_id)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:accounts_user_change", user_id)

    def role_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Another role: which roles may be given to whom is for the service to say."""
        user = self._user(user_id)
        form = RoleForm(request.POST or None, initial={"role": user.role})
        if form.is_valid():
            try:
                users.change_role(user_id=user_id, role=form.cleaned_data["role"])
            except DomainError as error:
                refuse(form, error)
            else:
                self.message_user(request, _("The role is changed; the person must sign in again."))
                return redirect("admin:accounts_user_change", user_id)
        return self._form(request, user, form, _("Change the role"), _("Change the role"))

    def impersonate_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Act as the user, once a reason is given."""
        user = self._user(user_id)
        form = ImpersonationForm(request.POST or None)
        if form.is_valid():
            try:
                impersonating.begin(request, user_id=user_id, reason=form.cleaned_data["reason"])
            except DomainError as error:
                refuse(form, error)
            else:
                return redirect(home_of(user.role))
        return self._form(request, user, form, _("Act as this user"), _("Act as this user for 30 minutes"))

    def _user(self, user_id: UUID) -> User:
        user = User.objects.select_related("profile").filter(pk=user_id).first()
        if user is None:
            raise Http404
        return user

    def _form(
        self,
        request: HttpRequest,
        user: User,
        form: forms.Form,
        title: Any,
        submit: Any,
        note: Any = "",
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": user,
            "title": title,
            "submit": submit,
            "note": note,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return render(request, "accounts/admin/user_form.html", context, status=status)
