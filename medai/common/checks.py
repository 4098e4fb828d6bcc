"""System checks: settings that would only fail when first used are tried at start-up."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from medai.common import encryption


@register()
def encryption_keys(**_: Any) -> list[CheckMessage]:
    try:
        encryption.decrypt(encryption.encrypt("check"))
    except ImproperlyConfigured as error:
        return [Error(str(error), id="medai.E001")]
    return []
