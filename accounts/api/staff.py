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
from medai.common.api.pagination import Pages
from medai.common.errors import NotFound

TAG = ["admin"]


class StaffView(ApiView):
    allowed_roles = STAFF


def page(
    request: Request, view: ApiView, filterset: type[filters.FilterSet], rows: Any, shape: Any
) -> Response:
    """A page of the rows that the query asks for."""
    found = filterset(request.query_params, queryset=rows)
    if not found.is_valid():
        raise translate_validation(found.errors)
    pages = Pages()
    chosen = pages.paginate_queryset(found.qs, request, view=view)
    return pages.get_paginated_response(shape(chosen, many=True).data)


class UserFilter(filters.FilterSet):
    search = filters.CharFilter(method="matching")

    class Meta:
        model = User
        fields = ["role", "is_active"]

    def matching(self, rows: Any, name: str, text: str) -> Any:
        return rows.filter(reports.matches(text))


def _users() -> Any:
    return User.objects.select_related("profile").order_by("-created_at", "pk")


class UsersView(StaffView):
    filterset_class = UserFilter

    @extend_schema(tags=TAG, responses=shapes.UserOutput(many=True))
    def get(self, request: Request) -> Response:
        return page(request, self, UserFilter, _users(), shapes.UserOutput)


class UserView(StaffView):
    @extend_schema(tags=TAG, responses=shapes.UserOutput)
    def get(self, request: Request, user_id: UUID) -> Response:
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
        users.unban(user_id=user_id)
        return _user(user_id)


class RoleView(StaffView):
    @extend_schema(tags=TAG, request=shapes.RoleInput, responses=shapes.UserOutput)
    def put(self, request: Request, user_id: UUID) -> Response:
        """Change the role; only a super administrator gives or takes a staff role, nobody their own."""
        users.change_role(user_id=user_id, role=sent(shapes.RoleInput, request)["role"])
        return _user(user_id)


class ImpersonateView(StaffView):
    @extend_schema(tags=TAG, request=shapes.ImpersonateInput, responses={201: shapes.ImpersonationOutput})
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
    occurred_from = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_until = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = AdminAuditLog
        fields = ["action", "actor_id", "acting_as_id", "target_type", "target_id"]


class AuditLogView(StaffView):
    filterset_class = AuditLogFilter

    @extend_schema(tags=TAG, responses=shapes.AuditLogOutput(many=True))
    def get(self, request: Request) -> Response:
        return page(request, self, AuditLogFilter, AdminAuditLog.objects.all(), shapes.AuditLogOutput)


class AuditLogCsvView(StaffView):
    filterset_class = AuditLogFilter

    @extend_schema(tags=TAG, responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """The same entries as a CSV file, oldest first."""
        found = AuditLogFilter(request.query_params, queryset=AdminAuditLog.objects.all())
        if not found.is_valid():
            raise translate_validation(found.errors)
        return reports.audit_csv(found.qs)
