"""The pages around the product: in both languages and themes, installable, and honest when something fails."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation

from medai.common import language, navigation
from medai.common.bundles import build, sources
from medai.common.context import THEME_COLORS
from medai.common.navigation import Entry, Person

pytestmark = [pytest.mark.urls("tests.common.design_urls"), pytest.mark.django_db]

PAGES = ["/", "/help/", "/privacy/", "/terms/", "/offline/"]
SPANISH = {
    "/": "Encuentre médico",
    "/help/": "ayudar",
    "/privacy/": "sus datos",
    "/terms/": "Términos de uso",
}


@pytest.fixture
def menus(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    return navigation


# --- Language ---


@pytest.mark.parametrize("path", SPANISH)
def test_pages_speak_spanish_by_default_and_english_by_link(client, path):
    spanish = client.get(path)
    assert '<html lang="es"' in spanish.text
    assert SPANISH[path] in spanish.text
    english = client.get(path, {"lang": "en"})
    assert '<html lang="en"' in english.text
    assert SPANISH[path] not in english.text


def test_the_language_of_a_link_is_remembered(client):
    response = client.get("/help/", {"lang": "en"})
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in client.get("/help/").text


def test_an_unknown_language_changes_nothing(client):
    response = client.get("/help/", {"lang": "xx"})
    assert '<html lang="es"' in response.text
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_the_browsers_language_counts_until_one_is_chosen(client):
    assert '<html lang="en"' in client.get("/help/", headers={"accept-language": "en-GB,en"}).text
    client.get("/help/", {"lang": "es"})
    assert '<html lang="es"' in client.get("/help/", headers={"accept-language": "en-GB,en"}).text


def test_pages_name_themselves_in_each_language(client):
    text = client.get("/help/", {"lang": "en", "utm": "x"}).text
    assert '<link rel="canonical" href="http://testserver/help/?lang=en">' in text
    assert 'hreflang="es" href="http://testserver/help/?utm=x&amp;lang=es"' in text
    assert 'hreflang="x-default" href="http://testserver/help/"' in text
    assert '<link rel="canonical" href="http://testserver/help/">' in client.get("/help/?utm=x").text


def test_the_switch_keeps_the_page_and_its_parameters(client):
    assert 'href="/help/?q=1&amp;lang=en"' in client.get("/help/", {"q": "1", "lang": "es"}).text


def test_choosing_a_language_by_form_tells_the_account(client, monkeypatch, django_user_model):
    told = []
    monkeypatch.setattr(language, "_listeners", [lambda user, code: told.append(code)])
    response = client.post("/language/", {"language": "en", "next": "/help/"})
    assert (response.status_code, response["Location"]) == (302, "/help/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert told == []  # nobody is signed in


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
@pytest.mark.parametrize("path", ["/language/", "/theme/"])
def test_going_back_never_leaves_the_site(client, path, target):
    assert client.post(path, {"next": target})["Location"] == "/"


# --- Theme ---


def test_the_server_writes_the_theme_so_that_nothing_flashes(client):
    assert "data-theme" not in re.search(r"<html[^>]*>", client.get("/").text)[0]
    response = client.post("/theme/", {"theme": "dark", "next": "/help/"})
    assert response["Location"] == "/help/"
    text = client.get("/help/").text
    assert 'data-theme="dark"' in re.search(r"<html[^>]*>", text)[0]
    assert text.count('name="theme-color"') == 1
    client.post("/theme/", {"theme": "system"})
    assert "data-theme" not in re.search(r"<html[^>]*>", client.get("/").text)[0]


def test_a_forged_theme_is_ignored(client):
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in re.search(r"<html[^>]*>", client.get("/").text)[0]


def test_the_browsers_frame_has_the_colour_of_the_page():
    raw = dict(re.findall(r"(--[\w-]+): (#\w+);", sources("css/medai.css")[0].read_text()))
    assert {"light": raw["--sand-50"], "dark": raw["--night-0"]} == THEME_COLORS


# --- What every page carries ---


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_an_exception_from_the_content_policy(client, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert not re.findall(r"<[^>]+ style=", response.text)
    assert not re.findall(r"<[^>]+ on\w+=", response.text)
    for script in re.findall(r"<script[^>]*>", response.text):
        assert "src=" in script


def test_each_page_loads_one_stylesheet_and_little_script(client):
    text = client.get("/").text
    assert text.count('rel="stylesheet"') == 1
    assert len(re.findall(r"<script[^>]*src=", text)) <= 3


def test_wrong_answers_are_swapped_in_and_errors_are_not(client):
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']*)'", client.get("/").text)[1])
    handling = [(rule["code"], rule["swap"]) for rule in config["responseHandling"]]
    decided = {
        status: next(swap for code, swap in handling if re.search(code, str(status)))
        for status in (200, 204, 409, 422, 404, 500)
    }
    assert decided == {200: True, 204: False, 409: True, 422: True, 404: False, 500: False}
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False


def test_bundles_hold_every_source_in_the_order_of_the_layers():
    names = [path.name for path in sources("css/medai.css")]
    assert names[0] == "tokens.css"
    assert names[-1] == "utilities.css"
    css = build("css/medai.css").read_text()
    assert all(f"/* {name} */" in css for name in names)


# --- The installable app ---


def test_the_manifest_names_icons_that_exist(client):
    from django.contrib.staticfiles import finders

    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert manifest["lang"] == "es"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert all(finders.find(icon["src"].removeprefix(settings.STATIC_URL)) for icon in manifest["icons"])


def test_the_service_worker_keeps_only_what_is_public(client):
    response = client.get("/service-worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response["Cache-Control"]
    shell = json.loads(re.search(r"SHELL_FILES = (\[.*?\]);", response.text)[1])
    assert shell[0] == "/offline/"
    assert all(path.startswith(settings.STATIC_URL) for path in shell[1:])


def test_the_offline_page_shows_nothing_about_anybody(client):
    text = client.get("/offline/").text
    assert "csrf" not in text
    assert "Set-Cookie" not in client.get("/offline/").headers


# --- Errors ---


@pytest.mark.parametrize(
    ("path", "status", "spanish"),
    [
        ("/nowhere/", 404, "Aquí no hay nada"),
        ("/refused/", 403, "no es para esta cuenta"),
        ("/unreadable/", 400, "No pudimos leer"),
        ("/slow-down/", 429, "Intente de nuevo en 2 minutos"),
    ],
)
def test_error_pages_say_what_to_do(client, path, status, spanish):
    response = client.get(path)
    assert response.status_code == status
    assert spanish in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert 'href="/"' in response.text


def test_too_many_requests_say_when_to_come_back(client):
    assert client.get("/slow-down/")["Retry-After"] == "150"


def test_a_failure_gives_a_number_to_ask_with_and_no_details():
    client = Client(raise_request_exception=False)
    response = client.get("/broken/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.text
    assert "as if something failed" not in response.text
    assert "Traceback" not in response.text


def test_the_failure_page_needs_no_database(django_assert_num_queries):
    from medai.common.views import server_error

    with django_assert_num_queries(0):
        assert "Algo falló" in server_error(None).text


def test_an_expired_form_says_that_nothing_was_lost():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "lo que escribió sigue ahí" in response.text
    assert "theme" not in response.cookies


def test_htmx_gets_a_toast_and_keeps_its_page(client):
    response = client.get("/refused/", headers={"hx-request": "true"})
    assert response.status_code == 403
    assert response.content == b""
    detail = json.loads(response["HX-Trigger"])["toast"]
    assert detail["tone"] == "danger"
    assert detail["text"] == "Su cuenta no puede abrir esto."


# --- The style guide ---


def test_the_style_guide_is_for_those_who_build(client):
    assert client.get("/styleguide/").status_code == 404
    with override_settings(DEBUG=True):
        assert client.get("/styleguide/").status_code == 200


@pytest.mark.parametrize("code", ["es", "en"])
def test_the_style_guide_shows_every_component(client, code):
    from pathlib import Path

    with override_settings(DEBUG=True, TEMPLATES=settings.TEMPLATES):
        from django.test.signals import template_rendered

        seen = set()

        def note(template, **_):
            seen.add(template.name)

        template_rendered.connect(note)
        try:
            client.get("/styleguide/", {"lang": code})
        finally:
            template_rendered.disconnect(note)
    folder = Path(settings.BASE_DIR if hasattr(settings, "BASE_DIR") else ".") / "templates/components"
    parts_of_a_shell = {
        "bell",
        "footer",
        "footer_column",
        "form",
        "formset",
        "live_regions",
        "messages",
        "preferences",
        "side",
        "sign_out",
        "theme_form",
        "topbar",
        "brand",
    }
    every = {path.stem for path in folder.glob("*.html")} - parts_of_a_shell
    shown = {
        name.removeprefix("components/").removesuffix(".html")
        for name in seen
        if name and name.startswith("components/")
    }
    assert every <= shown, sorted(every - shown)


# --- Menus ---


def test_a_menu_shows_only_pages_that_exist(menus, rf):
    menus.register(
        "doctor", Entry("Help", "inbox", "help", order=2), Entry("Nowhere", "inbox", "no:such", order=1)
    )
    request = rf.get("/")
    assert [item.label for item in menus.items("doctor", request)] == ["Help"]


def test_the_fifth_entry_goes_behind_more_on_phones(menus, rf):
    routes = ["home", "help", "privacy", "terms", "offline", "styleguide"]
    menus.register("doctor", *(Entry(route, "inbox", route, order=n) for n, route in enumerate(routes)))
    assert [item.secondary for item in menus.items("doctor", rf.get("/"))] == [False] * 4 + [True] * 2


def test_the_current_page_is_marked(menus, client):
    menus.register(
        "footer-about", Entry("Help", "inbox", "help"), Entry("Terms", "inbox", "terms", also=("home",))
    )
    menus.register("public", Entry("Help", "inbox", "help"), Entry("Terms", "inbox", "terms", also=("home",)))
    assert '<a href="/help/" aria-current="page">Help</a>' in client.get("/help/").text
    assert '<a href="/terms/" aria-current="page">Terms</a>' in client.get("/").text


def test_a_page_may_be_for_some_only(menus, rf):
    menus.register("doctor", Entry("Help", "inbox", "help", when=lambda request: "secret" in request.GET))
    assert menus.items("doctor", rf.get("/")) == []
    assert len(menus.items("doctor", rf.get("/?secret"))) == 1


def test_registering_twice_shows_once(menus, rf):
    for label in ("Old", "New"):
        menus.register("doctor", Entry(label, "inbox", "help"))
    assert [item.label for item in menus.items("doctor", rf.get("/"))] == ["New"]


def test_labels_follow_the_language_of_the_request(rf):
    with translation.override("es"):
        assert "Ayuda" in [item.label for item in navigation.items("footer-about", rf.get("/"))]


def test_the_app_that_knows_people_says_how_they_are_shown(monkeypatch):
    monkeypatch.setattr(navigation, "_describe", None)
    navigation.person_provider(lambda user: Person(name=f"Dr. {user}", subtitle="Cardiology"))
    assert navigation.person("Quintero") == Person("Dr. Quintero", "Cardiology")
