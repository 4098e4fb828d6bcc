"""Settings come from the environment through one module, and .env.example names every one of them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from medai.settings import environment, services

ROOT = environment.BASE_DIR
READERS = {
    *("text", "secret", "integer", "share", "boolean", "choice", "items", "keys", "hosts", "address"),
    *("url", "dsn", "redis", "database"),
}
PRODUCT = ["medai", "accounts", "doctors", "bookings", "messaging"]
# The start of a process, where there are no settings yet.
READ_DIRECTLY = {"medai/asgi.py", "medai/wsgi.py", "medai/celery.py"}
# What the Prometheus client reads for itself; our page follows it.
READ_BY_LIBRARIES = {"PROMETHEUS_MULTIPROC_DIR": "medai/common/metrics.py"}


def names_read(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in READERS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "environment"
        ):
            argument = node.args[0]
            assert isinstance(argument, ast.Constant), (
                f"{path}:{node.lineno} reads a name that is not written out"
            )
            names.add(argument.value)
    return names


def test_every_variable_is_documented_and_no_other():
    read = set().union(*(names_read(path) for path in (ROOT / "medai" / "settings").glob("*.py")))
    documented = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == read | set(READ_BY_LIBRARIES)


def test_the_rest_of_the_product_does_not_read_the_environment():
    readers = {
        str(path.relative_to(ROOT))
        for package in PRODUCT
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    }
    outside = {name for name in readers if not name.startswith(("medai/settings/", "medai/local/"))}
    assert outside == READ_DIRECTLY | set(READ_BY_LIBRARIES.values())


WRONG = [
    (environment.integer, "ten", "a whole number"),
    (environment.integer, "-1", "a whole number, 0 or more"),
    (lambda name: environment.integer(name, minimum=1), "0", "a whole number, 1 or more"),
    (environment.share, "much", "a number from 0 to 1"),
    (environment.share, "2", "a number from 0 to 1"),
    (environment.share, "nan", "a number from 0 to 1"),
    (environment.secret, "s3cret", "at least 50 random characters"),
    (environment.secret, "x" * 60, "at least 50 random characters"),
    (environment.items, " , ", "a comma-separated list"),
    (environment.keys, "s3cret", "Fernet keys"),
    (environment.keys, ",", "Fernet keys"),
    (environment.hosts, "https://medai.example", "host names without scheme and port"),
    (environment.hosts, "medai.example:443", "host names without scheme and port"),
    (environment.hosts, ",", "host names without scheme and port"),
    (environment.address, "MedAI", "a mail address"),
    (environment.address, "MedAI <no-reply>", "a mail address"),
    (environment.address, "MedAI\n <no-reply@medai.example>", "a mail address"),
    (environment.boolean, "maybe", "true or false"),
    (lambda name: environment.choice(name, "json", "text"), "yaml", "one of json, text"),
    (lambda name: environment.url(name, "redis"), "http://s3cret@host", "a URL starting with redis://"),
    (lambda name: environment.url(name, "smtp"), "smtp:host", "a URL starting with smtp://"),
    (lambda name: environment.url(name, "smtp"), "smtp://s3cret@host:port", "its port must be a number"),
    (lambda name: environment.url(name, "smtp"), "smtp://s3cret@host:70000", "its port must be a number"),
    (lambda name: environment.url(name, "smtp"), "smtp://s3cret@[::1", "a URL starting with smtp://"),
    (environment.dsn, "https://sentry.example/1", "the key and the number of a project"),
    (environment.dsn, "https://s3cret@sentry.example/", "the key and the number of a project"),
    (environment.redis, "redis://:s3cret@host:port/0", "its port must be a number"),
    (environment.redis, "redis://:s3cret@host/cache", "the number of a database"),
    (environment.database, "postgresql://u:s3cret@host/db?sslmode=verify", "sslmode must be one of disable"),
    (environment.database, "postgresql://u:s3cret@host/db?ssl=on", "parameters of libpq"),
    (environment.database, "mysql://s3cret@host/db", "a URL starting with postgresql:// or postgres://"),
    (environment.database, "postgresql://user:s3cret@host:port/db", "its port must be a number"),
    (environment.database, "postgresql://user:s3cret@host:5432", "it must name a database"),
]


@pytest.mark.parametrize(("read", "value", "expected"), WRONG)
def test_a_malformed_variable_is_named_with_what_would_be_right(monkeypatch, read, value, expected):
    monkeypatch.setenv("EXAMPLE", value)
    with pytest.raises(environment.ImproperlyConfigured) as refusal:
        read("EXAMPLE")
    text = str(refusal.value)
    assert text.startswith("EXAMPLE is malformed")
    assert expected in text
    assert "\n" not in text
    assert "s3cret" not in text


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(monkeypatch, value):
    monkeypatch.delenv("EXAMPLE", raising=False)
    if value is not None:
        monkeypatch.setenv("EXAMPLE", value)
    with pytest.raises(environment.ImproperlyConfigured, match=r"^EXAMPLE is not set; it must be"):
        environment.text("EXAMPLE")
    assert environment.text("EXAMPLE", "default") == "default"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/0", "redis://host:6379/1"),
        ("rediss://:p%40ss@host", "rediss://:p%40ss@host/1"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_the_cache_lies_one_database_further(monkeypatch, url, expected):
    monkeypatch.delenv("CACHE_URL")
    assert services.caches(url)["default"]["LOCATION"] == expected


def test_mail_servers_are_read_with_their_security(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://user%40mail:p%2Fw@smtp.example")
    server = services.smtp()
    assert (server.host, server.port, server.user, server.password) == (
        "smtp.example",
        587,
        "user@mail",
        "p/w",
    )
    assert server.starts_tls
    assert not server.is_tls


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return python("manage.py", *arguments, **variables)


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "medai.settings.production", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return given | {
        "SECRET_KEY": "x8Zk2" * 12,
        "ENCRYPTION_KEYS": "k0kBzLxjXo2mDTtqTqHqg4Gm9jv8bYOgxq0S8Wp6QhU=",
    }


STARTS = {
    "manage": ("manage.py", "check"),
    "web": ("-m", "uvicorn", "medai.asgi:application"),
    "worker": ("-m", "celery", "-A", "medai", "worker"),
    "beat": ("-m", "celery", "-A", "medai", "beat"),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("SECRET_KEY", "it must be at least 50 random characters"),
        ("SITE_URL", "it must be a URL starting with https:// or http://"),
    ],
)
def test_whatever_starts_without_a_setting_stops_with_one_line(start, variable, expected):
    outcome = python(*STARTS[start], **example() | {variable: ""})
    assert outcome.returncode != 0
    assert outcome.stdout == ""
    assert outcome.stderr.splitlines() == [f"Configuration error: {variable} is not set; {expected}."]


def test_a_deployment_as_in_the_example_passes_djangos_own_check():
    outcome = manage("check", "--deploy", "--fail-level", "WARNING", **example())
    assert outcome.returncode == 0, outcome.stderr


def test_the_settings_under_which_the_image_is_built_are_whole():
    (step,) = re.findall(
        r"^RUN (SECRET_KEY=.*?)sh -c", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL
    )
    given = dict(each.split("=", 1) for each in step.replace("\\", " ").split())
    outcome = manage("check", **given)
    assert outcome.returncode == 0, outcome.stderr


def test_a_deployment_with_the_optional_parts_passes_too():
    optional = {
        "EMAIL_URL": "",
        "EMAIL_PROVIDER": "mailgun",
        "EMAIL_API_KEY": "key",
        "EMAIL_SENDER_DOMAIN": "mg.medai.example",
        "S3_BUCKET": "medai",
        "S3_ENDPOINT_URL": "https://s3.example",
        "TRUSTED_PROXIES": "1",
        "SENTRY_DSN": "http://key@127.0.0.1:1/1",
    }
    outcome = manage("check", "--deploy", "--fail-level", "WARNING", **(example() | optional))
    assert outcome.returncode == 0, outcome.stderr
