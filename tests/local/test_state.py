import os
import secrets
import tempfile
from pathlib import Path

from medai.local.state import SECRET_SETTINGS, State
from medai.local.throw_away import ThrowAway


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    first = State.load(tmp_path)
    assert State.load(tmp_path) == first
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert len(set(first.passwords.values())) == 4


def test_whoever_comes_second_takes_the_firsts_secrets(tmp_path):
    first = State.load(tmp_path)
    rival = State(tmp_path, passwords={"app": "other"})
    assert rival.save(only_if_new=True) is False
    assert State.load(tmp_path) == first


def test_a_secret_that_a_later_version_needs_is_added(tmp_path):
    old = State.load(tmp_path)
    kept = dict(old.settings)
    removed = old.settings.pop("ENCRYPTION_KEYS")
    old.save()
    new = State.load(tmp_path)
    assert new.settings["ENCRYPTION_KEYS"] not in ("", removed)
    assert {name: new.settings[name] for name in old.settings} == {
        name: kept[name] for name in kept if name != "ENCRYPTION_KEYS"
    }


def test_only_what_is_not_given_is_provided(tmp_path):
    state = State.load(tmp_path)
    everything = {
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "SITE_URL",
        "LOG_FORMAT",
        *SECRET_SETTINGS,
    }
    assert set(state.environment({})) == everything
    given = {"DATABASE_URL": "postgresql://me@db/medai", "SECRET_KEY": "mine", "REDIS_URL": ""}
    provided = state.environment(given)
    assert set(provided) == everything - {"DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY"}


def test_what_was_provided_earlier_does_not_count_as_given(tmp_path):
    state = State.load(tmp_path)
    assert state.given({**state.environment({}), "SECRET_KEY": "mine"}) == {"SECRET_KEY": "mine"}


def test_logins_differ_and_name_the_same_database(tmp_path):
    provided = State.load(tmp_path).environment({})
    app, owner = provided["DATABASE_URL"], provided["DATABASE_OWNER_URL"]
    assert app.startswith("postgresql://medai_app:")
    assert owner.startswith("postgresql://medai_owner:")
    assert app.split("@")[1] == owner.split("@")[1]


def test_directories_of_killed_runs_are_deleted_and_others_kept():
    prefix = f"medai-check{secrets.token_hex(3)}"
    base = Path(tempfile.gettempdir())
    left, used = base / f"{prefix}-99999999-aa", base / f"{prefix}-{os.getpid()}-bb"
    left.mkdir()
    used.mkdir()
    try:
        ThrowAway(prefix)
        assert not left.exists()
        assert used.exists()
    finally:
        used.rmdir()
