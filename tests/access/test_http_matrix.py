"""Every route asked by everybody: the table of `tests.access.routes` is what they get, and nothing else shows."""

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import User
from medai.common.identity import acting_as_system
from tests.access.arguments import arguments_of, query_of
from tests.access.asking import Asker, Route, address, routes
from tests.access.matrix import expected, http_mismatches, listed
from tests.access.world import World

pytestmark = pytest.mark.django_db

AREAS = {
    "pages": lambda route: not (route.is_api or route.is_console or route.is_sign_in),
    "sign-in": lambda route: route.is_sign_in,
    "API": lambda route: route.is_api,
    "console": lambda route: route.is_console,
}


def path_of(world: World, route: Route) -> str:
    return address(route, arguments_of(world, route)) + query_of(world, route)


def with_rows() -> list[Route]:
    return [route for route in routes() if route.name in expected()]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    names = [route.name for route in routes()]
    assert len(names) == len(set(names)), "two routes of one name"
    assert sorted(set(names) - expected().keys()) == [], "routes without a row in tests/access/routes.py"
    assert sorted(expected().keys() - set(names)) == [], "rows without a route"


def test_every_row_says_what_its_methods_get() -> None:
    for route in with_rows():
        assert expected()[route.name].keys() == {"GET", "POST"} | route.extra_methods(), route.name


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_everybody_gets_what_the_table_says(world: World, asker: Asker, area: str) -> None:
    chosen = [route for route in routes() if AREAS[area](route)]
    assert not (found := list(http_mismatches(world, asker, chosen))), listed(found)


def test_a_token_opens_the_same_as_a_session(world: World, asker: Asker) -> None:
    """Object by object for strangers, and for the owner what has an object in its address."""
    found = list(http_mismatches(world, asker, api_routes(), visitors=("pB", "dB"), bearer=True))
    of_objects = [route for route in api_routes() if "<uuid" in route.pattern]
    found += http_mismatches(world, asker, of_objects, visitors=("pA", "dA", "admin"), bearer=True)
    assert not found, listed(found)


def api_routes() -> list[Route]:
    # Token and session each have their own way to end; tests/accounts looks at both.
    return [route for route in routes() if route.is_api and route.name != "v1:auth-session"]


def test_a_banned_person_is_anybody(world: World, asker: Asker) -> None:
    with acting_as_system("test"):
        User.objects.filter(pk=world.users["pA"].pk).update(is_active=False)
    found = []
    for route in with_rows():
        for method, outcomes in expected()[route.name].items():
            answer = asker.ask("pA", method, path_of(world, route))
            if outcomes["anonymous"] in ("in", "401") and answer.outcome != outcomes["anonymous"]:
                found.append(f"{method} {route.name}: {answer.outcome}")
    assert not found, "\n".join(found)


WAYS_TO_A_SECOND_STEP = {
    "account_email_verification_sent",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
}
FIXED_PAGES = {
    "help",
    "manifest",
    "offline",
    "privacy",
    "service-worker",
    "set-language",
    "set-theme",
    "terms",
}


def test_staff_without_a_second_step_get_nowhere_but_to_one(world: World, asker: Asker) -> None:
    with acting_as_system("test"):
        Authenticator.objects.filter(user=world.users["admin"]).delete()
    found = []
    for route in with_rows():
        if route.name in WAYS_TO_A_SECOND_STEP | FIXED_PAGES or route.name.startswith("mfa_"):
            continue
        path = path_of(world, route)
        answer = asker.ask("admin", "GET", path)
        if answer.outcome != ("403" if path.startswith("/api/") else "302") or answer.written:
            found.append(f"{route.name}: {answer.outcome}, {answer.written} rows")
    assert not found, "\n".join(found)


@pytest.fixture
def as_patient_a(world: World, asker: Asker) -> Iterator[None]:
    """The administrator's browser, in which an impersonation of patient A has begun."""
    asker.client.cookies.clear()
    asker.client.cookies[settings.SESSION_COOKIE_NAME] = asker.cookies["admin"]
    path = f"/admin/accounts/user/{world.users['pA'].pk}/impersonate/"
    began = asker.client.post(path, {"reason": "Asked for help by phone"})
    assert began.status_code == 302, began.content
    before = asker.cookies["admin"]
    asker.cookies["admin"] = asker.client.cookies[settings.SESSION_COOKIE_NAME].value
    yield
    asker.cookies["admin"] = before


def test_an_impersonator_is_the_patient_and_keeps_off_what_is_the_patients_alone(
    world: World, asker: Asker, as_patient_a: None
) -> None:
    found = []
    for route in with_rows():
        path = path_of(world, route)
        outcome = asker.ask("admin", "GET", path).outcome
        wanted = expected()[route.name]["GET"]["pA"]
        if path.startswith(("/accounts/", "/api/v1/auth/")) and not path.startswith(OPEN_TO_IMPERSONATORS):
            wanted = "403"
        if outcome != wanted:
            found.append(f"{route.name}: {outcome} instead of {wanted}")
    assert not found, "\n".join(found)


OPEN_TO_IMPERSONATORS = ("/accounts/logout/", "/api/v1/auth/me", "/api/v1/auth/logout")
