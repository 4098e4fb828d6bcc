"""What holds for every template, stylesheet and script of the product, whoever writes it."""

import gzip
import re
from functools import cache
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import TemplateSyntaxError
from django.template.loader import get_template

from medai.common.bundles import build, sources
from medai.common.components import icons

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "templates", *sorted(ROOT.glob("*/templates")), *sorted(ROOT.glob("medai/*/templates"))]
TEMPLATES = sorted(
    path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in {".html", ".txt"}
)
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]

# Mail programs know no stylesheets, so the layout of mails carries its styles itself.
MAIL = re.compile(r"/messaging/layouts/|/email/|/mail/")

# Words that are the same in every language, and the names of sample people and places in the style guide.
SAME_EVERYWHERE = re.compile(
    r"\b(MedAI|WhatsApp|Google|Swagger|OpenAPI|API|PDF|JPEG|PNG|JSON|CSV|ICS|TOTP|Lucide|ID|MB|GB|min)\b"
)
STYLE_GUIDE = "pages/styleguide.html"

OVERHEAD = 100 * 1024


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def without_comments(path: Path) -> str:
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", source(path), flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}|<!--.*?-->", "", text, flags=re.DOTALL)


def test_there_are_templates_to_look_at():
    assert len(PAGES) > 50


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_it_compiles(path):
    folder = next(folder for folder in FOLDERS if path.is_relative_to(folder))
    try:
        get_template(str(path.relative_to(folder)))
    except TemplateSyntaxError as error:
        pytest.fail(f"{name(path)}: {error}")


# --- The content policy: nothing inline, nothing from elsewhere ---


def policy_breaks(text: str) -> list[str]:
    found = re.findall(r"<[a-z][^>]*\sstyle\s*=", text)
    found += re.findall(r"<style(?![^>]*nonce)[^>]*>", text)
    found += re.findall(r"<[a-z][^>]*\s(?:on[a-z]+|hx-on[:-][^=]*)\s*=", text)
    found += re.findall(r"javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        if "src=" not in script and "nonce" not in script and 'type="application/' not in script:
            found.append(script)
    return found


def reaches_out(text: str) -> list[str]:
    loads = r"<(?:script|img|iframe|video|audio|source)[^>]*\ssrc=\"(?:https?:)?//[^\"]*\""
    return re.findall(loads, text) + re.findall(r"<link[^>]*\shref=\"(?:https?:)?//[^\"]*\"", text)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path):
    if MAIL.search(path.as_posix()):
        pytest.skip("a mail carries its own styles")
    text = without_comments(path)
    assert policy_breaks(text) == []
    assert reaches_out(text) == []


@pytest.mark.parametrize(
    "bad",
    [
        '<p class="a" style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<a href="javascript:x()">',
        '<form hx-on:submit="x()">',
    ],
)
def test_the_check_sees_what_is_inline(bad):
    assert policy_breaks(bad)


def test_the_check_sees_what_comes_from_elsewhere():
    assert reaches_out('<script src="https://cdn.example/x.js"></script>')
    assert reaches_out('<link rel="stylesheet" href="//cdn.example/x.css">')
    assert not reaches_out('<a href="https://www.sic.gov.co/">')


# --- Both languages: no word stands in a template outside translation ---

TRANSLATED = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}|\{%\s*(?:verbatim)\b.*?endverbatim\s*%\}",
    re.DOTALL,
)
CODE = re.compile(r"<(script|style|code|path|svg)\b.*?</\1>", re.DOTALL)
SPOKEN_ATTRIBUTES = re.compile(r'\s(?:alt|title|placeholder|aria-label|content)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{3,}")


def words(text: str) -> list[str]:
    return WORD.findall(SAME_EVERYWHERE.sub("", re.sub(r"&\w+;|https?://\S+", "", text)))


def untranslated(text: str) -> list[str]:
    text = TRANSLATED.sub("", text)
    text = re.sub(r"\{% block (?:\w*class|coltype) %\}.*?\{% endblock", "", text)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = CODE.sub("", text)
    text = re.sub(r"<meta[^>]*(?:viewport|robots|htmx-config|theme-color|color-scheme)[^>]*>", "", text)
    found = [value for value in SPOKEN_ATTRIBUTES.findall(text) if words(value)]
    return found + [node.strip() for node in re.sub(r"<[^>]*>", "\0", text).split("\0") if words(node)]


def spoken_arguments(text: str) -> list[str]:
    """Texts given to components without ``_()``: ``label="Save"`` or ``{% button "Save" %}``."""
    options = r"label|title|text|hint|note|detail|caption|prefix|placeholder|action_label|more_label|lead"
    found = []
    for tag in re.findall(
        r"\{%\s*(?:include|field|button|card|dialog|drawer|menu|alert|badge)\b.*?%\}", text
    ):
        found += [value for value in re.findall(rf'\b(?:{options})="([^"]*)"', tag) if words(value)]
        found += [value for value in re.findall(r'\{%\s*(?:button|badge)\s+"([^"]*)"', tag) if words(value)]
    return found


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_word_stands_outside_translation(path):
    text = without_comments(path)
    if path.as_posix().endswith(STYLE_GUIDE):
        pytest.skip("shows names of sample people, places and files")
    assert untranslated(text) == []
    assert spoken_arguments(text) == []


@pytest.mark.parametrize(
    "bad",
    [
        "<p>Hello there</p>",
        '<img alt="A doctor">',
        '<input placeholder="Search here">',
        "{% translate 'Hello' %} again",
        '<button aria-label="Close">{% icon "x" %}</button>',
    ],
)
def test_the_check_sees_words_outside_translation(bad):
    assert untranslated(bad)


@pytest.mark.parametrize(
    "bad", ['{% button "Save" %}', '{% include "components/empty.html" with title="None yet" %}']
)
def test_the_check_sees_words_given_to_components(bad):
    assert spoken_arguments(bad)


def test_the_check_lets_translated_words_pass():
    good = '<p title="{% translate "Hello" %}">{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %} · MedAI</p>'
    assert untranslated(good) == []
    assert spoken_arguments('{% button _("Save") icon="check" tone="primary" %}') == []


# --- Components and icons that are named exist ---


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_icons_exist(path):
    text = without_comments(path)
    named = re.findall(r'\{%\s*icon\s+"([^"]+)"', text) + re.findall(r'\bicon(?:_end)?="([^"]+)"', text)
    assert set(named) <= set(icons.drawings())


def test_icons_that_data_names_exist():
    data = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("accounts", "doctors", "bookings", "messaging", "medai")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".json", ".py"} and "migrations" not in path.parts
    )
    named = set(re.findall(r'"icon":\s*"([a-z0-9-]+)"|\bicon="([a-z0-9-]+)"', data))
    named = {a or b for a, b in named}
    named |= set(re.findall(r'\bEntry\(\s*_\("[^"]*"\),\s*"([a-z0-9-]+)"', data))
    assert named
    assert named <= set(icons.drawings())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_included_and_extended_templates_exist(path):
    for other in re.findall(r'\{%\s*(?:include|extends)\s+"([^"#]+)', without_comments(path)):
        get_template(other)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_static_files_exist(path):
    for file in re.findall(r'\{%\s*static\s+"([^"]+)"', without_comments(path)):
        assert finders.find(file), file


# --- Stylesheets and scripts ---


STYLESHEETS = [path for path in sorted((ROOT / "static/css").rglob("*.css")) if path.name != "tokens.css"]


@pytest.mark.parametrize("path", STYLESHEETS, ids=name)
def test_colours_are_tokens(path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    raw = re.findall(
        r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab)\(|:\s*(?:white|black|red|green|blue)\b", css
    )
    assert raw == []


# Django's admin has no layers and names of its own for colours; only what is bundled follows these two.
BUNDLED = [path for path in sources("css/medai.css") if path.name != "tokens.css"]


@pytest.mark.parametrize("path", BUNDLED, ids=name)
def test_names_of_tokens_are_declared(path):
    css = build("css/medai.css").read_text()
    declared = set(re.findall(r"(--[\w-]+)\s*:", css))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= declared


@pytest.mark.parametrize("path", BUNDLED, ids=name)
def test_rules_are_in_a_layer(path):
    top = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert re.findall(r"(?m)^(?!@layer|\}|\s)\S.*", top) == []


@pytest.mark.parametrize("path", sorted((ROOT / "static/js/shared").glob("*.js")), ids=name)
def test_bundled_scripts_stand_alone(path):
    text = path.read_text()
    assert not re.search(r"(?m)^\s*(?:import|export)\b", text)
    assert "eval(" not in text
    assert "innerHTML" not in text


def test_our_styles_and_scripts_stay_light():
    """Everything of ours that a page loads, and htmx, compressed as a server does."""
    ours = [build("css/medai.css"), build("js/medai.js")]
    htmx = Path(finders.find("django_htmx/htmx-2.min.js"))
    weight = sum(len(gzip.compress(path.read_bytes(), 6)) for path in [*ours, htmx])
    assert weight < OVERHEAD
