"""A whole `manage.py up` in a directory of its own, for tests and measurements."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from medai.local import processes
from medai.local.state import BASE_DIR

READY = re.compile(r"MedAI is ready after ([\d.]+) s")


class Run:
    """One start of the product; `output` is what it printed so far."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.port = processes.free_port()
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), "up", "--port", str(self.port), *options],
            env=environment | {"MEDAI_LOCAL_DIRECTORY": str(directory)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=processes.end_with_parent(signal.SIGTERM),
        )
        self.output = ""

    def wait(self) -> float:
        """Seconds from the start until the table was printed, as a person waits for it."""
        for line in self.process.stdout:
            self.output += line
            if found := READY.search(line):
                return float(found[1])
        raise AssertionError(f"It did not start:\n{self.output}")

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGINT) -> float:
        """Seconds until everything had ended."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.output += self.process.stdout.read()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        return time.monotonic() - started

    def family(self) -> dict[int, str]:
        """Every process below this one, with its command line."""
        children: dict[int, list[int]] = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(status.parent.name))
        found, waiting = [], [self.process.pid]
        while waiting:
            found += (below := children.get(waiting.pop(), []))
            waiting += below
        return {number: processes.command_line(number) for number in found}

    def memory(self) -> dict[str, int]:
        """Bytes that each process accounts for (PSS: shared pages are divided among those who share them)."""
        shares = {}
        for number, command in {self.process.pid: "supervisor", **self.family()}.items():
            try:
                rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):  # it has just ended
                continue
            shares[f"{number} {command}"] = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) * 1024
        return shares
