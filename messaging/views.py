"""The notification centre, its bell, and the settings."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guards import is_impersonated, role_required
from accounts.models import Role, User
from medai.common import localtime
from messaging import notices, recipients, services
from messaging.forms import PreferencesForm
from messaging.models import InboxNotice

PAGE = 20


def _me(request: HttpRequest) -> User:
    """The signed-in user, as the guards have made sure."""
    return cast(User, request.user)


@require_safe
@never_cache
@role_required()
def bell(request: HttpRequest) -> HttpResponse:
    unread = InboxNotice.objects.of(_me(request).pk).unread().count()
    return render(request, "messaging/_bell.html", {"unread": unread})


@require_safe
@never_cache
@role_required()
def notice_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_safe
@never_cache
@role_required()
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Go to what a notice is about. It counts as read, unless staff look through someone's eyes."""
    notice = get_object_or_404(InboxNotice.objects.of(_me(request).pk).for_listing(), pk=notice_id)
    if not is_impersonated(request):
        services.mark_read(user_id=_me(request).pk, notice_id=notice_id)
    return redirect(notices.address(notice) or "messaging:notices")


@require_POST
@role_required()
def read_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    services.mark_read(user_id=_me(request).pk, notice_id=notice_id)
    return _back_to_list(request)


@require_POST
@role_required()
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_all_read(user_id=_me(request).pk)
    return _back_to_list(request)


def _back_to_list(request: HttpRequest) -> HttpResponse:
    return _list(request) if request.htmx else redirect("messaging:notices")  # type: ignore[attr-defined]


def _list(request: HttpRequest) -> HttpResponse:
    own = InboxNotice.objects.of(_me(request).pk)
    page = Paginator(own.for_listing(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "entries": notices.entries(page.object_list, request.user),
        "unread": own.unread().count(),
    }
    template = "messaging/notices.html#content" if request.htmx else "messaging/notices.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required()
def settings(request: HttpRequest) -> HttpResponse:
    user = _me(request)
    preferences = services.preferences_of(user.pk)
    form = PreferencesForm(
        request.POST if request.method == "POST" else None,
        preferences=preferences,
        reminds=user.role == Role.PATIENT,
    )
    if form.is_bound and form.is_valid():
        services.update_preferences(user_id=user.pk, **form.wishes)
        messages.success(request, _("Saved. Reminders already planned follow your new choice."))
        return redirect("messaging:settings")
    reader = recipients.accounts([user.pk])[user.pk]
    context = {"form": form, "email": reader.email, "place": localtime.city(reader.time_zone)}
    return render(request, "messaging/settings.html", context, status=422 if form.is_bound else 200)
