"""One run of `manage.py up`, as a newcomer starts it; the tests below use it in turn."""

import signal
import subprocess
import sys

import psycopg
import pytest

from medai.local import processes, up
from medai.local.state import State
from tests.local.conftest import open_to_all
from tests.local.running import Run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="watches processes through /proc"),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("up")
    open_to_all(directory)
    return directory


@pytest.fixture(scope="module")
def first(directory):
    run = Run(directory, "--no-demo")
    run.wait()
    yield run
    if run.process.poll() is None:
        run.stop()


def owner_connection(directory):
    return psycopg.connect(State.load(directory).environment({})["DATABASE_OWNER_URL"], autocommit=True)


def test_the_table_tells_where_to_look(first):
    first.process.stdout.readline()
    assert first.get("/readyz") == 200
    assert first.get("/") == 200
    assert first.get("/static/css/medai.css") == 200


def test_a_second_one_is_refused_and_harms_nothing(first):
    second = Run(first.directory, "--no-demo")
    with pytest.raises(AssertionError, match=f"it runs already, as process {first.process.pid}"):
        second.wait()
    assert second.process.wait(timeout=10) == 1
    second.process.stdout.close()
    assert first.get("/readyz") == 200


@pytest.mark.parametrize("name", ["uvicorn", "worker", "beat", "bin/postgres", "valkey-server"])
def test_what_is_killed_comes_back(first, name):
    def running():
        return {number for number, command in first.family().items() if name in command}

    before = running()
    assert before
    for number in before:
        processes.os.kill(number, signal.SIGKILL)
    assert processes.wait_until(lambda: running() - before, seconds=60, pause=0.1)
    # Workers, too, must be back before this is said; generous, since other tests keep the machine busy.
    assert processes.wait_until(lambda: first.get("/readyz") == 200, seconds=120, pause=0.2)


def test_the_data_stays_and_nothing_outlives_a_killed_supervisor(first, directory):
    with owner_connection(directory) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    family = first.family()
    assert first.stop() < 20
    assert first.process.returncode == 0
    assert not any(map(processes.runs, family))
    second = Run(directory, "--no-demo")
    try:
        second.wait()  # how long that may take is measured by `make bench`
        with owner_connection(directory) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
        family = second.family()
        second.process.kill()
        second.process.wait()
        second.process.stdout.close()
        assert processes.wait_until(lambda: not any(map(processes.runs, family)), seconds=60, pause=0.1)
    finally:
        if second.process.poll() is None:
            second.stop()


def test_reset_begins_anew(first, directory):
    if first.process.poll() is None:
        first.stop()
    third = Run(directory, "--no-demo", "--reset")
    try:
        third.wait()
        with owner_connection(directory) as connection:
            assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    finally:
        third.stop(signal.SIGTERM)


def test_a_taken_port_is_named(tmp_path):
    with processes.socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            env={"MEDAI_LOCAL_DIRECTORY": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert outcome.returncode == 1
    assert outcome.stdout == f"MedAI did not start: port {port} is taken; choose another with --port.\n"


def test_only_a_changed_file_makes_a_start_prepare_again(tmp_path, monkeypatch):
    monkeypatch.setattr(up, "BASE_DIR", tmp_path)
    monkeypatch.setattr(up, "APPS", ("app",))
    (tmp_path / "requirements.txt").touch()
    model = tmp_path / "app" / "models.py"
    model.parent.mkdir()
    model.write_text("one")
    before = up._fingerprint()
    (tmp_path / "app" / "notes.txt").write_text("not read")
    assert up._fingerprint() == before
    model.write_text("another")
    changed = up._fingerprint()
    assert changed != before
    (tmp_path / "app" / "catalogue.po").write_text("new")
    assert up._fingerprint() not in (before, changed)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_a_malformed_setting_is_named_in_one_line(tmp_path, variable):
    outcome = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", str(processes.free_port())],
        env={
            "MEDAI_LOCAL_DIRECTORY": str(tmp_path),
            "DATABASE_URL": "postgresql://host/medai",
            "REDIS_URL": "redis://host",
            variable: "carrier-pigeon://s3cret",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stdout.startswith(f"MedAI did not start: {variable} is malformed; it must be")
    assert outcome.stdout.count("\n") == 1
    assert "s3cret" not in outcome.stdout + outcome.stderr
