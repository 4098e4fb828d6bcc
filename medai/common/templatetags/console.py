"""What the tables of the staff's console need beyond Django's own tags."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from medai.common.components.charts import number

register = template.Library()
register.filter("number", number)

# Outside of tags: an address too long for its column goes on behind it, not within a word.
AT_OF_AN_ADDRESS = re.compile("@(?=[^<>]*<)")


@register.filter
def labelled(cells: Iterable[str], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    """The cells of a row, each with its column's name in `data-label`, for screens with no room for a head."""
    for cell, header in zip(cells, headers, strict=False):
        if "action-checkbox" in header.get("class_attrib", ""):
            yield mark_safe(cell)  # noqa: S308  # as Django's own tag made it
            continue
        label = format_html(' data-label="{}"', capfirst(header["text"]))
        cell = AT_OF_AN_ADDRESS.sub("@<wbr>", cell)
        yield mark_safe(cell[:3] + label + cell[3:])  # noqa: S308  # Django's cell, which begins with <td or <th


@register.filter
def breakable(address: str) -> SafeString:
    """An address of email that may go on below behind its "@"."""
    return mark_safe(escape(address).replace("@", "@<wbr>"))  # noqa: S308  # escaped before
