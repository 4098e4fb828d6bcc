"""The audit log: read, narrowed to a range of days, taken away as a file; never written here."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import reports
from accounts.admin import labels
from accounts.admin.base import ByRole
from accounts.models import AdminAuditLog, ImpersonationSession, User
from accounts.models.audit import AuditAction
from medai.common.years import read_date


class DayRangeFilter(admin.FieldListFilter):
    """From one day to another, both included."""

    template = "accounts/admin/day_range.html"

    def __init__(self, field: Any, request: HttpRequest, params: Any, *args: Any, **kwargs: Any) -> None:
        self.first_name, self.last_name = f"{kwargs['field_path']}_from", f"{kwargs['field_path']}_until"
        super().__init__(field, request, params, *args, **kwargs)

    def expected_parameters(self) -> list[str | None]:
        return [self.first_name, self.last_name]

    def _text(self, name: str) -> str:
        value: Any = self.used_parameters.get(name, "")
        return str(value[-1] if isinstance(value, list) else value)

    @property
    def first(self) -> str:
        return self._text(self.first_name)

    @property
    def last(self) -> str:
        return self._text(self.last_name)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if first := _day(self.first):
            queryset = queryset.filter(**{f"{self.field_path}__gte": _midnight(first)})
        if last := _day(self.last):
            queryset = queryset.filter(**{f"{self.field_path}__lt": _midnight(last + timedelta(days=1))})
        return queryset

    def choices(self, changelist: Any) -> Any:
        others = {
            n: v for n, v in changelist.get_filters_params().items() if n not in self.expected_parameters()
        }
        yield {"others": {n: v[-1] if isinstance(v, list) else v for n, v in others.items()}}


class CodeFilter(admin.AllValuesFieldListFilter):
    """The codes that occur, each in the words of `label`."""

    label: Callable[[str], str]

    def choices(self, changelist: Any) -> Any:
        first, *codes = super().choices(changelist)
        yield first
        yield from ({**choice, "display": self.label(str(choice["display"]))} for choice in codes)


class ActionFilter(CodeFilter):
    label = staticmethod(AuditAction.label_of)


class TargetFilter(CodeFilter):
    label = staticmethod(labels.target_type)


def _day(text: str) -> date | None:
    try:
        return read_date(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@admin.register(AdminAuditLog)
class AuditLogAdmin(ByRole):
    writers: frozenset[str] = frozenset()
    list_display = [
        "sequence",
        "occurred_at",
        "who",
        "as_whom",
        "what",
        "target",
        "ip_address",
    ]
    list_filter = [
        ("occurred_at", DayRangeFilter),
        ("action", ActionFilter),
        ("target_type", TargetFilter),
    ]
    search_fields = ["action", "target_id", "actor_id", "acting_as_id"]
    search_help_text = _("Code of the action, or id of an account or a target")
    ordering = ["-sequence"]
    list_per_page = 100
    show_full_result_count = False
    change_list_template = "accounts/admin/audit_log.html"
    fields = [
        "sequence",
        "occurred_at",
        "who",
        "account",
        "as_whom",
        "account_acted_for",
        "what",
        "target_kind",
        "target_id",
        "details",
        "reason",
        "ip_address",
        "previous_digest",
        "digest",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdminAuditLog]:
        emails = User.objects.values("email")
        return (
            super()
            .get_queryset(request)
            .annotate(
                actor_email=Subquery(emails.filter(pk=OuterRef("actor_id"))[:1]),
                acting_as_email=Subquery(emails.filter(pk=OuterRef("acting_as_id"))[:1]),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description=_("who"))
    def who(self, row: Any) -> str:
        return row.actor_email or row.actor_id or "–"

    @admin.display(description=_("acting as"))
    def as_whom(self, row: Any) -> str:
        return row.acting_as_email or row.acting_as_id or "–"

    @admin.display(description=_("account of who"))
    def account(self, row: AdminAuditLog) -> str:
        return str(row.actor_id or "–")

    @admin.display(description=_("account acted for"))
    def account_acted_for(self, row: AdminAuditLog) -> str:
        return str(row.acting_as_id or "–")

    @admin.display(description=_("action"), ordering="action")
    def what(self, row: AdminAuditLog) -> str:
        return AuditAction.label_of(row.action)

    @admin.display(description=_("target"), ordering="target_type")
    def target(self, row: AdminAuditLog) -> str:
        return f"{labels.target_type(row.target_type)} {row.target_id[:8]}"

    @admin.display(description=_("target"))
    def target_kind(self, row: AdminAuditLog) -> str:
        return labels.target_type(row.target_type)

    @admin.display(description=_("reason"))
    def reason(self, row: AdminAuditLog) -> str:
        """Why somebody acted as another person; the log itself keeps no free text."""
        impersonation = ImpersonationSession.objects.filter(pk=row.details.get("impersonation")).first()
        return impersonation.reason if impersonation else "–"

    def get_urls(self) -> list[URLPattern]:
        own = path("csv/", self.admin_site.admin_view(self.csv_view), name="accounts_adminauditlog_csv")
        return [own, *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """The rows that the list shows with these filters, all pages."""
        return reports.audit_csv(self.get_changelist_instance(request).queryset)
