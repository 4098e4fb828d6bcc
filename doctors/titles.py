"""How doctors are called: their title in the language of the page, and in Spanish the article before it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def called(title: str, name: str) -> str:
    """ "Dra. Sarah Ahmed", in English "Dr. Sarah Ahmed"."""
    titles = {"Dr.": pgettext("title of a man", "Dr."), "Dra.": pgettext("title of a woman", "Dr.")}
    return f"{titles.get(title, title)} {name}".strip()


def called_in_a_sentence(title: str, name: str) -> str:
    """ "la Dra. Sarah Ahmed"; in English as elsewhere."""
    if title == "Dr.":
        return _("Dr. %(man)s") % {"man": name}
    if title == "Dra.":
        return _("Dr. %(woman)s") % {"woman": name}
    return called(title, name)
