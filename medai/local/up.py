"""`manage.py up`: the services, the web server, a worker and beat, under one supervisor that needs no Django."""

import argparse
import fcntl
import hashlib
import http.client
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from medai.common import cluster
from medai.local import processes
from medai.local.processes import ServiceError
from medai.local.state import DATABASE, DEFAULT_PORTS, DIRECTORY, State
from medai.local.supervisor import Supervisor
from medai.settings.environment import BASE_DIR  # and .env with it

DESCRIPTION = "Run MedAI on this machine; PostgreSQL and Valkey are started where no URL is given."
READY_WITHIN = 120.0
PORTS_TRIED = 20
# A change in one of these may change the database, the catalogues or what is printed at the end.
WATCHED = ("*.py", "*.po", "*.mo", "*.json", "*.yaml", "*.csv")
APPS = ("medai", "accounts", "doctors", "bookings", "messaging", "locale")


@dataclass(frozen=True)
class Options:
    port: int | None = None
    host: str = "127.0.0.1"
    no_demo: bool = False
    reset: bool = False
    show_logs: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="of the web server; by default 8000 or the next free one")
    parser.add_argument("--host", default=Options.host, help="address to listen on (%(default)s)")
    parser.add_argument("--no-demo", action="store_true", help="start with the seed only")
    parser.add_argument("--reset", action="store_true", help="delete the local data first")
    parser.add_argument("--show-logs", action="store_true", help="print what the processes write")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py up", description=DESCRIPTION)
    add_arguments(parser)
    return run(Options(**vars(parser.parse_args(arguments))))


def run(options: Options) -> int:
    """Start everything and stay until stopped; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")
    supervisor = Supervisor(DIRECTORY / "logs", echo=options.show_logs)
    try:
        with alone():
            supervisor.watch_signals()
            try:
                return _run(options, supervisor)
            finally:
                supervisor.stop()
    except (ServiceError, ImproperlyConfigured) as error:
        _say(f"MedAI did not start: {error}")
    except PermissionError as error:
        _say(f"MedAI did not start: {error.filename} belongs to another account; run as that one.")
    return 1


def _run(options: Options, supervisor: Supervisor) -> int:
    started = time.monotonic()
    state = State.load()
    given = state.given(os.environ)
    embedded_database = not given.get("DATABASE_URL")
    if options.reset:
        _reset(state, embedded_database)
    state.ports["web"] = port = _web_port(options)
    made = _start_services(state, given, supervisor)
    importlib.import_module("medai.settings.local")  # names a missing or malformed variable in one line

    fingerprint = f"{_fingerprint()} {options.no_demo}"
    prepared = DIRECTORY / "prepared"
    if made or not embedded_database or not prepared.exists() or prepared.read_text() != fingerprint:
        _say("Preparing the database")
        if not _prepare(options, supervisor):
            return 0 if supervisor.stop_requested else 1
        prepared.write_text(f"{_fingerprint()} {options.no_demo}")
    _start_servers(options, port, supervisor)
    if not supervisor.run(lambda: _is_ready(port, supervisor), seconds=READY_WITHIN):
        return 0 if supervisor.stop_requested else _explain(port, supervisor)
    _start_beat(supervisor)
    _say(_welcome(port, time.monotonic() - started))
    supervisor.run()
    _say("Stopping")
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """One `up` for each checkout: a second would fight over the same data."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (DIRECTORY / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ServiceError(f"it runs already, as process {lock.read().strip()}.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _reset(state: State, embedded_database: bool) -> None:
    if not embedded_database:
        raise ServiceError("--reset deletes local data only; DATABASE_URL names a database of your own.")
    state.postgres().remove()
    state.valkey().remove()
    for name in ("prepared", "welcome.json", "mail", "beat"):
        path = DIRECTORY / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.rmtree(DIRECTORY / "files", ignore_errors=True)


def _web_port(options: Options) -> int:
    if options.port is not None:
        if not processes.port_is_free(options.port):
            raise ServiceError(f"port {options.port} is taken; choose another with --port.")
        return options.port
    first = DEFAULT_PORTS["web"]
    for port in range(first, first + PORTS_TRIED):
        if processes.port_is_free(port):
            return port
    raise ServiceError(
        f"the ports {first} to {first + PORTS_TRIED - 1} are all taken; choose one with --port."
    )


def _start_services(state: State, given: Mapping[str, str], supervisor: Supervisor) -> bool:
    """Start what no URL is given for; True if the database was made now."""
    made = False
    if not given.get("DATABASE_URL"):
        postgres = state.postgres()
        supervisor.watch("postgres", postgres)
        postgres.ensure()
        state.ports["postgres"] = postgres.port
        made = cluster.prepare(
            postgres.url(),
            database=DATABASE,
            owner_password=state.passwords["owner"],
            app_password=state.passwords["app"],
        )
    if not given.get("REDIS_URL"):
        valkey = state.valkey()
        supervisor.watch("valkey", valkey)
        valkey.ensure()
        state.ports["valkey"] = valkey.port
    state.save()
    os.environ.update(state.environment(given))
    return made


def _fingerprint() -> str:
    """Changes with every file that `prepare` depends on, by size and time."""
    digest = hashlib.sha256()
    roots = [BASE_DIR / app for app in APPS]
    for path in sorted(path for root in roots for pattern in WATCHED for path in root.rglob(pattern)):
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    digest.update((BASE_DIR / "requirements.txt").read_bytes())
    return digest.hexdigest()


def _prepare(options: Options, supervisor: Supervisor) -> bool:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "prepare"]
    if options.no_demo:
        command.append("--no-demo")
    process = subprocess.Popen(
        command, start_new_session=True, preexec_fn=processes.end_with_parent(signal.SIGTERM)
    )
    while process.poll() is None:
        if supervisor.stop_requested:
            process.terminate()
            process.wait()
        time.sleep(0.02)
    return process.returncode == 0


def _start_servers(options: Options, port: int, supervisor: Supervisor) -> None:
    python = [sys.executable, "-m"]
    # `prepare` has checked this code already.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    web = [*python, "uvicorn", "medai.asgi:application", "--host", options.host, "--port", str(port)]
    web += ["--lifespan", "off", "--timeout-graceful-shutdown", "3", "--no-server-header"]
    worker = [*python, "celery", "-A", "medai", "worker", "--concurrency", "2", "--loglevel", "info"]
    worker += ["--without-gossip", "--without-mingle"]
    supervisor.add("web", web)
    supervisor.add("worker", worker)


def _start_beat(supervisor: Supervisor) -> None:
    """Beat comes last: until then the processors serve what a person waits for."""
    (DIRECTORY / "beat").mkdir(exist_ok=True)
    beat = [sys.executable, "-m", "celery", "-A", "medai", "beat", "--loglevel", "info", "--pidfile="]
    supervisor.add("beat", [*beat, "--schedule", str(DIRECTORY / "beat" / "schedule")])


def _ask_ready(port: int) -> tuple[int, str]:
    """The status and body of /readyz; 0 while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except OSError:
        return 0, ""
    finally:
        connection.close()


def _is_ready(port: int, supervisor: Supervisor) -> bool:
    failing = [child.name for child in supervisor.children if child.patience.crashes > 2]
    if failing:
        name = failing[0]
        tail = processes.last_lines(supervisor.log_of(name))
        raise ServiceError(f"{name} does not keep running; {supervisor.log_of(name)} ends:\n{tail}")
    return _ask_ready(port)[0] == http.client.OK


def _explain(port: int, supervisor: Supervisor) -> int:
    status, body = _ask_ready(port)
    _say(f"MedAI is not ready after {READY_WITHIN:g} s: /readyz answers {status} {body[:500]}")
    _say(f"The logs are in {supervisor.logs}.")
    return 1


def _welcome(port: int, seconds: float) -> str:
    """The table that a newcomer needs: where to look and whom to be."""
    try:
        welcome = json.loads((DIRECTORY / "welcome.json").read_text())
    except FileNotFoundError:
        welcome = {"pages": {"Site": "/"}, "sign_ins": []}
    site = f"http://localhost:{port}"
    lines = ["", f"MedAI is ready after {seconds:.1f} s.", ""]
    lines += [f"  {label:<18} {site}{path}" for label, path in welcome["pages"].items()]
    if welcome["sign_ins"]:
        rows = [("Sign in as", "Email", "Password", ""), *welcome["sign_ins"]]
        widths = [max(len(str(row[column])) for row in rows) for column in range(4)]
        cells = [[str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
        lines += ["", *("  " + "  ".join(row).rstrip() for row in cells)]
    logs = _short(DIRECTORY / "logs")
    lines += ["", f"Logs: {logs}. Ctrl-C stops everything; the data stays.", ""]
    return "\n".join(lines)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
