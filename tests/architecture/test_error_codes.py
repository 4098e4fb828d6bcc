"""Refusals that programs can rely on: one stable code each, an honest status, words in both languages."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

import medai
from medai.common.errors import DomainError

# What a refusal may answer; 5xx only where the cause is elsewhere and passes, or was not expected at all.
STATUSES = frozenset({400, 401, 402, 403, 404, 409, 410, 413, 422, 429, 503})
UNEXPECTED = {"internal_error": 500}
# A signed link is one thing, whatever it leads to.
SHARED = {"link_expired": 410, "link_invalid": 404}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def modules() -> Iterator[str]:
    """Every module of ours that could define one."""
    homes = {settings.BASE_DIR, settings.BASE_DIR / "medai"}
    packages = [medai, *(app.module for app in apps.get_app_configs() if Path(app.path).parent in homes)]
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"migrations", "settings", "management", "local"} & set(module.name.split(".")):
                yield module.name


def subclasses(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in of.__subclasses__():
        if not each.__module__.startswith("tests."):
            yield each
            yield from subclasses(each)


def refusals() -> list[type[DomainError]]:
    for name in modules():
        importlib.import_module(name)
    return sorted(
        {DomainError, *subclasses(DomainError)}, key=lambda each: f"{each.__module__}.{each.__name__}"
    )


REFUSALS = refusals()


def named(refusal: type[DomainError]) -> str:
    return f"{refusal.__module__}.{refusal.__name__}"


def test_there_are_refusals_in_every_app() -> None:
    found = {refusal.__module__.split(".")[0] for refusal in REFUSALS}
    assert {"accounts", "bookings", "doctors", "medai", "messaging"} <= found


@pytest.mark.parametrize("refusal", REFUSALS, ids=named)
def test_the_code_is_a_word_programs_can_compare(refusal: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", refusal.code)
    assert refusal.status == UNEXPECTED.get(refusal.code) or refusal.status in STATUSES


def test_a_code_means_one_thing() -> None:
    meanings = defaultdict(set)
    for refusal in REFUSALS:
        if "code" in vars(refusal) and SHARED.get(refusal.code) != refusal.status:
            meanings[refusal.code].add(named(refusal))
    assert {code: names for code, names in meanings.items() if len(names) > 1 or code in SHARED} == {}


@pytest.mark.parametrize("refusal", REFUSALS, ids=named)
def test_the_words_are_there_in_both_languages(refusal: type[DomainError]) -> None:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = str(refusal.message)
    assert len(set(words.values())) == len(settings.LANGUAGES), words
    assert all(text.strip() for text in words.values())
    wanted = set(PLACEHOLDER.findall(words["en"]))
    assert all(set(PLACEHOLDER.findall(text)) == wanted for text in words.values())
