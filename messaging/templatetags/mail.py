"""Filters for the layouts of messages."""

import re

from django import template
from django.utils.safestring import SafeData, mark_safe

register = template.Library()


@register.filter
def paragraphs(text: str) -> str:
    """The text with one blank line between paragraphs, and the line breaks of the template inside them gone."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    joined = "\n\n".join(part for part in parts if part)
    return mark_safe(joined) if isinstance(text, SafeData) else joined  # noqa: S308  # only white space changed
