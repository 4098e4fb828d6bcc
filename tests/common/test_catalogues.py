"""The catalogue tool: extraction, merging, checking and compiling on a small project of its own."""

import gettext

import pytest

from medai.common import catalogues

MODULE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

TITLE = gettext_lazy("Booking")
def hello(name, count):
    many = ngettext("%(n)d slot", "%(n)d slots", count)
    return _("Hello, %(name)s") % {"name": name}, many, pgettext("verb", "Book")
"""
TEMPLATE = """{% load i18n %}
<h1>{% translate "Your bookings" %}</h1>
    <p title="{% translate 'Time left' context 'hold' %}">{% blocktranslate trimmed count n=total %}
        One booking with <b>{{ doctor }}</b>
    {% plural %}
        {{ n }} bookings with <b>{{ doctor }}</b>
    {% endblocktranslate %}</p>
  {% include "components/button.html" with label=_("Cancel it") only %}
      {{ note|default:_("No notes yet") }} — “it's” 100 %
"""
SPANISH = {
    "Booking": "Cita",
    "Hello, %(name)s": "Hola, %(name)s",
    "%(n)d slot": ("%(n)d cupo", "%(n)d cupos"),
    "Book": "Reservar",
    "Your bookings": "Sus citas",
    "Time left": "Tiempo restante",
    "One booking with <b>%(doctor)s</b>": (
        "Una cita con <b>%(doctor)s</b>",
        "%(n)s citas con <b>%(doctor)s</b>",
    ),
    "Cancel it": "Cancelarla",
    "No notes yet": "Sin notas",
}


@pytest.fixture
def project(tmp_path):
    for folder in ("bookings", "doctors", "templates/bookings"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bookings/services.py").write_text(MODULE)
    (tmp_path / "templates/bookings/list.html").write_text(TEMPLATE)
    return tmp_path


def translate(project, app="bookings", strings=SPANISH):
    catalogue = catalogues.load(app, project)
    for message in catalogue:
        if message.id:
            message.string = strings[message.id if isinstance(message.id, str) else message.id[0]]
    catalogues.save(app, catalogue, project)


def test_strings_of_modules_and_templates_are_found(project):
    result = catalogues.update("bookings", project)
    assert sorted(result.added) == sorted(SPANISH)
    assert result.untranslated == len(SPANISH)
    contexts = {m.id: m.context for m in catalogues.load("bookings", project) if m.context}
    assert contexts == {"Book": "verb", "Time left": "hold"}


def test_a_second_update_changes_nothing(project):
    catalogues.update("bookings", project)
    translate(project)
    before = catalogues.po_path("bookings", project).read_bytes()
    result = catalogues.update("bookings", project)
    assert (result.added, result.removed, result.untranslated) == ([], [], 0)
    assert catalogues.po_path("bookings", project).read_bytes() == before
    assert b".py" not in before
    assert b"Creation-Date" not in before


def test_a_changed_string_loses_its_translation_and_never_guesses(project):
    catalogues.update("bookings", project)
    translate(project)
    module = project / "bookings/services.py"
    module.write_text(module.read_text().replace("Hello, %(name)s", "Hello there, %(name)s"))
    result = catalogues.update("bookings", project)
    assert result.added == ["Hello there, %(name)s"]
    assert [message.string for message in result.removed] == ["Hola, %(name)s"]
    assert catalogues.check("bookings", project) == ["bookings: untranslated: 'Hello there, %(name)s'"]


def test_a_module_that_does_not_parse_keeps_the_catalogue(project):
    catalogues.update("bookings", project)
    before = catalogues.po_path("bookings", project).read_bytes()
    (project / "bookings/services.py").write_text("def broken(:\n")
    with pytest.raises(SyntaxError):
        catalogues.update("bookings", project)
    assert catalogues.po_path("bookings", project).read_bytes() == before


def test_a_string_known_to_another_app_is_reused(project):
    catalogues.update("bookings", project)
    translate(project)
    (project / "doctors/views.py").write_text('from x import gettext as _\n_("Booking")\n')
    result = catalogues.update("doctors", project)
    assert (result.added, result.untranslated) == (["Booking"], 0)


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("Hello, %(name)s", "Hola", "placeholders differ"),
        ("Hello, %(name)s", "Hola, %(nombre)s", "placeholders differ"),
        ("Booking", "", "untranslated"),
        ("Booking", "Cita!", "exclamation mark"),
        ("Booking", " Cita", "spaces at the ends differ"),
        ("%(n)d slot", ("%(n)d cupo", ""), "untranslated"),
        ("%(n)d slot", ("un cupo", "%(m)d cupos"), "placeholders differ"),
        (
            "One booking with <b>%(doctor)s</b>",
            ("<b>%(doctor)s</b>", "%(n)s con %(doctor)s"),
            "HTML tags differ",
        ),
    ],
)
def test_check_names_the_defect(project, source, target, problem):
    catalogues.update("bookings", project)
    translate(project, strings=SPANISH | {source: target})
    lines = catalogues.check("bookings", project)
    assert len(lines) == 1
    assert problem in lines[0]
    assert repr(source) in lines[0]


def test_check_refuses_fuzzy_obsolete_missing_and_contradicting_entries(project):
    catalogues.update("bookings", project)
    translate(project)
    assert catalogues.check("bookings", project) == []
    catalogue = catalogues.load("bookings", project)
    catalogue["Booking"].flags.add("fuzzy")
    catalogue.add("Gone", "Ido")
    catalogue.delete("Your bookings")
    catalogues.save("bookings", catalogue, project)
    (project / "doctors/views.py").write_text('from x import gettext as _\n_("Cancel it")\n')
    catalogues.update("doctors", project)
    translate(project, "doctors", {"Cancel it": "Anularla"})
    assert sorted(catalogues.check("bookings", project)) == [
        "bookings: fuzzy: 'Booking'",
        "bookings: not in the catalogue (run update): 'Your bookings'",
        "bookings: obsolete: 'Gone'",
        "bookings: translated differently in doctors: 'Cancel it'",
    ]


def test_compiling_gives_gettext_the_translations_and_skips_what_is_current(project):
    catalogues.update("bookings", project)
    translate(project)
    assert catalogues.compile_app("bookings", project)
    assert not catalogues.compile_app("bookings", project)
    with catalogues.po_path("bookings", project).with_suffix(".mo").open("rb") as file:
        spanish = gettext.GNUTranslations(file)
    assert spanish.gettext("Booking") == "Cita"
    assert spanish.pgettext("verb", "Book") == "Reservar"
    assert spanish.ngettext("%(n)d slot", "%(n)d slots", 1) == "%(n)d cupo"
    assert spanish.ngettext("%(n)d slot", "%(n)d slots", 5) == "%(n)d cupos"


def test_a_fuzzy_translation_is_not_compiled(project):
    catalogues.update("bookings", project)
    translate(project)
    catalogue = catalogues.load("bookings", project)
    catalogue["Booking"].flags.add("fuzzy")
    catalogues.save("bookings", catalogue, project)
    catalogues.compile_app("bookings", project)
    with catalogues.po_path("bookings", project).with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Booking") == "Booking"


def test_templates_of_packages_belong_to_the_app_that_configures_them(tmp_path):
    for folder, text in (("account", "Sign in"), ("components", "Close"), ("doctors", "Fees")):
        (tmp_path / "templates" / folder).mkdir(parents=True)
        (tmp_path / f"templates/{folder}/page.html").write_text(f'{{% translate "{text}" %}}')
    found = {app: catalogues.update(app, tmp_path).added for app in catalogues.APPS}
    assert found == {
        "common": ["Close"],
        "accounts": ["Sign in"],
        "doctors": ["Fees"],
        "bookings": [],
        "messaging": [],
    }
