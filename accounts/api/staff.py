"""/api/v1/admin/: users, impersonation, audit log."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django_filters import rest_framework as filters
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit, reports
from accounts.api import serializers as shapes
from accounts.api.flows import tokens_answer
from accounts.api.patient import sent
from accounts.errors import NotImpersonating
from accounts.guards import SIGNED_IN, STAFF
from accounts.models import AdminAuditLog, ApiSession, User
from accounts.services import impersonation, sessions, users
from medai.common.api import ApiView, answer
from medai.common.api.filters import STRICT, MomentFilter
from medai.common.api.pagination import Pages
from medai.common.errors import NotFound

TAG = ["admin"]


class StaffView(ApiView):
    allowed_roles = STAFF


class StaffListView(StaffView):
    """A page of what the query asks for; the attributes also tell the schema about pages and filters."""

    pagination_class = Pages
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class: type[filters.FilterSet]
    shape: type[Any]

    def get_queryset(self) -> Any:
        raise NotImplementedError

    def chosen(self, request: Request) -> Any:
        found = self.filterset_class(request.query_params, queryset=self.get_queryset())
        if not found.is_valid():
            raise translate_validation(found.errors)
        return found.qs

    def page(self, request: Request) -> Response:
        pages = self.pagination_class()
        rows = pages.paginate_queryset(self.chosen(request), request, view=self)
        return pages.get_paginated_response(self.shape(rows, many=True).data)


class UserFilter(filters.FilterSet):
    search = filters.CharFilter(method="matching")

    class Meta:
        model = User
        fields = ["role", "is_active"]
        filter_overrides = STRICT

    def matching(self, rows: Any, name: str, text: str) -> Any:
        return rows.filter(reports.matches(text))


def _users() -> Any:
    return User.objects.select_related("profile").order_by("-created_at", "pk")


class UsersView(StaffListView):
    filterset_class = UserFilter
    shape = shapes.UserOutput

    def get_queryset(self) -> Any:
        return _users()

    @extend_schema(tags=TAG, filters=True, responses=shapes.UserOutput(many=True))
    def get(self, request: Request) -> Response:
        """Accounts, newest first; `search` looks at name, email and phone."""
        return self.page(request)


class UserView(StaffView):
    @extend_schema(tags=TAG, responses=shapes.UserOutput)
    def get(self, request: Request, user_id: UUID) -> Response:
        """One account with its profile."""
        return _user(user_id)


def _user(user_id: UUID) -> Response:
    user = _users().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return answer(shapes.UserOutput(user).data)


class BanView(StaffView):
    @extend_schema(tags=TAG, request=None, responses=shapes.UserOutput)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Close the account; every session and token of it ends at once."""
        users.ban(user_id=user_id)
        return _user(user_id)


class UnbanView(StaffView):
    @extend_schema(tags=TAG, request=None, responses=shapes.UserOutput)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Open the account again; its old sessions stay ended."""
        users.unban(user_id=user_id)
        return _user(user_id)


class RoleView(StaffView):
    @extend_schema(tags=TAG, request=shapes.RoleInput, responses=shapes.UserOutput)
    def put(self, request: Request, user_id: UUID) -> Response:
        """Change the role; only a super administrator gives or takes a staff role, nobody their own."""
        users.change_role(user_id=user_id, role=sent(shapes.RoleInput, request)["role"])
        return _user(user_id)


class ImpersonateView(StaffView):
    @extend_schema(
        tags=TAG, request=shapes.ImpersonateInput, responses={201: shapes.ImpersonationOutput, 404: None}
    )
    def post(self, request: Request) -> Response:
        """An access token as the user, whose `act` claim names you. Half an hour at most, no refresh token."""
        given = sent(shapes.ImpersonateInput, request)
        session = impersonation.start(user_id=given["user"], reason=given["reason"])
        opened = sessions.open_api_session(
            user=session.user,
            user_agent=request.headers.get("User-Agent", ""),
            ip_address=audit.current_address(),
            impersonation=session,
        )
        response = tokens_answer(opened, status=201)
        response.data["impersonation"] = session.pk
        return response


class StopImpersonationView(ApiView):
    """Called with the impersonation's own token, whose role is the user's, or with the admin's."""

    allowed_roles = SIGNED_IN

    @extend_schema(tags=TAG, request=shapes.StopImpersonationInput, responses={200: None})
    def post(self, request: Request) -> Response:
        """End an impersonation; its token is worthless from now on."""
        given = sent(shapes.StopImpersonationInput, request)
        session_id = given.get("impersonation")
        if isinstance(request.auth, ApiSession) and request.auth.impersonation_id:
            session_id = request.auth.impersonation_id
        elif not request.user.is_staff:
            raise NotImpersonating
        session = impersonation.find(session_id) if session_id else None
        if session is None or request.user.pk not in (session.admin_id, session.user_id):
            raise NotImpersonating
        impersonation.stop(session_id=session.pk)
        return answer()


class AuditLogFilter(filters.FilterSet):
    occurred_from = MomentFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_until = MomentFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = AdminAuditLog
        fields = ["action", "actor_id", "acting_as_id", "target_type", "target_id"]


class AuditLogView(StaffListView):
    filterset_class = AuditLogFilter
    shape = shapes.AuditLogOutput

    def get_queryset(self) -> Any:
        return AdminAuditLog.objects.all()

    @extend_schema(tags=TAG, filters=True, responses=shapes.AuditLogOutput(many=True))
    def get(self, request: Request) -> Response:
        """What staff did, newest first."""
        return self.page(request)


class AuditLogCsvView(AuditLogView):
    @extend_schema(tags=TAG, filters=True, responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:  # type: ignore[override]  # a file instead of a page
        """The same entries as a CSV file, oldest first."""
        return reports.audit_csv(self.chosen(request))
