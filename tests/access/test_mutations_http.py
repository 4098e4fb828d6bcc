"""The HTTP matrix notices every guard that is lost and, with row-level security out of the way, every scope that is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import RequestFactory

from accounts import guards
from accounts.services import insurance
from bookings import kpis
from bookings.services import situation
from medai.administration.site import AdministrationSite
from medai.common.identity import acting_as_system
from tests.access.acts.stage import ACTS
from tests.access.arguments import arguments_of, query_of
from tests.access.asking import PERSONAL, Asker, Mismatch, Route, address, routes
from tests.access.matrix import expected, http_mismatches, listed
from tests.access.scopes import ELSEWHERE, FIGURES, SCOPES, Scope
from tests.access.whose import asked_for, conditions_in
from tests.access.world import World
from tests.forgetting import POSITIONAL, forgetting

pytestmark = pytest.mark.django_db


def first_mismatch(world: World, asker: Asker, chosen: list[Route], *visitors: str) -> Mismatch | None:
    return next(http_mismatches(world, asker, chosen, visitors=visitors), None)


# --- Guards ---------------------------------------------------------------------------------------------------


def roles_of(route: Route) -> tuple[str, ...]:
    view = getattr(route.callback, "cls", None) or route.callback
    return tuple(getattr(view, "allowed_roles", ()))


def guarded() -> list[Route]:
    found = [route for route in routes() if roles_of(route) not in ((), guards.ANYONE)]
    return [route for route in found if route.name in expected()]


def refused_visitors(route: Route) -> list[str]:
    """One of each kind that the guard keeps out."""
    roles = roles_of(route)
    of = {"pA": "patient", "dA": "doctor", "ph": "pharmacist", "admin": "admin", "super": "super_admin"}
    return [name for name, role in of.items() if role not in roles] + ["anonymous"]


@contextmanager
def no_guard(monkeypatch: pytest.MonkeyPatch, route: Route) -> Iterator[None]:
    """Let everybody past the role guard of one route."""
    refusal, has_permission = guards._refusal, guards.HasAllowedRole.has_permission

    def is_this(request: Any) -> bool:
        return request.resolver_match.func is route.callback

    with monkeypatch.context() as patch:
        patch.setattr(
            guards, "_refusal", lambda request, roles: None if is_this(request) else refusal(request, roles)
        )
        patch.setattr(
            guards.HasAllowedRole,
            "has_permission",
            lambda self, request, view: is_this(request) or has_permission(self, request, view),
        )
        yield


def test_most_routes_are_guarded() -> None:
    """Else the next test would have nothing to take away."""
    assert len(guarded()) > 100


@pytest.mark.parametrize("area", ["API", "pages"])
def test_a_guard_that_is_lost_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, area: str
) -> None:
    missed = []
    for route in guarded():
        if route.is_api != (area == "API"):
            continue
        with no_guard(monkeypatch, route):
            if first_mismatch(world, asker, [route], *refused_visitors(route)) is None:
                missed.append(route.name)
    assert not missed


def console() -> list[Route]:
    open_to_all = {"admin:login", "admin:logout"}
    return [r for r in routes() if r.is_console and r.name in expected() and r.name not in open_to_all]


def test_a_door_to_the_console_that_is_left_open_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = AdministrationSite.has_permission
    missed = []
    for route in console():
        with monkeypatch.context() as patch:

            def lets_in(self: Any, request: Any, route: Route = route) -> bool:
                return request.resolver_match.func is route.callback or before(self, request)

            patch.setattr(AdministrationSite, "has_permission", lets_in)
            if first_mismatch(world, asker, [route], "dA", "anonymous") is None:
                missed.append(route.name)
    assert not missed


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_a_permission_of_the_console_that_is_given_away_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, model: type[Model]
) -> None:
    model_admin = admin.site._registry[model]
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    chosen = [route for route in console() if route.name.startswith(prefix)]
    missed = []
    for verb in ("add", "change", "delete", "view"):
        name = f"has_{verb}_permission"
        if all(is_permitted(world, model_admin, name, visitor) for visitor in ("admin", "super")):
            continue
        with monkeypatch.context() as patch:
            patch.setattr(model_admin, name, lambda request, obj=None: True)
            if first_mismatch(world, asker, chosen, "admin", "super") is None:
                missed.append(name)
    assert not missed


def is_permitted(world: World, model_admin: Any, name: str, visitor: str) -> bool:
    request = RequestFactory().get("/admin/")
    request.user = world.users[visitor]
    arguments = () if name == "has_add_permission" else (model_admin.model(),)
    return bool(getattr(model_admin, name)(request, *arguments))


# --- Scopes ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("no_row_security")
@pytest.mark.parametrize("area", ["API", "pages"])
def test_the_queries_alone_keep_people_apart(world: World, asker: Asker, area: str) -> None:
    """Row-level security is the second lock: the first one holds without it."""
    chosen = [r for r in routes() if r.is_api == (area == "API") and not (r.is_console or r.is_sign_in)]
    found = list(http_mismatches(world, asker, chosen, visitors=("pA", "pB", "dA", "dB", "anonymous")))
    assert not found, listed(found)


@pytest.mark.parametrize("table", PERSONAL)
def test_who_takes_the_first_row_takes_one_of_as(world: World, table: str) -> None:
    """So that a lost scope shows A's words to B, whatever the keys."""
    owners = (world.users["pA"].pk, world.users["dA"].pk, world.doctors["dA"].pk)
    with acting_as_system("test"), connection.cursor() as cursor:
        cursor.execute(f'SELECT id, to_jsonb(t)::text FROM "{table}" AS t ORDER BY id LIMIT 1')
        key, row = cursor.fetchone()
    label = next((label for label, found in world.rows[table].items() if found == key), "")
    assert label in ("pA", "dA", "aa") or any(str(owner) in row for owner in owners)


@pytest.mark.usefixtures("no_row_security")
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: f"{scope} for {scope.route}")
def test_a_scope_that_is_lost_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    [route] = [route for route in routes() if route.name == scope.route]
    assert first_mismatch(world, asker, [route], *PEOPLE) is None
    before = answers(world, asker, route)
    with forgetting(monkeypatch, scope.functions, scope.conditions) as forgotten:
        found = first_mismatch(world, asker, [route], *PEOPLE)
        after = answers(world, asker, route)
    assert set(forgotten) == set(scope.conditions), "these conditions are not asked for there any more"
    # Not everything has words of its own: a number, a list of days is somebody else's as well.
    assert found is not None or before != after


PEOPLE = ("pA", "pB", "dA", "dB")
_NEW_EACH_TIME = re.compile(
    r'(value|nonce|data-challenge|data-asked-at)="[^"]*"|"x-csrftoken": "[^"]*"|token=[^"&]*|photos?/[^"]*'
)


def answers(world: World, asker: Asker, route: Route) -> list[str]:
    """What each gets to read."""
    path = address(route, arguments_of(world, route)) + query_of(world, route)
    return [_NEW_EACH_TIME.sub("", asker.ask(visitor, "GET", path).text) for visitor in PEOPLE]


@pytest.mark.usefixtures("no_row_security")
@pytest.mark.parametrize("function", FIGURES)
def test_figures_are_of_ones_own_practice(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Asked on the day of the visits of both doctors."""
    [route] = [route for route in routes() if route.name == "v1:doctor-dashboard-kpis"]
    moment = world.bookings["aa"].starts_at + timedelta(hours=3)
    monkeypatch.setattr(kpis, "timezone", SimpleNamespace(now=lambda: moment))
    before = answers(world, asker, route)
    assert '"today":1' in before[2].replace(" ", "")
    with forgetting(monkeypatch, [function], [FIGURES[function]]) as forgotten:
        assert answers(world, asker, route) != before
    assert forgotten


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("Visit.objects.filter(patient_id__in=ids)", "patient_id__in"),
        ("get_object_or_404(Visit, doctor=me)", "doctor"),
        ("Visit.objects.filter(Q(user=me) | Q(open=True))", POSITIONAL),
        ("Visit.objects.filter(pk__in=identity.doctor_ids)", "pk__in"),
        ("doctor.offices.filter(is_active=True)", "doctor"),
        ("[one for one in Visit.objects.all().get(user=me)]", "user"),
        ("Visit.objects.filter(city=city)", None),
    ],
)
def test_a_condition_on_whose_rows_is_found_in_the_code(code: str, condition: str | None) -> None:
    found = set(conditions_in(f"class A:\n    def f(self):\n        return {code}", "m"))
    assert found == ({("m.A.f", condition)} if condition else set())


def test_every_condition_on_whose_rows_is_taken_away_or_has_a_reason() -> None:
    taken = {(name, one) for scope in SCOPES for name in scope.functions for one in scope.conditions}
    taken |= set(FIGURES.items()) | {(act.function, act.condition) for act in ACTS}
    named = {
        tuple(line.split(maxsplit=1)) for names in ELSEWHERE.values() for line in names.strip().splitlines()
    }
    missing = sorted(" ".join(each) for each in asked_for() - taken - named)
    assert not missing, "neither in tests/access/scopes.py nor in an act:\n" + "\n".join(missing)
    gone = sorted(" ".join(each) for each in named - asked_for())
    assert not gone, "in ELSEWHERE, but no more in the code:\n" + "\n".join(gone)
    assert not named & taken


@pytest.mark.usefixtures("no_row_security")
@pytest.mark.parametrize(
    ("module", "check", "route"),
    [
        (insurance, "_require_own_patient", "v1:patient-insurance"),
        (situation, "may_book_for", "v1:patient-holds"),
    ],
)
def test_a_patient_that_is_not_checked_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, module: Any, check: str, route: str
) -> None:
    monkeypatch.setattr(module, check, lambda *asked: True)
    chosen = [each for each in routes() if each.name == route]
    assert first_mismatch(world, asker, chosen, "pB") is not None
