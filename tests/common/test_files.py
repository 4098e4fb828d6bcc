"""A link to a private file works for one person, for a short time, and never past row-level security."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import signing
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import Profile, Role, User
from medai.common.errors import NotFound
from medai.common.files import links, signed_link
from medai.common.files.links import SALT, public_image, serve_file
from medai.common.identity import acting_as_system

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.common.kernel_urls")]

PDF = b"%PDF-1.4\nsecret diagnosis\n%%EOF\n"


@pytest.fixture(autouse=True)
def served() -> Iterator[None]:
    before = set(links._served)
    serve_file("accounts.profile", "avatar")
    yield
    links._served.clear()
    links._served.update(before)


def person(name: str, contents: bytes = PDF, file_name: str = "anas_secret.pdf") -> tuple[User, Profile]:
    with acting_as_system("test"):
        user = User.objects.create(email=f"{name}@example.com", role=Role.PATIENT, language="en")
        profile, _ = Profile.objects.get_or_create(user=user)
        profile.avatar.save(file_name, ContentFile(contents))
        return user, profile


def signed_in(user: User) -> Client:
    client = Client()
    with acting_as_system("test"):
        client.force_login(user)
    return client


def get(client: Client, link: str, accept: str = "application/json") -> Any:
    return client.get(link, headers={"accept": accept, "accept-language": "en"})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_the_owner_gets_the_file_under_safe_headers():
    ana, profile = person("ana")
    link = signed_link(profile, "avatar", ana)
    assert str(profile.pk) not in link
    answer = get(signed_in(ana), link)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="profile.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Frame-Options"] == "DENY"


def test_inline_may_be_framed_by_our_pages_only():
    ana, profile = person("ana")
    answer = get(signed_in(ana), signed_link(profile, "avatar", ana, inline=True))
    assert answer["Content-Disposition"] == 'inline; filename="profile.pdf"'
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    answer.close()


def test_what_is_no_document_is_only_ever_downloaded():
    ana, profile = person("ana", b"<script>alert(1)</script>", "page.html")
    answer = get(signed_in(ana), signed_link(profile, "avatar", ana, inline=True))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    answer.close()


def test_another_person_with_the_link_is_refused():
    ana, profile = person("ana")
    bea, _ = person("bea")
    link = signed_link(profile, "avatar", ana)
    assert code(get(signed_in(bea), link)) == (403, "link_of_somebody_else")
    assert code(get(Client(), link)) == (403, "link_of_somebody_else")


def test_a_link_made_for_the_wrong_person_meets_row_level_security():
    _, profile = person("ana")
    bea, _ = person("bea")
    assert code(get(signed_in(bea), signed_link(profile, "avatar", bea))) == (404, "not_found")


@pytest.mark.parametrize("said", [[], ["accounts.profile"], "abcde", {"a": 1}, 7, [["a"], {}, 1, 1, 1]])
def test_a_link_of_an_older_kind_is_invalid(said):
    token = signing.dumps(said, salt=SALT)
    assert code(get(Client(), f"/files/{token}")) == (404, "link_invalid")


@pytest.mark.parametrize("spoil", ["{0}x", "x{0}", "eyJhIjoxfQ:1abcde:nonsense", "{1}"])
def test_a_tampered_link_is_invalid(spoil):
    ana, profile = person("ana")
    bea, _ = person("bea")
    token = signed_link(profile, "avatar", ana).rstrip("/").rpartition("/")[2]
    other = signing.dumps(
        ["accounts.profile", "avatar", str(profile.pk), str(bea.pk), 0], salt="other", compress=True
    )
    client = signed_in(ana)
    assert code(get(client, f"/files/{spoil.format(token, other)}")) == (404, "link_invalid")
    page = get(client, f"/files/{spoil.format(token, other)}", accept="text/html")
    assert page.status_code == 404
    assert "This link is not valid" in page.content.decode()


def test_an_expired_link_says_so():
    ana, profile = person("ana")
    client = signed_in(ana)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        link = signed_link(profile, "avatar", ana)
    lifetime = int(django_settings.SIGNED_LINK_LIFETIME.total_seconds())
    with time_machine.travel(f"2026-11-20T10:{lifetime // 60 - 1:02d}:59Z", tick=False):
        get(client, link).close()
    with time_machine.travel(f"2026-11-20T10:{lifetime // 60:02d}:02Z", tick=False):
        assert code(get(client, link)) == (410, "link_expired")
        page = get(client, link, accept="text/html,*/*")
    assert (page.status_code, "has expired" in page.content.decode()) == (410, True)


def test_only_fields_on_the_list_are_served():
    ana, profile = person("ana")
    with pytest.raises(ValueError, match="may not be served"):
        signed_link(ana, "password", ana)
    forged = signing.dumps(
        ["accounts.user", "password", str(ana.pk), str(ana.pk), 0], salt=SALT, compress=True
    )
    assert code(get(signed_in(ana), f"/files/{forged}")) == (404, "link_invalid")
    link = signed_link(profile, "avatar", ana)
    links._served.clear()
    assert code(get(signed_in(ana), link)) == (404, "link_invalid")


def test_a_file_that_is_gone_is_not_found(rf):
    ana, profile = person("ana")
    link = signed_link(profile, "avatar", ana)
    profile.avatar.storage.delete(profile.avatar.name)
    assert code(get(signed_in(ana), link)) == (404, "not_found")
    with pytest.raises(NotFound):
        public_image(rf.get("/"), profile.avatar)


def test_a_public_photo_may_be_kept(rf):
    _, profile = person("ana", b"\x89PNG", "photo.png")
    answer = public_image(rf.get("/"), profile.avatar, max_age=60)
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("public, max-age=60", "image/png")
    answer.close()
