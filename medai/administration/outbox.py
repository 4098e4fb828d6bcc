"""Events of the outbox in the staff's console: which could not be handled, why, and having them tried again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_value
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts import audit
from accounts.admin import labels
from accounts.admin.base import ByRole
from medai.common import outbox
from medai.common.outbox.models import OutboxEvent

# Each is a line of the audit log, whose writers wait for each other.
AT_ONCE = 200


class StateFilter(admin.SimpleListFilter):
    """What needs staff, unless they ask for something else."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Not done yet")), ("done", pgettext_lazy("event", "Done")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Given up or late")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return {
            "waiting": queryset.pending,
            "done": queryset.done,
            "all": queryset.all,
        }.get(self.value() or "", queryset.needing_attention)()


class EventList(ChangeList):
    """Without a state chosen it shows those that need staff: what clears or shows all has to name the state."""

    everything = "state=all"

    def get_queryset(self, *args: Any, **kwargs: Any) -> Any:
        events = super().get_queryset(*args, **kwargs)
        self.has_active_filters = False  # the one filter is cleared by its first choice
        return events


@admin.register(OutboxEvent)
class OutboxEventAdmin(ByRole):
    """Read by staff. `last_error` names class, code and place of what went wrong, never what people typed."""

    writers: frozenset[str] = frozenset()
    list_display = [
        "created_at",
        "state",
        "last_error",
        "kind",
        "what",
        "about",
        "attempts",
        "next_attempt",
    ]
    list_filter = [StateFilter]
    search_fields = ["=kind", "=subject_id", "=id"]
    search_help_text = _("The kind, or the id of the event or of what it is about")
    ordering = ["-sequence"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["try_again"]
    readonly_fields = (
        "sequence",
        "kind",
        "handler",
        "about",
        "subject_id",
        "data",
        "state",
        "attempts",
        "last_error",
        "created_at",
        "next_attempt",
        "failed_at",
        "done_at",
    )
    fields = readonly_fields

    @admin.display(description=_("work"))
    def what(self, event: OutboxEvent) -> str:
        return event.handler.rpartition(".")[2] or "–"

    @admin.display(description=pgettext_lazy("field", "about"))
    def about(self, event: OutboxEvent) -> str:
        return labels.target_type(event.subject_type)

    @admin.display(description=_("state"))
    def state(self, event: OutboxEvent) -> str:
        if event.done_at:
            return str(pgettext_lazy("event", "Done"))
        if event.failed_at:
            return str(_("Given up"))
        return str(_("To be tried again") if event.attempts else _("Waiting"))

    @admin.display(description=pgettext_lazy("field", "next attempt"), ordering="available_at")
    def next_attempt(self, event: OutboxEvent) -> str:
        """None is to come of what is done or given up."""
        return display_for_value(None if event.done_at or event.failed_at else event.available_at, "–")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    @admin.action(description=_("Try again now"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        chosen = list(queryset[: AT_ONCE + 1])
        if len(chosen) > AT_ONCE:
            text = _("Choose %(number)s at most at a time.") % {"number": AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return
        number = sum(_try_again(event) for event in chosen)
        if number:
            text = ngettext(
                "%(number)s event will be tried again.", "%(number)s events will be tried again.", number
            )
            self.message_user(request, text % {"number": number}, messages.SUCCESS)
        if others := len(chosen) - number:
            text = ngettext(
                "%(number)s event is done, or being tried again already.",
                "%(number)s events are done, or being tried again already.",
                others,
            )
            self.message_user(request, text % {"number": others}, messages.WARNING)


@transaction.atomic
def _try_again(event: OutboxEvent) -> bool:
    if not outbox.requeue(event_ids=[event.pk]):
        return False  # done in the meantime, or somebody else's click came before
    audit.record(
        "retried_event",
        event,
        kind=event.kind,
        handler=event.handler,
        attempts=[event.attempts, 0],
        was_given_up=event.failed_at is not None,
    )
    return True
