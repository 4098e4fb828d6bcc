"""What a form is bound to, and expected refusals where the person who filled it in looks for them."""

from collections.abc import Mapping

from django import forms
from django.http import HttpRequest, QueryDict

from medai.common.errors import DomainError


def refuse(form: forms.BaseForm, error: DomainError, names: Mapping[str, str] | None = None) -> None:
    """Show a refusal at its field, under the form's own name for it, or above the form."""
    for entry in error.errors:
        wanted = (names or {}).get(entry.field or "", entry.field)
        field = wanted if wanted in form.fields else None
        form.add_error(field, forms.ValidationError(str(entry.message), code=entry.code))


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form to be bound to; None where the page is only opened."""
    return request.POST if request.method == "POST" else None
