"""Sample data for the style guide: believable, fixed, and about nobody."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from medai.common import localtime, widgets
from medai.common.captcha_fields import CaptchaField
from medai.common.components.charts import Chart, Series
from medai.common.components.icons import drawings
from medai.common.components.maps import Pin
from medai.common.components.month import month
from medai.common.components.time_grid import Closed, Column, Event, time_grid
from medai.common.money import format_money
from medai.common.templatetags.components import badge

ZONE = "America/Bogota"
FRIDAY = date(2026, 11, 20)


class SampleForm(forms.Form):
    """One field of each kind; bound with two wrong answers, it shows the errors."""

    name = forms.CharField(help_text="")
    email = forms.EmailField()
    city = forms.ChoiceField(choices=[("bog", "Bogotá"), ("mde", "Medellín")])
    born = forms.DateField(widget=widgets.DatePicker)
    password = forms.CharField(widget=forms.PasswordInput)
    closed = forms.CharField(disabled=True, required=False)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    # One field among many here, which must not draw the page to itself.
    code = forms.CharField(widget=widgets.OneTimeCode({"autofocus": False}))
    who = forms.ChoiceField()
    mode = forms.ChoiceField()
    languages = forms.MultipleChoiceField()
    document = forms.FileField()
    terms = forms.BooleanField()
    reminders = forms.BooleanField(widget=widgets.Switch, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "name": _("Name"),
            "email": _("Email"),
            "city": _("City"),
            "born": _("Date of birth"),
            "password": _("Password"),
            "closed": _("Not editable"),
            "reason": _("Reason for the visit"),
            "code": _("Six-digit code"),
            "who": _("Who is the visit for?"),
            "mode": _("Where"),
            "languages": _("Languages"),
            "document": _("Document"),
            "terms": _("I accept the terms"),
            "reminders": _("Send me reminders"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["name"].help_text = _("As it stands in your document.")
        self.fields["document"].help_text = _("PDF, JPEG or PNG, up to 10 MB.")
        who = [("me", _("For me")), ("other", _("Someone else"))]
        details = {"me": "Mariana Gómez", "other": _("A child, a parent, your partner")}
        self.fields["who"] = forms.ChoiceField(
            label=labels["who"], choices=who, widget=widgets.OptionCards(details=details)
        )
        modes = [("office", _("At the office")), ("video", _("Video"))]
        self.fields["mode"] = forms.ChoiceField(
            label=labels["mode"],
            choices=modes,
            widget=widgets.Segment(icons={"office": "building-2", "video": "video"}),
        )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=labels["languages"],
            choices=[("es", _("Spanish")), ("en", _("English"))],
            widget=forms.CheckboxSelectMultiple,
        )


class CheckedForm(forms.Form):
    captcha = CaptchaField()


def _form(prefix: str, *, wrong: bool) -> SampleForm:
    values = {
        "name": "Mariana Gómez",
        "email": "mariana@",
        "city": "bog",
        "born": "1988-04-12",
        "code": "4821",
        "who": "me",
        "mode": "office",
        "languages": ["es"],
        "terms": "on",
        "reminders": "on",
    }
    if wrong:
        return SampleForm({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix)
    return SampleForm(initial={**values, "email": "mariana@correo.example"}, prefix=prefix)


def _moment(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall clock of Bogotá in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


def _pesos(amount: int) -> str:
    return format_money(amount * 100, "COP")


def _slots(day: int, *times: tuple[int, int], **extra: Any) -> dict[str, Any]:
    slots = [{"start": _moment(day, *time), "url": "#slots"} for time in times]
    return {"date": date(2026, 11, day), "slots": slots, **extra}


def _days() -> list[dict[str, Any]]:
    monday = _slots(23, (8, 0), (8, 30), (9, 30), more_url="#slots", more_label="+6")
    monday["slots"][1]["taken"] = True
    monday["slots"][2]["selected"] = True
    loading = [{"date": date(2026, 11, day), "loading": True} for day in (25, 26)]
    return [_slots(20, (14, 30), (15, 0), (16, 30), today=True), monday, _slots(24), *loading]


def _grid() -> Any:
    events = [
        Event(480, 30, "Rosa Elena Duarte", _("8:00, seen"), "#time", 1, "done"),
        Event(510, 30, "Camilo Ariza", _("8:30, did not come"), "#time", 1, "noshow"),
        Event(540, 45, "Gloria Sarmiento", _("9:00, echo"), "#time", 3),
        Event(555, 30, "Tomás Aristizábal", _("9:15, video"), "#time", 2),
        Event(555, 45, "Luz Marina Ortegón", _("9:15, to confirm"), "#time", 5),
        Event(605, 30, _("Being booked"), _("10:05, 6 minutes left"), "#time", 1, "held"),
    ]
    column = Column(events, closed=[Closed(660, 60, _("Lunch"))], now=640)
    return time_grid([column], first_hour=8, last_hour=12)


def _charts() -> dict[str, Chart]:
    days = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri")]
    months = [_("August"), _("September"), _("October"), _("November")]
    long = [f"{number}" for number in range(1, 31)]
    confirmed, video = _("At the office"), _("Video")
    wave = [12 + (number * 7) % 11 for number in range(30)]
    return {
        "bars": Chart(_("Visits a day"), days, [Series(_("Visits"), [8, 7, 9, 5, 9])]),
        "stacked": Chart(
            _("Visits a day by mode"),
            days,
            [Series(confirmed, [5, 4, 6, 5, 3]), Series(video, [3, 3, 3, 0, 6])],
            kind="stacked",
        ),
        "line": Chart(
            _("Income, millions"), months, [Series(_("Income"), [14.2, 16, 19.5, 21.4])], kind="line"
        ),
        "long": Chart(
            _("Bookings in November"),
            long,
            [Series(_("Booked"), wave), Series(_("Cancelled"), [value // 4 for value in wave])],
            kind="line",
        ),
        "empty": Chart(_("Reviews"), days, [Series(_("Reviews"), [0, 0, 0, 0, 0])]),
    }


def _table() -> dict[str, Any]:
    columns = [
        {"label": _("Date"), "sort": "ascending", "sort_url": "#data"},
        {"label": _("Patient"), "sort_url": "#data"},
        {"label": _("Status")},
        {"label": _("Price"), "end": True},
    ]
    today, before = (localtime.short_date(date(2026, 11, day)) for day in (20, 19))
    rows = [
        (today, "Luz Marina Ortegón", badge(_("To confirm"), "warn"), _pesos(220_000)),
        (today, "Nicolás Bernal", badge(_("Confirmed"), "ok"), _pesos(150_000)),
        (
            before,
            "Camilo Ariza",
            badge(_("Did not come"), "danger"),
            format_html("<s>{}</s>", _pesos(150_000)),
        ),
    ]
    return {"columns": columns, "rows": rows}


def samples(request: HttpRequest) -> dict[str, Any]:
    """Everything the style guide's template shows."""
    return {
        "theme_tokens": ["accent", "accent-soft", "surface", "sunken", "deep", "info", "warn", "danger"],
        "people": ["Ana Ruiz", "Beto Sáenz", "Carla Peña", "Dora Lima", "Elsa Mora", "Fabio Cruz"],
        "sections": [
            ("color", _("Colour")),
            ("type", _("Text")),
            ("icons", _("Icons")),
            ("buttons", _("Buttons")),
            ("fields", _("Fields")),
            ("search", _("Search")),
            ("status", _("States and notices")),
            ("dialogs", _("Dialogs")),
            ("nav", _("Navigation")),
            ("data", _("Data")),
            ("slots", _("Free times")),
            ("time", _("Day view")),
            ("chat", _("Messages")),
            ("map", _("Map")),
            ("themes", _("Both themes")),
        ],
        "icon_names": sorted(drawings()),
        "themes": ["light", "dark"],
        "form": _form("sample", wrong=False),
        "wrong_form": _form("wrong", wrong=True),
        "statuses": [
            (_("Being booked"), "info"),
            (_("To confirm"), "warn"),
            (_("Confirmed"), "ok"),
            (_("Completed"), ""),
            (_("Did not come"), "danger"),
            (_("Cancelled by the patient"), ""),
            (_("Cancelled by the doctor"), "danger"),
            (_("Expired"), ""),
        ],
        "zone": ZONE,
        "moment": _moment(23, 8),
        "today": FRIDAY,
        "days": _days(),
        "month": month(
            2026,
            11,
            link=lambda day: f"?{urlencode({'day': day.isoformat()})}#slots",
            free=[date(2026, 11, number) for number in (20, 23, 24, 25, 26, 27, 30)],
            today=FRIDAY,
            selected=date(2026, 11, 24),
            month_link=lambda first: f"?{urlencode({'month': first.isoformat()})}#slots",
        ),
        "grid": _grid(),
        "charts": _charts(),
        "table": _table(),
        "page_obj": Paginator(range(90), 10).page(2),
        "tabs": [
            {"label": _("Upcoming"), "url": "#nav", "current": True},
            {"label": _("Past"), "url": "#nav", "badge": "3"},
            {"label": _("Cancelled"), "url": "#nav"},
        ],
        "steps": [_("Time"), _("Sign in"), _("Details"), _("Done")],
        "crumbs": [
            {"label": _("Home"), "url": "#nav"},
            {"label": _("Cardiology"), "url": "#nav"},
            {"label": "Dr. Quintero"},
        ],
        "timeline": [
            {
                "title": _("Visit booked"),
                "detail": localtime.short_date_time(_moment(20, 10, 19), ZONE),
                "state": "done",
            },
            {"title": _("To be confirmed by the doctor"), "detail": _("Before Monday"), "state": "now"},
            {"title": _("Visit"), "detail": localtime.short_date_time(_moment(23, 8), ZONE)},
        ],
        "prices": [
            {"label": _("Visit"), "amount": _pesos(220_000)},
            {"label": _("Discount"), "amount": f"− {_pesos(22_000)}", "kind": "less"},
            {"label": _("Total"), "amount": _pesos(198_000), "kind": "total"},
        ],
        "facts": [
            {"label": _("Place"), "value": "Cra. 11 # 93-46, Chicó, Bogotá"},
            {"label": _("Arrive"), "value": _("10 minutes before, with your document")},
        ],
        "bars": [{"stars": stars, "percent": p} for stars, p in ((5, 92), (4, 6), (3, 1), (2, 1), (1, 0))],
        "segments": [
            {"label": _("Day"), "url": "#nav"},
            {"label": _("Week"), "url": "#nav", "current": True},
            {"label": _("Month"), "url": "#nav"},
        ],
        "pins": [
            Pin(4.6766, -74.0483, _pesos(220_000), "#map", "Dr. Quintero", current=True),
            Pin(4.6938, -74.0324, format_money(20_000, "USD"), "#map", "Dra. Ahmed"),
            Pin(4.7039, -74.0560, _pesos(260_000), "#map", "Dra. Castellanos"),
            Pin(4.6427, -74.0665, _pesos(185_000), "#map", "Dr. Bermúdez"),
        ],
        "checked_form": CheckedForm(),
        "spark": [26, 30, 28, 33, 32, 36, 38],
    }
