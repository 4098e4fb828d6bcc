"""Starting and ending the processes of a local run, so that none outlives the process that started it."""

import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOG_LIMIT = 20 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServiceError(Exception):
    """A service cannot be started; the text is one line for the person who started it."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account that runs PostgreSQL for root, which PostgreSQL itself refuses to run as."""

    name: str
    user_id: int
    group_id: int

    def options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this account."""
        return {"user": self.user_id, "group": self.group_id, "extra_groups": [], "cwd": "/"}

    def own(self, path: Path) -> None:
        os.chown(path, self.user_id, self.group_id)


def unprivileged_account(data: Path) -> Account | None:
    """The account to run PostgreSQL as; None means that this process's own will do.

    Data that an ordinary user made earlier stays theirs when root comes along.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            return Account(str(owner), owner, data.stat().st_gid)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def end_with_parent(signal_number: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child this signal when the thread that started it ends, however.

    Only Linux has this. Elsewhere a survivor is found and used again at the next start.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
            if os.getppid() != parent:  # it ended between the fork and here
                os._exit(1)

    return prepare


def start(
    command: list[str],
    *,
    log: Path,
    parting_signal: int = signal.SIGTERM,
    account: Account | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a service whose output goes to `log`, in its own session so that Ctrl-C does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            preexec_fn=end_with_parent(parting_signal),
            **(account.options() if account else {}),
        )


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.01) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def runs(process_id: int) -> bool:
    """Whether a process with this id runs; one that has ended but was not waited for does not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{process_id}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()


def command_line(process_id: int) -> str:
    """The command line of a process, empty where there is none to see."""
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def end(process_id: int, *, first: int, seconds: float) -> None:
    """Ask a process to end, and after `seconds` kill it."""
    for signal_number, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        try:
            os.kill(process_id, signal_number)
        except ProcessLookupError:
            return
        if wait_until(lambda: not runs(process_id), seconds=patience):
            return


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """`preferred` where it is free, else another below the range that outgoing connections use."""
    if preferred and port_is_free(preferred):
        return preferred
    for _ in range(200):
        port = 20000 + secrets.randbelow(10000)
        if port_is_free(port):
            return port
    raise ServiceError("No free TCP port was found between 20000 and 29999.")


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, to show with an error."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
