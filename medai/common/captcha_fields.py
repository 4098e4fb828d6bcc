"""The check against robots as a field: of forms, and of what the API takes."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from medai.common import captcha
from medai.common.errors import DomainError, TooManyRequests


class CaptchaField(forms.CharField):
    """Rendered with a challenge of its own each time, which the page's script answers by itself."""

    lifetime = captcha.FRESH

    def __init__(self) -> None:
        super().__init__(label=_("Check against robots"), required=False)
        self.template_name = "components/captcha.html"

    @property
    def challenge(self) -> str:
        return json.dumps(captcha.issue())


def checked(solution: str, *, address: str) -> str:
    """The solution, accepted; a refusal that the person can mend is an error of the form's field."""
    try:
        captcha.require(solution, address=address)
    except TooManyRequests:
        raise
    except DomainError as error:
        raise ValidationError(str(error), code=error.code) from error
    return solution


class SolutionField(serializers.CharField):
    """What an app sends. Left out, the mailed code is the check, and few such requests pass in an hour."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "required": False,
            "write_only": True,
            "max_length": captcha.LONGEST,
            "help_text": "A solved challenge of `public/challenge`. Without one, few requests an hour pass.",
        }
        super().__init__(**defaults | kwargs)
