"""What the audit log speaks of, in the words of the person who reads it."""

from django.apps import apps
from django.utils.text import capfirst


def target_type(code: str) -> str:
    """The kind of thing it was done to, by its model's label; that itself where there is no such model."""
    try:
        return capfirst(apps.get_model(code)._meta.verbose_name)
    except (LookupError, ValueError):
        return code
