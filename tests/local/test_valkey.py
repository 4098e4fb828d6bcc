import os
import socket

import pytest
import redis

from medai.local import valkey as module
from medai.local.processes import ServiceError


def client(valkey):
    return redis.Redis.from_url(valkey.url(), decode_responses=True)


def test_values_survive_a_stop(make_valkey):
    first = make_valkey()
    first.ensure()
    with client(first) as connection:
        connection.set("kept", "42")
    first.stop()
    assert not first.answers()
    second = make_valkey()
    second.ensure()
    with client(second) as connection:
        assert connection.get("kept") == "42"


def test_the_password_is_asked_for_and_not_shown(make_valkey):
    valkey = make_valkey()
    valkey.ensure()
    assert not make_valkey(password="guessed").answers()
    assert (valkey.directory / "valkey.conf").stat().st_mode & 0o077 == 0


def test_a_running_server_is_used_and_not_started_again(make_valkey):
    first = make_valkey()
    first.ensure()
    second = make_valkey()
    second.ensure()
    assert second.process is None
    assert second.process_id() == first.process.pid


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(make_valkey):
    valkey = make_valkey()
    valkey.directory.mkdir()
    (valkey.directory / "valkey.pid").write_text(str(os.getpid()))
    valkey.ensure()
    assert valkey.answers()


def test_a_taken_port_is_left_to_its_user_unless_it_must_stay(make_valkey):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(ServiceError, match="Valkey did not start"):
            make_valkey(port=taken).start(keep_port=True)
        valkey = make_valkey(port=taken)
        valkey.ensure()
        assert valkey.port != taken
        assert valkey.answers()


def test_a_machine_without_any_server_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(module.platform, "machine", lambda: "vax")
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(ServiceError, match="set REDIS_URL"):
        module.find_server()
