"""Filters for the layouts of messages."""

import re

from django import template
from django.utils.safestring import SafeData, mark_safe

register = template.Library()


@register.filter
def paragraphs(text: str) -> str:
    """The text with one blank line between paragraphs, and the line breaks of the template inside them gone."""
    # No-break spaces, as in "8:00 a. m.", stay.
    parts = (re.sub(r"[ \t\r\n]+", " ", part).strip(" ") for part in re.split(r"\n[ \t\r\n]*\n", text))
    joined = "\n\n".join(part for part in parts if part)
    return mark_safe(joined) if isinstance(text, SafeData) else joined  # noqa: S308  # only white space changed
