"""Tags and filters of the design system; built into every template (see TEMPLATES).

Components that are only markup are includes (``templates/components``); those that need logic or a body are
tags:

    {% icon "calendar" %}   {% button _("Save") tone="primary" type="submit" %}   {% field form.email %}
    {% dialog id="cancel" title=_("Cancel the visit?") %}…{% enddialog %}
"""

from collections.abc import Hashable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from medai.common import localtime, navigation
from medai.common.components import charts, icons, maps
from medai.common.components import remembered as remembering
from medai.common.money import format_money

register = template.Library()

TITLES = {"dr", "dr.", "dra", "dra.", "doctor", "doctora", "prof.", "mr.", "mrs.", "ms.", "sr.", "sra."}
TINTS = 6

# --- Dates and times: {{ booking.starts_at|clock:zone }} -------------------------------------------------

for _filter in (
    localtime.clock,
    localtime.clock24,
    localtime.long_date,
    localtime.day_date,
    localtime.short_date,
    localtime.month_name,
    localtime.short_month,
    localtime.month_day,
    localtime.weekday,
    localtime.short_weekday,
    localtime.relative_day,
    localtime.date_time,
    localtime.short_date_time,
    localtime.zone_label,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def day_number(day: date | datetime, zone: localtime.Zone = None) -> int:
    return localtime.local_date(day, zone).day


WHEN = {
    "date_time": localtime.date_time,
    "short": localtime.short_date_time,
    "long_date": localtime.long_date,
    "short_date": localtime.short_date,
    "clock": localtime.clock,
    "clock24": localtime.clock24,
    "relative": localtime.relative_day,
}


@register.simple_tag
def when(
    moment: datetime, zone: localtime.Zone = None, style: str = "date_time", other: localtime.Zone = None
) -> SafeString:
    """A ``<time>`` in the viewer's zone; names the zone where it differs from ``other`` (the doctor's)."""
    text = WHEN[style](moment, zone)
    if other and localtime.differs(moment, zone, other):
        text = f"{text} · {localtime.zone_label(moment, zone)}"
    return format_html('<time datetime="{}">{}</time>', localtime.local(moment, zone).isoformat(), text)


# --- Words and numbers -----------------------------------------------------------------------------------


@register.filter
def initials(name: str) -> str:
    """The first letter of the first and the last word, titles left out: "Dr. Andrés Quintero" is "AQ"."""
    words = [word for word in str(name).split() if word.casefold() not in TITLES and word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def tint(key: Any) -> int:
    """One of the six tints, always the same for the same id."""
    return crc32(str(key).encode()) % TINTS + 1


@register.filter
def money(minor: int | None, currency: str) -> str:
    """18000000 minor units of COP as "$ 180.000" in the language of the page; nothing for no amount."""
    return "" if minor is None else format_money(minor, currency)


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    """One of a list by its place, or nothing."""
    return items[place] if place < len(items) else None


@register.filter
def message_tone(level: str) -> str:
    """The tone of an alert for the level of one of Django's messages."""
    return {"success": "ok", "warning": "warn", "error": "danger"}.get(level, "info")


@register.filter
def page_range(page: Page) -> Iterator[int | str]:
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag
def remembered(template_name: str, **values: Hashable) -> SafeString:
    """Like ``include … only``, with markup that is remembered; the values must be plain."""
    return remembering.remembered(template.Engine.get_default().get_template(template_name), values)


# --- Links -----------------------------------------------------------------------------------------------


@register.simple_tag
def url_or(route: str, fallback: str = "", *args: Any) -> str:
    """The address of a route, or the fallback while no app serves it."""
    return navigation.address(route, *args) or fallback


@register.simple_tag(takes_context=True)
def navigation_items(context: template.Context, portal: str) -> tuple[navigation.Item, ...]:
    return tuple(navigation.items(portal, context.get("request")))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The current query string with some parameters changed; None removes one."""
    request = context.get("request")
    parameters = dict(request.GET.lists()) if request is not None else {}
    parameters |= {name: [] if value is None else [str(value)] for name, value in changes.items()}
    return f"?{urlencode(parameters, doseq=True)}"


# --- Small components ------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    return icons.icon(name, label=str(label), classes=classes)


@register.simple_tag
def avatar(
    name: str, key: Any = None, photo: str = "", size: str = "", online: bool = False, alt: str = ""
) -> str:
    """A photo, or initials on a lasting tint. Hidden from screen readers, as the name stands beside it."""
    context = {
        "name": name,
        "tint": tint(key or name),
        "photo": photo,
        "size": size,
        "online": online,
        "alt": alt,
    }
    return render_to_string("components/avatar.html", context)


@register.simple_tag
def badge(label: str, tone: str = "", icon: str = "") -> str:
    return render_to_string("components/badge.html", {"label": label, "tone": tone, "icon": icon})


BUTTON_OPTIONS = {
    "tone",
    "size",
    "icon",
    "icon_end",
    "block",
    "busy",
    "disabled",
    "label_hidden",
    "classes",
    "href",
}


@register.simple_tag
def button(label: str, **options: Any) -> str:
    """A button, or a link that looks like one if it has ``href``.

    Options: tone (primary, soft, ghost, danger, danger-solid, deep, on-deep), size (sm, lg), icon, icon_end,
    block, busy, disabled, label_hidden (an icon alone). Anything else becomes an attribute: ``hx_post=url``.
    """
    context = {name: options.pop(name) for name in BUTTON_OPTIONS & options.keys()}
    attributes = {name.rstrip("_").replace("_", "-"): value for name, value in options.items()}
    if "href" not in context:
        attributes.setdefault("type", "button")
    attributes = {name: value for name, value in attributes.items() if value not in (None, "", False)}
    return render_to_string(
        "components/button.html", {**context, "label": label, "attrs": flatatt(attributes)}
    )


# --- Forms -----------------------------------------------------------------------------------------------


@register.filter
def field_layout(bound: BoundField) -> str:
    """How label and control stand to each other."""
    if bound.is_hidden:
        return "hidden"
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return "choice"
    if isinstance(bound.field.widget, forms.FileInput):
        return "upload"
    return "group" if bound.use_fieldset else "plain"


@register.filter
def general_errors(form: forms.BaseForm | forms.BaseFormSet) -> list[str]:
    errors = form.non_form_errors() if isinstance(form, forms.BaseFormSet) else form.non_field_errors()
    return [str(error) for error in errors]


@register.filter
def fields_with_errors(form: forms.BaseForm | forms.BaseFormSet) -> list[BoundField]:
    return [] if isinstance(form, forms.BaseFormSet) else [f for f in form.visible_fields() if f.errors]


@register.simple_tag
def field(bound: BoundField, **options: Any) -> str:
    """A form field with its label, hint and errors tied to it.

    Options: label, hint, icon (inside the control), optional (False hides the marker), hide_label, aside (a
    link at the end of the label's line: safe HTML), detail (second line of a switch or checkbox).
    """
    if "hint" in options:
        # Django ties the help text to the control, so the hint has to be it.
        bound.help_text = options.pop("hint")
    return render_to_string("components/field.html", {"field": bound, **options})


# --- Components with a body ------------------------------------------------------------------------------


@register.simple_block_tag
def card(content: str, **options: Any) -> str:
    """Options: title, aside (end of the head), foot, flush, tone (accent, deep, raised, roomy), id, level."""
    return render_to_string("components/card.html", {"content": content, **options})


@register.simple_block_tag
def alert(content: str, **options: Any) -> str:
    """Options: tone (info, ok, warn, danger), icon, live ("alert" or "status")."""
    return render_to_string("components/alert.html", {"content": content, **options})


@register.simple_block_tag
def dialog(content: str, **options: Any) -> str:
    """Options: id, title, wide, modal (a true ``<dialog>``; without it a popover that needs no script)."""
    return render_to_string("components/dialog.html", {"content": content, **options})


@register.simple_block_tag
def drawer(content: str, **options: Any) -> str:
    """Options: id, title, classes."""
    return render_to_string("components/drawer.html", {"content": content, **options})


@register.simple_block_tag
def menu(content: str, **options: Any) -> str:
    """Options: id; label, icon and classes of the button that opens it (no label: the button is elsewhere)."""
    return render_to_string("components/menu.html", {"content": content, **options})


# --- Figures ---------------------------------------------------------------------------------------------


@register.inclusion_tag("components/chart.html")
def chart(figure: charts.Chart) -> dict[str, Any]:
    return {"chart": figure}


@register.inclusion_tag("components/chart.html")
def bar_chart(points: list[tuple[str, float]], title: str, short: bool = False) -> dict[str, Any]:
    labels, values = [label for label, _value in points], [value for _label, value in points]
    return {"chart": charts.Chart(title, labels, [charts.Series(title, values)], kind="bar", short=short)}


@register.inclusion_tag("components/spark.html")
def spark(values: list[float], label: str) -> dict[str, Any]:
    return {"spark": charts.Spark(values, label) if values else None}


@register.inclusion_tag("components/map.html")
def map_pins(pins: list[maps.Pin], shape: str = "") -> dict[str, Any]:
    """A drawn map; ``shape`` is "tall" (sticks beside a list) or "mini"."""
    return {"pins": maps.place(pins), "shape": shape}


@register.simple_tag
def ring_dash(left: int, total: int) -> str:
    """How much of the countdown's circle is left, of a path of length 100."""
    return f"{max(0, min(100, round(100 * left / total)))} 100" if total else "0 100"


@register.filter
def countdown(seconds: int) -> str:
    """ "9:12" """
    return f"{max(seconds, 0) // 60}:{max(seconds, 0) % 60:02d}"
