"""Reading what is sent to the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JsonParser(JSONParser):
    """JSON; what is nested deeper than any real request is refused like everything that cannot be read."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RecursionError:
            raise ParseError(_("The request is nested too deeply.")) from None
        except ParseError as error:
            # What Python says of it is English.
            raise ParseError(_("The request must be valid JSON in UTF-8.")) from error
