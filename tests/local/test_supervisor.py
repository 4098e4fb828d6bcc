import os
import signal
import sys
import time

import pytest

from medai.local import processes, supervisor
from medai.local.processes import ServiceError
from medai.local.supervisor import Patience, Supervisor


@pytest.fixture
def boss(tmp_path):
    boss = Supervisor(tmp_path, patience=0.3)
    yield boss
    boss.stop()


def program(text):
    return [sys.executable, "-c", text]


def test_what_a_child_writes_is_kept_line_by_line_with_time_and_name(boss):
    boss.add(
        "speaker", program("import time; print('uno', flush=True); print('dos', flush=True); time.sleep(60)")
    )
    log = boss.log_of("speaker")
    assert boss.run(lambda: log.read_text().count("\n") == 2, seconds=10)
    first, second = log.read_text().splitlines()
    assert first.endswith("Z speaker | uno")
    assert second.endswith("Z speaker | dos")


def test_a_crashed_child_starts_again(boss, tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "_SHORTEST_WAIT", 0.01)
    child = boss.add("crasher", program(f"open({str(tmp_path / 'runs')!r}, 'a').write('x')"))
    assert boss.run(lambda: child.patience.crashes >= 3, seconds=10)
    assert len((tmp_path / "runs").read_text()) >= 3
    assert "crasher ended with 0; starts again in" in boss.log_of("supervisor").read_text()


def test_the_wait_doubles_up_to_a_limit_and_begins_anew_after_a_steady_run():
    patience = Patience()
    patience.started()
    assert [patience.crashed() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    patience.started_at -= 61
    assert patience.crashed() == 0.5


def test_a_child_that_ignores_the_request_to_end_is_killed_with_its_children(boss, tmp_path):
    text = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = os.fork()\n"
        f"open({str(tmp_path / 'ids')!r} + str(os.getpid()), 'w').close()\n"
        "time.sleep(60)\n"
    )
    boss.add("stubborn", program(text))
    assert boss.run(lambda: len(list(tmp_path.glob("ids*"))) == 2, seconds=10)
    ids = [int(path.name.removeprefix("ids")) for path in tmp_path.glob("ids*")]
    started = time.monotonic()
    boss.stop()
    assert time.monotonic() - started < 3
    assert processes.wait_until(lambda: not any(map(processes.runs, ids)), seconds=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_run(boss, number):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    child_handler = signal.getsignal(signal.SIGCHLD)
    try:
        boss.watch_signals()
        os.kill(os.getpid(), number)
        assert boss.run(seconds=5) is False
        assert boss.stop_requested
    finally:
        signal.set_wakeup_fd(-1)
        for each, handler in {**before, signal.SIGCHLD: child_handler}.items():
            signal.signal(each, handler)


class FragileService:
    """Starts at the second attempt, as PostgreSQL does while the killed one's children linger."""

    def __init__(self):
        self.process = processes.subprocess.Popen(program("pass"))
        self.attempts = 0

    def start(self, *, keep_port=False):
        assert keep_port
        self.attempts += 1
        if self.attempts == 1:
            raise ServiceError("not yet")
        self.process = processes.subprocess.Popen(program("import time; time.sleep(60)"))
        return self.process

    def stop(self):
        self.process.kill()
        self.process.wait()


def test_a_crashed_service_is_started_until_it_stays(boss, monkeypatch):
    monkeypatch.setattr(supervisor, "_SHORTEST_WAIT", 0.01)
    service = FragileService()
    boss.watch("fragile", service)
    assert boss.run(lambda: service.attempts == 2, seconds=10)
    assert service.process.poll() is None
    assert "not yet" in boss.log_of("supervisor").read_text()
