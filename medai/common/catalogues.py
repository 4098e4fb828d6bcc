"""Translation catalogues without GNU gettext: extract, merge, check and compile with Babel.

One catalogue per app lives in ``locale/<app>/es/LC_MESSAGES/django.po``. English is the source text, so
Spanish is the only language that needs one. Entries are sorted and carry neither line numbers nor dates,
so that two branches that touch the same app rarely conflict.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
APPS = ("common", "accounts", "doctors", "bookings", "messaging")
LANGUAGE = "es"

# Templates that override a package's own belong to the app that configures that package.
TEMPLATE_OWNERS = {
    "account": "accounts",
    "allauth": "accounts",
    "hijack": "accounts",
    "mfa": "accounts",
    "registration": "accounts",
    "socialaccount": "accounts",
    "usersessions": "accounts",
}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg", ".webmanifest", ".js"}

_NAMES = ("", "_lazy")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext_noop": None,
    **{f"gettext{lazy}": None for lazy in _NAMES},
    **{f"ngettext{lazy}": (1, 2) for lazy in _NAMES},
    **{f"pgettext{lazy}": ((1, "c"), 2) for lazy in _NAMES},
    **{f"npgettext{lazy}": ((1, "c"), 2, 3) for lazy in _NAMES},
}
HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|%[sdr%]|\{[^{}]*\}")
TAG = re.compile(r"</?[a-z][a-z0-9]*")


Key = tuple[str | None, str]


@dataclass
class Update:
    """What one merge changed in an app's catalogue."""

    app: str
    total: int = 0
    untranslated: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[Message] = field(default_factory=list)


def po_path(app: str, root: Path = ROOT) -> Path:
    return root / "locale" / app / LANGUAGE / "LC_MESSAGES" / "django.po"


# --- Reading the sources ---------------------------------------------------------------------------------


def _template_owner(path: Path, templates: Path) -> str:
    first = path.relative_to(templates).parts[0]
    return first if first in APPS else TEMPLATE_OWNERS.get(first, "common")


def _walk(folder: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    wanted = set(suffixes)
    for path in sorted(folder.rglob("*")):
        skipped = {"migrations", "__pycache__", "node_modules"} & set(path.parts)
        if path.suffix in wanted and path.is_file() and not skipped:
            yield path


def sources(app: str, root: Path = ROOT) -> Iterator[Path]:
    """Every Python module and template whose strings belong to the app's catalogue."""
    package = root / ("medai" if app == "common" else app)
    yield from _walk(package, {".py"})
    yield from _walk(package / "templates", TEMPLATE_SUFFIXES)
    templates = root / "templates"
    for path in _walk(templates, TEMPLATE_SUFFIXES):
        if _template_owner(path, templates) == app:
            yield path


def _python_lines(path: Path) -> Iterator[bytes]:
    """Chunks of Python source that Babel can tokenize: a module whole, a template line by line.

    Templatized text is not valid Python (its indentation is the page's), but every call it holds is on one
    line.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        compile(
            text, str(path), "exec", dont_inherit=True
        )  # a half-written module must not empty the catalogue
        yield text.encode()
        return
    for line in templatize(text, origin=str(path)).splitlines():
        if "(" in line:
            yield line.strip().encode()


def extract_messages(app: str, root: Path = ROOT) -> Catalog:
    """A fresh catalogue, without translations, of every marked string in the app's sources."""
    catalog = Catalog(locale=LANGUAGE, fuzzy=False)
    for path in sources(app, root):
        for chunk in _python_lines(path):
            found = extract("python", BytesIO(chunk), keywords=KEYWORDS, comment_tags=["Translators:"])
            for _line, message, comments, context in found:
                catalog.add(message, context=context, auto_comments=comments)
    return catalog


# --- Reading and writing catalogues ----------------------------------------------------------------------


def load(app: str, root: Path = ROOT) -> Catalog:
    path = po_path(app, root)
    if not path.exists():
        return Catalog(locale=LANGUAGE, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def _key(message: Message) -> Key:
    msgid = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, msgid


def _entries(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


def _is_translated(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(strings) and all(strings) and not message.fuzzy


def _shape(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _replace(path: Path, content: bytes) -> None:
    """Write atomically: several processes may compile at once and readers must never see half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def save(app: str, catalog: Catalog, root: Path = ROOT) -> None:
    body = BytesIO()
    write_po(
        body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    path = po_path(app, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = (HEADER.format(language=LANGUAGE) + body.getvalue().decode().strip() + "\n").encode()
    if not path.exists() or path.read_bytes() != content:
        _replace(path, content)


# --- The three verbs -------------------------------------------------------------------------------------


def update(app: str, root: Path = ROOT) -> Update:
    """Bring the app's catalogue up to its sources, keeping every translation whose source still exists.

    A string new to this app takes the translation another catalogue already has, so that the same words read
    the same everywhere. Guesses are never made; what cannot be copied exactly is left empty.
    """
    fresh, current = extract_messages(app, root), _entries(load(app, root))
    elsewhere: dict[Key, Message] = {}
    for other in APPS:
        if other != app:
            elsewhere |= {k: m for k, m in _entries(load(other, root)).items() if _is_translated(m)}
    result = Update(app)
    wanted = _entries(fresh)
    for key, message in wanted.items():
        known = current.get(key) or elsewhere.get(key)
        if key not in current:
            result.added.append(key[1])
        if known is not None and _shape(known) == _shape(message):
            message.string = known.string
            message.user_comments = known.user_comments
        result.untranslated += not _is_translated(message)
    result.total = len(wanted)
    result.removed = [message for key, message in current.items() if key not in wanted]
    save(app, fresh, root)
    return result


def _compare(sources: tuple[str, ...], target: str, *, form: int) -> Iterator[str]:
    """Differences between one translated form and its source; form 0 of a plural may leave the number out."""
    source = sources[min(form, len(sources) - 1)]
    wanted, given = sorted(PLACEHOLDER.findall(source)), sorted(PLACEHOLDER.findall(target))
    if len(sources) > 1 and form == 0:
        agree = set(given) <= set(PLACEHOLDER.findall("".join(sources)))
    else:
        agree = wanted == given
    if not agree:
        yield f"placeholders differ ({', '.join(wanted) or 'none'} / {', '.join(given) or 'none'})"
    if sorted(TAG.findall(source)) != sorted(TAG.findall(target)):
        yield "HTML tags differ"
    if (source[:1].isspace(), source[-1:].isspace()) != (target[:1].isspace(), target[-1:].isspace()):
        yield "spaces at the ends differ"
    if "!" in target and "!" not in source:
        yield "exclamation mark"


def _problems(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy"
        return
    if not _is_translated(message):
        yield "untranslated"
        return
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    for form, target in enumerate(strings):
        yield from _compare(_shape(message), target, form=form)


def check(app: str, root: Path = ROOT) -> list[str]:
    """One line per defect: missing, obsolete, untranslated, fuzzy, mismatched, or unlike another app's."""
    current, wanted = _entries(load(app, root)), _entries(extract_messages(app, root))
    lines = [f"{app}: not in the catalogue (run update): {key[1]!r}" for key in wanted if key not in current]
    lines += [f"{app}: obsolete: {key[1]!r}" for key in current if key not in wanted]
    for key, message in current.items():
        lines += [f"{app}: {problem}: {key[1]!r}" for problem in _problems(message)]
    # Django merges the catalogues and the earlier app in LOCALE_PATHS wins: two answers for one string
    # would show the wrong one.
    for other in APPS[: APPS.index(app)]:
        theirs = _entries(load(other, root))
        for key in current.keys() & theirs.keys():
            if current[key].string != theirs[key].string:
                lines.append(f"{app}: translated differently in {other}: {key[1]!r}")
    return lines


def compile_app(app: str, root: Path = ROOT) -> bool:
    """Write the binary catalogue if the text is newer; true when it was written."""
    source = po_path(app, root)
    target = source.with_suffix(".mo")
    if not source.exists():
        return False
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return False
    body = BytesIO()
    write_mo(body, load(app, root), use_fuzzy=False)
    _replace(target, body.getvalue())
    return True


def compile_all(root: Path = ROOT) -> list[str]:
    """Compile what is stale; the apps that were written."""
    return [app for app in APPS if compile_app(app, root)]
