"""One process that runs the others: restarts what crashes, keeps their logs, ends them all together."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from medai.local import processes
from medai.local.processes import ServiceError

_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A process that ran this long had started well: its next crash is a new one.
_STEADY = 60.0


class Service(Protocol):
    """A service with a launcher of its own, which keeps its own log."""

    process: subprocess.Popen[bytes] | None

    def start(self, *, keep_port: bool = False) -> subprocess.Popen[bytes]: ...
    def stop(self) -> None: ...


class Log:
    """A file of lines that begin with the time and the process's name; the one before it is kept as `.1`."""

    def __init__(self, path: Path, name: str, *, echo: bool) -> None:
        self.path, self.name, self.echo = path, name, echo
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._rest = b""

    def write(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.line(line.decode(errors="replace"))
        if self._file.tell() > processes.LOG_LIMIT:
            self._file.close()
            self.path.replace(self.path.with_suffix(".log.1"))
            self._file = self.path.open("ab")

    def line(self, text: str) -> None:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self._file.write(f"{moment}Z {self.name} | {text}\n".encode())
        self._file.flush()
        if self.echo:
            sys.stdout.write(f"{self.name:<7} | {text}\n")
            sys.stdout.flush()

    def close(self) -> None:
        self._file.close()


@dataclass
class Patience:
    """When something that crashed may start again: later each time it crashes soon after a start."""

    crashes: int = 0
    started_at: float = 0.0
    due_at: float = 0.0

    def started(self) -> None:
        self.started_at = time.monotonic()

    def crashed(self) -> float:
        now = time.monotonic()
        self.crashes = 1 if now - self.started_at > _STEADY else self.crashes + 1
        wait = float(min(_SHORTEST_WAIT * 2 ** (self.crashes - 1), _LONGEST_WAIT))
        self.due_at = now + wait
        return wait

    def is_due(self) -> bool:
        return time.monotonic() >= self.due_at


@dataclass
class Child:
    """A program under the supervisor."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    patience: Patience = field(default_factory=Patience)


@dataclass
class Watched:
    """A service under the supervisor; `is_down` from its crash until it answers again."""

    name: str
    service: Service
    is_down: bool = False
    patience: Patience = field(default_factory=Patience)


class Supervisor:
    """Runs children and watches services until `stop_requested`, or until a condition holds."""

    def __init__(self, logs: Path, *, echo: bool = False, patience: float = 6.0) -> None:
        self.logs, self.echo, self.patience = logs, echo, patience
        self.children: list[Child] = []
        self.services: list[Watched] = []
        self.stop_requested = False
        self._selector = selectors.DefaultSelector()
        self._open: dict[str, Log] = {}

    def watch_signals(self) -> None:
        """Ctrl-C, a plain kill and a closed terminal all mean: stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        # A write to this pipe wakes the loop, also when a child has ended.
        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._selector.register(reader, selectors.EVENT_READ, None)

    def add(self, name: str, command: list[str]) -> Child:
        """Start a program and keep it running."""
        child = Child(name, command)
        self.children.append(child)
        self._start(child)
        return child

    def watch(self, name: str, service: Service) -> None:
        """Start a running service again should it crash, and stop it last."""
        self.services.append(Watched(name, service))

    def run(self, until: Callable[[], bool] = lambda: False, *, seconds: float | None = None) -> bool:
        """Work until told to stop, until the condition holds (True), or until time is up."""
        deadline = None if seconds is None else time.monotonic() + seconds
        ask_at = 0.0
        while not self.stop_requested:
            now = time.monotonic()
            if now >= ask_at:
                # Asking may itself make a child write, which ends the wait below: not again at once.
                ask_at = now + 0.1
                if until():
                    return True
            if deadline is not None and now > deadline:
                return False
            self._turn(0.1 if deadline is not None else 1.0)
        return False

    def stop(self) -> None:
        """End the children together, then the services; whoever has not ended in time is killed."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self.patience
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            self._read(0.05)
        for process in running:
            _kill_group(process)
            process.wait()
        self._read(0)
        for watched in reversed(self.services):
            watched.service.stop()
        for log in self._open.values():
            log.close()

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _on_signal(self, *_: object) -> None:
        self.stop_requested = True

    def _turn(self, timeout: float) -> None:
        """Read what was written, notice who has ended, start who is due again."""
        self._read(timeout)
        for child in self.children:
            if child.process is None:
                if child.patience.is_due():
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                _kill_group(child.process)  # what it left behind
                child.process = None
                self._log_crash(child.name, code, child.patience.crashed())
        for watched in self.services:
            self._look_after(watched)

    def _look_after(self, watched: Watched) -> None:
        process = watched.service.process
        if not watched.is_down and process is not None and (code := process.poll()) is not None:
            watched.is_down = True
            self._log_crash(watched.name, code, watched.patience.crashed())
        if watched.is_down and watched.patience.is_due():
            watched.patience.started()
            try:
                # Its users reconnect by themselves, to the address they know.
                watched.service.start(keep_port=True)
            except ServiceError as error:
                self._log("supervisor").line(str(error))
                watched.patience.crashed()
            else:
                watched.is_down = False

    def _log_crash(self, name: str, code: int, wait: float) -> None:
        self._log("supervisor").line(f"{name} ended with {code}; starts again in {wait:g} s")

    def _start(self, child: Child) -> None:
        child.patience.started()
        reader, writer = os.pipe()
        try:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
                preexec_fn=processes.end_with_parent(signal.SIGTERM),
            )
        finally:
            os.close(writer)
        self._selector.register(reader, selectors.EVENT_READ, self._log(child.name))

    def _log(self, name: str) -> Log:
        if name not in self._open:
            self._open[name] = Log(self.log_of(name), name, echo=self.echo)
        return self._open[name]

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            data = os.read(key.fd, 65536)
            if key.data is None:
                continue
            if data:
                key.data.write(data)
            else:
                self._selector.unregister(key.fd)
                os.close(key.fd)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
