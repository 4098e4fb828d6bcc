"""What every template may rely on: ``site`` and ``csp_nonce``."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_info

from medai.common import language, navigation

THEME_COOKIE = "theme"
# The browser's own frame around the page; the values are --bg of tokens.css.
THEME_COLORS = {"light": "#faf9f6", "dark": "#0d1312"}
PORTALS = {"doctor": "doctor", "patient": "patient"}


@dataclass(frozen=True)
class LanguageLink:
    code: str
    name: str
    url: str
    absolute_url: str
    current: bool


class Site:
    """The page around the content. Parts are worked out only if a template asks for them.

    Without a request (an error so early that there is none) it still answers, with nobody signed in.
    """

    name: str = settings.SITE_NAME

    def __init__(self, request: HttpRequest | None = None) -> None:
        self._request = request

    @property
    def emergency_number(self) -> str:
        return settings.EMERGENCY_NUMBER

    @property
    def support_email(self) -> str:
        return settings.SUPPORT_EMAIL

    @property
    def language_code(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def asked_at(self) -> str:
        """When this page was asked for, in seconds since 1970; what changed later may be missing from it."""
        moment = getattr(self._request, "asked_at", None)
        return f"{moment:.3f}" if moment else ""

    @cached_property
    def theme(self) -> str:
        """ "light" or "dark" once chosen; empty while the system decides."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "") if self._request else ""
        return chosen if chosen in THEME_COLORS else ""

    @property
    def theme_colors(self) -> dict[str, str]:
        return THEME_COLORS

    @cached_property
    def languages(self) -> list[LanguageLink]:
        """This page in every language, as links that can be shared."""
        request, links = self._request, []
        for code, _name in settings.LANGUAGES:
            url = language.address_in(request, code) if request else f"/?{language.PARAMETER}={code}"
            links.append(
                LanguageLink(
                    code=code,
                    name=get_language_info(code)["name_local"].capitalize(),
                    url=url,
                    absolute_url=request.build_absolute_uri(url) if request else url,
                    current=code == self.language_code,
                )
            )
        return links

    @property
    def other_languages(self) -> list[LanguageLink]:
        return [link for link in self.languages if not link.current]

    @cached_property
    def canonical(self) -> str:
        """The address search engines should keep: no parameters but the language, when it is in the link."""
        if self._request is None:
            return ""
        code = self._request.GET.get(language.PARAMETER)
        query = f"?{language.PARAMETER}={code}" if language.is_known(code) else ""
        return self._request.build_absolute_uri(f"{self._request.path}{query}")

    @cached_property
    def absolute_path(self) -> str:
        return self._request.build_absolute_uri(self._request.path) if self._request else ""

    @cached_property
    def user(self) -> Any:
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def person(self) -> navigation.Person | None:
        return navigation.person(self.user) if self.user else None

    @cached_property
    def portal(self) -> str:
        """The portal a signed-in person belongs to; empty for visitors and staff."""
        return PORTALS.get(getattr(self.user, "role", ""), "")

    @cached_property
    def portal_home(self) -> str:
        """Where "my account" leads: the first page of the person's portal."""
        if self.user is None:
            return ""
        pages = navigation.items(self.portal, self._request) if self.portal else []
        return pages[0].url if pages else navigation.address("accounts:home")

    @property
    def impersonating(self) -> bool:
        return bool(getattr(self._request, "impersonation", None))


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The nonce stays lazy: reading it adds it to the answer's header."""
    return {"site": Site(request), "csp_nonce": getattr(request, "csp_nonce", None)}
