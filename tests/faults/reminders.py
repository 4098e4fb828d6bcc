"""Workers are killed with `kill -9` while they send due reminders: how many are sent twice, forgotten, unknown.

    python -m tests.faults.reminders [--reminders 2000] [--kills 20]

Real Celery workers and beat, a real PostgreSQL and Valkey, and a mail server on the loopback that keeps what it gets.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from medai.local import processes
from tests.faults.stage import stage
from tests.smtp_sink import SmtpSink, smtp_sink

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
# The server takes its time to answer, as real ones do; so a kill often hits a message on its way.
ANSWER_AFTER = 0.02
LONGEST = 420


def main(arguments: list[str] | None = None) -> bool:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reminders", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    with stage("reminders") as services, smtp_sink(delay=ANSWER_AFTER) as sink:
        due = plan(options.reminders)
        crew = Crew(services.directory / "workers.log", sink)
        started = time.monotonic()
        try:
            crew.start()
            harass(crew, sink, due, kills=options.kills, chance=random.Random(options.seed))
            is_done = wait_until_sent(due, until=started + LONGEST)
        finally:
            crew.stop()
        return report(sink, due, crew.killed, time.monotonic() - started, is_done=is_done)


def plan(count: int) -> int:
    """Reminders of visits in a day, as messaging plans them, of which those by email are due now."""
    from django.db.models.functions import Now

    from medai.common.identity import acting_as_system
    from messaging.models import Notification
    from messaging.services import planning
    from tests.factories.visits import make_many_visits

    make_many_visits(count, starts_at=datetime.now(UTC) + timedelta(hours=26))
    with acting_as_system("fault run"):
        for _ in planning.plan_all_reminders():
            pass
        chosen = Notification.objects.filter(kind="reminder_24_hours", channel="email")
        Notification.objects.exclude(pk__in=chosen).delete()
        return chosen.update(due_at=Now())


@dataclass
class Crew:
    """Celery workers of one process each, and beat; each in a process group of its own."""

    log: Path
    sink: SmtpSink
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    beat: "subprocess.Popen[bytes] | None" = None
    killed: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        self.beat = self._celery("beat", "--schedule", str(self.log.with_name("beat")))
        self.workers = [self._worker(number) for number in range(WORKERS)]

    def _worker(self, number: int) -> "subprocess.Popen[bytes]":
        name = f"{number}-{time.monotonic_ns()}@fault"
        return self._celery(
            "worker", "-Q", "messages", "-c", "1", "-n", name, "--without-mingle", "--without-gossip"
        )

    def _celery(self, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.smtp_settings",
            "SINK_PORT": str(self.sink.port),
            "DATABASE_POOL_SIZE": "0",
            "C_FORCE_ROOT": "true",
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "medai.celery", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill_one(self, chance: random.Random) -> None:
        """Kill a worker with all its processes, or only the one that does the work."""
        number = chance.randrange(len(self.workers))
        worker = self.workers[number]
        children = _children(worker.pid)
        if children and chance.random() < 0.5:
            os.kill(children[0], signal.SIGKILL)
            self.killed["only the working process"] += 1
            return
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.killed["the whole worker"] += 1
        self.workers[number] = self._worker(number)

    def stop(self) -> None:
        for process in [*self.workers, self.beat]:
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _children(process_id: int) -> list[int]:
    listing = Path(f"/proc/{process_id}/task/{process_id}/children")
    if listing.exists():
        return [int(number) for number in listing.read_text().split()]
    shown = subprocess.run(["pgrep", "-P", str(process_id)], capture_output=True, text=True, check=False)
    return [int(number) for number in shown.stdout.split()]


def harass(crew: Crew, sink: SmtpSink, due: int, *, kills: int, chance: random.Random) -> None:
    """Kill workers while messages flow: each time some have arrived since the last kill."""
    for _ in range(kills):
        before = len(sink.messages)
        processes.wait_until(lambda before=before: len(sink.messages) > before + 5, seconds=60, pause=0.005)
        time.sleep(chance.uniform(0, 0.2))
        if len(sink.messages) >= due:
            return
        crew.kill_one(chance)


def wait_until_sent(due: int, *, until: float) -> bool:
    """Until nothing is due any more; what killed workers had claimed is claimed again after the lease."""
    from medai.common.identity import acting_as_system
    from messaging.models import Notification

    with acting_as_system("fault run"):
        while Notification.objects.due().exists():
            if time.monotonic() > until:
                return False
            time.sleep(0.5)
    time.sleep(1)  # whoever sends the last one
    return True


def report(sink: SmtpSink, due: int, killed: Counter[str], seconds: float, *, is_done: bool) -> bool:
    from medai.common.identity import acting_as_system
    from messaging.models import Notification
    from messaging.services import claims

    with acting_as_system("fault run"):
        claims.mark_unknown(lease=timedelta(0))
        statuses = {str(row.pk): row.status for row in Notification.objects.all()}
        listed = Notification.objects.needing_attention().count()
    ids = [re.sub(r"^<|@.*$", "", str(message["Message-ID"])) for message in sink.messages]
    arrived = Counter(ids)
    twice = sum(number > 1 for number in arrived.values())
    unknown = {pk for pk, status in statuses.items() if status == "unknown"}
    forgotten = [pk for pk in statuses if pk not in arrived and pk not in unknown]
    wrong = [pk for pk, status in statuses.items() if status == "sent" and pk not in arrived]
    kills = sum(killed.values())
    print(f"\n{due} due reminders, {kills} times kill -9 ({dict(killed)}), {seconds:.0f} s")
    print(f"  arrived: {len(arrived)}")
    print(f"  sent twice: {twice}")
    print(f"  forgotten: {len(forgotten)}")
    print(f"  marked sent but never arrived: {len(wrong)}")
    print(f"  unknown: {len(unknown)}, of which did arrive: {len(unknown & arrived.keys())}")
    print(f"  listed for staff: {listed}")
    print(f"  statuses: {dict(Counter(statuses.values()))}{'' if is_done else '  TIMED OUT'}")
    return (
        is_done
        and not twice
        and not forgotten
        and not wrong
        and len(unknown) <= kills
        and listed == len(unknown)
    )


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
