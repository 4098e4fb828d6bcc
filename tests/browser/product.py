"""The whole product, running for the browser tests: started once, asked for its mails, codes and sign-ins."""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from medai.local.state import BASE_DIR
from tests.local.running import Run

PASSWORD = "canelazo-con-panela"
SUPER_ADMIN, ADMIN = "super@demo.medai.example", "admin@demo.medai.example"
SARAH, ANDRES = "sarah.ahmed@demo.medai.example", "andres.felipe.quintero@demo.medai.example"
MARIANA = "mariana.gomez@demo.medai.example"
# Enough of the city for full calendars and two pages of results, loaded in a third of the time.
SMALLER_DEMO = ("--patients", "400", "--past", "1500", "--coming", "450")
MAIL_WITHIN = 20.0


@dataclass(frozen=True)
class Letter:
    """One mail of the mailbox page, as a browser is shown it."""

    path: str
    page: str

    @property
    def code(self) -> str:
        """The six digits that stand alone in the mail."""
        return re.findall(r"(?<![\d#])\d{6}(?!\d)", self.page)[0]

    def link(self, words: str) -> str:
        """The address that the mail gives for something."""
        found = re.search(rf'{re.escape(words)}:<br><a href="([^"]+)"', self.page)
        assert found is not None, words
        return found[1]

    @property
    def attachments(self) -> list[str]:
        """The addresses of what is attached."""
        return re.findall(rf'href="({re.escape(self.path)}attachments/[^"]+)"', self.page)


class Product:
    """Where it runs; `directory` is the local run's own."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url = url
        self.directory = directory

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py says about this run."""
        finished = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env=_environment(self.directory),
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def code(self, email: str) -> str:
        """The one-time code of a member of staff at this moment."""
        for line in self.manage("demo", "--codes").splitlines():
            address, _, code = line.partition(" ")
            if address == email:
                return code.strip()
        raise LookupError(email)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read().decode()

    def letters(self) -> list[str]:
        """The addresses of the newest mails, newest first."""
        return list(dict.fromkeys(re.findall(r"/mailbox/[0-9][^\"?/]*/", self.get("/mailbox/"))))

    def letter(self, recipient: str, about: str = "", *, other_than: Iterable[str] = ()) -> Letter:
        """The newest mail to somebody with these words in it, waiting until it comes."""
        deadline = time.monotonic() + MAIL_WITHIN
        looked_through = set(other_than)
        while time.monotonic() < deadline:
            for path in self.letters():
                if path in looked_through:
                    continue
                looked_through.add(path)
                page = html.unescape(self.get(f"{path}?view=text"))
                if recipient in page and about in page:
                    return Letter(path, page)
            time.sleep(0.1)
        raise AssertionError(f"No mail about {about!r} came to {recipient}.")


@contextmanager
def running() -> Iterator[Product]:
    """The product in a temporary directory, or the one that MEDAI_BROWSER_URL and _DIRECTORY say runs already."""
    if url := os.environ.get("MEDAI_BROWSER_URL"):
        yield Product(url.rstrip("/"), Path(os.environ["MEDAI_BROWSER_DIRECTORY"]))
        return
    directory = Path(tempfile.mkdtemp(prefix="medai-browser-"))
    directory.chmod(0o755)  # root's PostgreSQL runs under another account
    run = Run(directory, "--no-demo")
    try:
        run.wait()
        product = Product(f"http://localhost:{run.port}", directory)
        product.manage("demo", "--verbosity", "0", *SMALLER_DEMO)
        yield product
    finally:
        run.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _environment(directory: Path) -> dict[str, str]:
    """Nothing of the tests' own settings reaches the product."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"MEDAI_LOCAL_DIRECTORY": str(directory), "PYTHONWARNINGS": "ignore"}
