"""Form widgets beyond Django's: switch, cards to choose from, segmented control, one-time code."""

from collections.abc import Mapping
from typing import Any

from django import forms


class Switch(forms.CheckboxInput):
    """A setting that takes effect on its own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"role": "switch", "class": "switch", **(attrs or {})})


class OptionCards(forms.RadioSelect):
    """Radio buttons as cards; each value may have a second line and an icon."""

    template_name = "components/widgets/option_cards.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        details: Mapping[str, Any] | None = None,
        icons: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(attrs, choices)
        self.details = dict(details or {})
        self.icons = dict(icons or {})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["detail"] = self.details.get(str(value), "")
        option["icon"] = self.icons.get(str(value), "")
        return option


class Segment(OptionCards):
    """Two or three short alternatives side by side."""

    template_name = "components/widgets/segment.html"


class OneTimeCode(forms.TextInput):
    """A code of digits in one field, so that paste, autofill and screen readers work; it looks like boxes."""

    template_name = "components/widgets/one_time_code.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, length: int = 6) -> None:
        defaults = {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": length,
            "pattern": f"[0-9]{{{length}}}",
            "data-code": length,
            # A page that asks for a code asks for nothing else.
            "autofocus": True,
        }
        super().__init__({**defaults, **(attrs or {})})


class DatePicker(forms.DateInput):
    """The browser's own date picker; the value stays in ISO whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimePicker(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")
