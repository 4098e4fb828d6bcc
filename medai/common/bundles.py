"""One stylesheet and one script for the whole product, put together from small files, without a build step.

``static/css/**`` and ``static/js/shared`` are the sources, one file per component. This staticfiles finder
serves them joined as ``css/medai.css`` and ``js/medai.js``: fresh on every request in development, once at
``collectstatic`` in production. Scripts that only one page needs live in ``static/js/pages`` and are loaded
by that page.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "static"
OUTPUT = ROOT / "var" / "bundles"

BUNDLES: dict[str, tuple[str, ...]] = {
    # The order of the cascade inside a layer: pages may adjust components, utilities come last.
    "css/medai.css": (
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/components/*.css",
        "css/pages/*.css",
        "css/utilities.css",
    ),
    "js/medai.js": ("js/shared/*.js",),
}


def sources(bundle: str, folder: Path = SOURCES) -> list[Path]:
    """The files of a bundle, in order; a pattern that finds nothing is a mistake in this module."""
    found: list[Path] = []
    for pattern in BUNDLES[bundle]:
        matches = sorted(folder.glob(pattern), key=lambda path: path.stem)
        if not matches:
            raise FileNotFoundError(f"Nothing matches {pattern} in {folder}.")
        found += matches
    return found


def _join(paths: Iterable[Path]) -> str:
    parts = []
    for path in paths:
        text = path.read_text(encoding="utf-8").strip()
        # A block of its own keeps each module's names to itself, as a separate file would.
        parts.append(f"/* {path.name} */\n" + (f"{{\n{text}\n}}" if path.suffix == ".js" else text))
    return "\n".join(parts) + "\n"


def build(bundle: str, folder: Path = SOURCES, output: Path = OUTPUT) -> Path:
    """The path of the bundle, written anew only if its content changed."""
    target = output / bundle
    content = _join(sources(bundle, folder)).encode()
    if not target.exists() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    return target


class BundleFinder(BaseFinder):
    """Finds the two bundles for ``collectstatic``, ``runserver`` and WhiteNoise alike."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        # Callers older than Django 5.2 say "all".
        find_all = find_all or bool(kwargs.get("all"))
        if path not in BUNDLES:
            return []
        target = str(build(path))
        return [target] if find_all else target

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = FileSystemStorage(location=OUTPUT)
        for bundle in BUNDLES:
            build(bundle)
            yield bundle, storage
