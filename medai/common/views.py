"""The pages around the product: landing, help, legal texts, preferences, the installable app, errors."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST, require_safe

from medai.common import language
from medai.common.context import THEME_COLORS, THEME_COOKIE, Site
from medai.common.navigation import address
from medai.common.requests import current_request_id
from medai.common.toasts import toast

YEAR = 60 * 60 * 24 * 365


# --- Pages -----------------------------------------------------------------------------------------------


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page. Live openings and specialties come from the doctors' own addresses."""
    return render(request, "pages/home.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/terms.html")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build the pages."""
    user = getattr(request, "user", None)
    if not (settings.DEBUG or (user is not None and getattr(user, "is_staff", False))):
        raise Http404
    from medai.common.styleguide import samples  # only here: nobody else pays for its sample data

    return render(request, "pages/styleguide.html", samples(request))


# --- Preferences -----------------------------------------------------------------------------------------


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that is this site."""
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure())
    return target if safe else reverse("home")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember a language. Links with ``?lang=`` do the same without a form."""
    code = request.POST.get("language", "")
    response = redirect(_back(request))
    if language.is_known(code):
        language.choose(request, response, code)
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    response = redirect(_back(request))
    theme = request.POST.get("theme", "")
    if theme in THEME_COLORS:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, secure=secure, samesite="Lax")
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


# --- The installable app ---------------------------------------------------------------------------------


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    icons = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    icons.append(("icon-maskable-512.png", "512x512", "maskable"))
    response = JsonResponse(
        {
            "id": "/",
            "name": settings.SITE_NAME,
            "short_name": settings.SITE_NAME,
            "description": _("Find a verified doctor and book a free time, in person or by video."),
            "lang": Site(request).language_code,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": THEME_COLORS["light"],
            "theme_color": THEME_COLORS["light"],
            "icons": [
                {"src": static(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
                for name, sizes, purpose in icons
            ],
        },
        content_type="application/manifest+json",
    )
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, so that it may answer for every page; the browser looks for a new one each day."""
    shell = [
        reverse("offline"),
        static("css/medai.css"),
        static("fonts/instrument-sans-latin-wght-normal.woff2"),
        static("icons/favicon.svg"),
        static("js/pages/kept.js"),
    ]
    source = get_template("pages/service_worker.js").render(
        {"shell": json.dumps(shell), "offline": reverse("offline"), "sign_out": address("account_logout")}
    )
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker, so it shows nothing about anybody."""
    return HttpResponse(get_template("offline.html").render({"site": Site()}))


# --- Errors ----------------------------------------------------------------------------------------------


def error(
    request: HttpRequest,
    status: int,
    *,
    template: str = "error.html",
    title: str = "",
    message: str = "",
    **context: Any,
) -> HttpResponse:
    """An error page, or for htmx a toast that leaves the page as it is."""
    if getattr(request, "htmx", False):
        return toast(HttpResponse(status=status), message or title or _("This did not work."), tone="danger")
    details = {"status": status, "title": title, "message": message, **context}
    return render(request, template, details, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error(
        request, 400, template="400.html", message=_("We could not read what was sent. Reload and try again.")
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = str(exception or "")
    message = reason or _("Your account may not open this.")
    return error(request, 403, template="403.html", message=message, reason=reason)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error(
        request, 404, template="404.html", message=_("This is no longer here. Reload to see what is.")
    )


def too_many_requests(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    response = error(
        request,
        429,
        template="429.html",
        message=_("That was too many attempts. Wait a minute and try again."),
        minutes=max(1, round(retry_after / 60)),
    )
    response["Retry-After"] = str(retry_after)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection ran out (another tab signed in or out, cookies were cleared)."""
    message = _("This page was open for too long. Reload it and send again; what you typed is still there.")
    return error(request, 403, template="403_csrf.html", message=message)


def server_error(request: HttpRequest, *, status: int = 500) -> HttpResponse:
    """The last resort: needs neither database nor session nor user, as any of them may be what failed."""
    context = {"site": Site(), "request_id": current_request_id() or getattr(request, "request_id", "")}
    return HttpResponse(get_template("500.html").render(context), status=status)


def unavailable(request: HttpRequest, *, retry_after: int = 5) -> HttpResponse:
    """The same page while the database does not answer, which passes."""
    response = server_error(request, status=503)
    response["Retry-After"] = str(retry_after)
    return response
