"""The product's processes as they run in production, to be killed: two web servers, two Celery workers, beat."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from medai.local import processes
from medai.local.throw_away import ThrowAway

WEB_SERVERS = 2
WORKERS = 2
# Of each worker.
PROCESSES = 2
SETTINGS = "tests.faults.settings"
# A request that was under way when PostgreSQL went may be answered this long after it is back.
AFTERMATH = 12.0


@dataclass
class Plant:
    """Everything that can break. All of it is started by the thread that makes it, and ends with that thread."""

    services: ThrowAway
    ports: list[int] = field(default_factory=list)
    web: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    beat: "subprocess.Popen[bytes] | None" = None
    faults: Counter[str] = field(default_factory=Counter)
    outages: list[tuple[float, float]] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        return self.services.directory / "logs"

    def start(self) -> None:
        keep_what_is_committed(self.services)
        self.ports = [processes.free_port() for _ in range(WEB_SERVERS)]
        self.web = [self._web(port) for port in self.ports]
        self.workers = [self._worker(number) for number in range(WORKERS)]
        self.beat = self._python("beat", "celery", "-A", "medai.celery", "beat", *self._schedule())
        if not processes.wait_until(lambda: all(map(answers, self.ports)), seconds=90, pause=0.2):
            raise RuntimeError(
                f"no answer from the web servers: {processes.last_lines(self.logs / 'web.log')}"
            )

    def stop(self) -> None:
        for process in [*self.web, *self.workers, self.beat]:
            if process is not None:
                kill(process)

    def kill_worker(self, chance: random.Random) -> None:
        """Kill a worker with all its processes, or only one that does the work; the first is started again."""
        number = chance.randrange(WORKERS)
        worker = self.workers[number]
        children = processes_of(worker.pid)
        if children and chance.random() < 0.5:
            os.kill(chance.choice(children), signal.SIGKILL)
            self.faults["a worker's process killed"] += 1
            return
        kill(worker)
        self.workers[number] = self._worker(number)
        self.faults["a whole worker killed"] += 1

    def kill_web(self, chance: random.Random) -> None:
        number = chance.randrange(WEB_SERVERS)
        kill(self.web[number])
        self.web[number] = self._web(self.ports[number])
        self.faults["a web server killed"] += 1

    def restart_postgres(self, chance: random.Random) -> None:
        """Stop PostgreSQL as a crash would, without a word to anybody, and start it again."""
        began = time.monotonic()
        postgres = self.services.postgres
        assert postgres.process is not None
        postgres.process.send_signal(signal.SIGQUIT)
        postgres.process.wait(timeout=30)
        postgres.start(keep_port=True)
        self.outages.append((began, time.monotonic() + AFTERMATH))
        self.faults["PostgreSQL restarted"] += 1

    def wipe_valkey(self, chance: random.Random) -> None:
        with redis.Redis.from_url(self.services.valkey.url()) as client:
            client.flushall()
        self.faults["Valkey wiped"] += 1

    @property
    def interrupted(self) -> int:
        """How many processes may have been in the middle of handing a message over when something broke."""
        return (
            self.faults["a worker's process killed"]
            + self.faults["a whole worker killed"] * PROCESSES
            + self.faults["PostgreSQL restarted"] * WORKERS * PROCESSES
        )

    def is_outage(self, moment: float) -> bool:
        return any(began <= moment <= ended for began, ended in self.outages)

    def _web(self, port: int) -> "subprocess.Popen[bytes]":
        server = ("uvicorn", "medai.asgi:application", "--host", "127.0.0.1", "--port", str(port))
        return self._python("web", *server, "--lifespan", "off", "--no-access-log", pool="10")

    def _worker(self, number: int) -> "subprocess.Popen[bytes]":
        name = f"{number}-{time.monotonic_ns()}@fault"
        return self._python(
            f"worker-{number}",
            *("celery", "-A", "medai.celery", "worker", "--concurrency", str(PROCESSES), "-n", name),
            *("--without-mingle", "--without-gossip", "--loglevel", "warning"),
        )

    def _schedule(self) -> tuple[str, ...]:
        return ("--pidfile=", "--schedule", str(self.services.directory / "beat"))

    def _python(self, log: str, *module: str, pool: str = "0") -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DATABASE_POOL_SIZE": pool,
            "LOG_LEVEL": "WARNING",
            "CELERY_SKIP_CHECKS": "1",
            # Each patient and doctor comes from an address of their own, as behind a proxy.
            "TRUSTED_PROXIES": "1",
        }
        command = [sys.executable, "-m", *module]
        return processes.start(command, log=self.logs / f"{log}.log", environment=environment)


def keep_what_is_committed(services: ThrowAway) -> None:
    """Throw-away servers forget the last moments in a crash; this database does not."""
    with psycopg.connect(services.postgres.url(), autocommit=True) as superuser:
        superuser.execute("ALTER DATABASE medai SET synchronous_commit = on")


def kill(process: "subprocess.Popen[bytes]") -> None:
    """`kill -9` for a process and those that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def processes_of(process_id: int) -> list[int]:
    """The processes that a process has started."""
    shown = subprocess.run(["pgrep", "-P", str(process_id)], capture_output=True, text=True, check=False)
    return [int(number) for number in shown.stdout.split()]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
