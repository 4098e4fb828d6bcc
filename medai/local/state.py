"""What a local run remembers between starts: its secrets and its ports, in one file only its owner reads."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medai.local.postgres import EmbeddedPostgres
from medai.local.valkey import EmbeddedValkey

BASE_DIR = Path(__file__).resolve().parents[2]
# The variable gives tests and measurements a run of their own beside the developer's.
DIRECTORY = Path(os.environ.get("MEDAI_LOCAL_DIRECTORY") or BASE_DIR / "var" / "local").absolute()
DATABASE = "medai"
DEFAULT_PORTS = {"web": 8000, "postgres": 25432, "valkey": 26379}


def _token() -> str:
    return secrets.token_urlsafe(48)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


# Secrets between the embedded services and the product; they never leave this machine.
_PASSWORDS = ("postgres", "owner", "app", "valkey")
# Settings that are secrets: made here for a local run, required from the environment elsewhere.
SECRET_SETTINGS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _token,
    "ENCRYPTION_KEYS": _fernet_key,
}


@dataclass
class State:
    """The remembered secrets and ports, and the services and environment that follow from them."""

    directory: Path
    passwords: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "State":
        """The state of a directory; what is missing in it is made and written down."""
        try:
            remembered = json.loads((directory / "state.json").read_text())
        except FileNotFoundError:
            remembered = {}
        state = cls(
            directory,
            passwords=remembered.get("passwords", {}),
            settings=remembered.get("settings", {}),
            ports=DEFAULT_PORTS | remembered.get("ports", {}),
        )
        missing_passwords = [name for name in _PASSWORDS if name not in state.passwords]
        missing_settings = [name for name in SECRET_SETTINGS if name not in state.settings]
        state.passwords |= {name: _token() for name in missing_passwords}
        state.settings |= {name: SECRET_SETTINGS[name]() for name in missing_settings}
        if (missing_passwords or missing_settings) and not state.save(only_if_new=not remembered):
            return cls.load(directory)
        return state

    def save(self, *, only_if_new: bool = False) -> bool:
        """Write the state in one step, so that no reader meets half of it; False if another was first."""
        self.directory.mkdir(parents=True, exist_ok=True)
        content = {"passwords": self.passwords, "settings": self.settings, "ports": self.ports}
        path = self.directory / "state.json"
        part = self.directory / f".state.{os.getpid()}"
        part.touch(mode=0o600)
        part.write_text(json.dumps(content, indent=1))
        if not only_if_new:
            part.replace(path)
            return True
        try:
            path.hardlink_to(part)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(
            self.directory / "postgres",
            port=self.ports["postgres"],
            password=self.passwords["postgres"],
            log=self.directory / "logs" / "postgres.log",
        )

    def valkey(self) -> EmbeddedValkey:
        return EmbeddedValkey(
            self.directory / "valkey",
            port=self.ports["valkey"],
            password=self.passwords["valkey"],
            log=self.directory / "logs" / "valkey.log",
        )

    def given(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The variables without those that an earlier call of `environment()` put among them."""
        own = self.environment({})
        return {name: value for name, value in environment.items() if own.get(name) != value}

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The variables that a local run provides: those of `given` that are not set, and no others."""
        usual = self.settings | {"SITE_URL": f"http://localhost:{self.ports['web']}", "LOG_FORMAT": "text"}
        provided = {name: value for name, value in usual.items() if not given.get(name)}
        if not given.get("DATABASE_URL"):
            postgres = self.postgres()
            for name, user in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner")):
                password = self.passwords[user]
                provided[name] = postgres.url(user=f"medai_{user}", password=password, database=DATABASE)
        if not given.get("REDIS_URL"):
            provided["REDIS_URL"] = self.valkey().url()
        return provided
