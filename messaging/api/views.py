"""Notifications of whoever asks."""

from typing import cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.guards import SIGNED_IN
from accounts.models import Role
from medai.common.api import ApiView, answer
from medai.common.api.pagination import Pages
from messaging import notices, services
from messaging.api.serializers import NoticeSerializer, PreferencesSerializer, ReadSerializer
from messaging.models import InboxNotice


def _my_id(request: Request) -> UUID:
    """Of the signed-in user, as the roles allowed make sure."""
    return cast(UUID, request.user.pk)


class NoticesView(ApiView):
    allowed_roles = SIGNED_IN
    pagination_class = Pages

    @extend_schema(
        operation_id="notifications_list", tags=["notifications"], responses=NoticeSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """One's own notifications, newest first."""
        pages = self.pagination_class()
        own = pages.paginate_queryset(
            InboxNotice.objects.of(_my_id(request)).for_listing(), request, view=self
        )
        return pages.get_paginated_response(
            NoticeSerializer(notices.entries(own, request.user), many=True).data
        )


class ReadNoticeView(ApiView):
    allowed_roles = SIGNED_IN

    @extend_schema(
        operation_id="notifications_read_one",
        tags=["notifications"],
        request=None,
        responses=NoticeSerializer,
    )
    def post(self, request: Request, notice_id: UUID) -> Response:
        notice = services.mark_read(user_id=_my_id(request), notice_id=notice_id)
        [entry] = notices.entries([notice], request.user)
        return answer(NoticeSerializer(entry).data, message=_("Marked as read."))


class ReadAllView(ApiView):
    allowed_roles = SIGNED_IN

    @extend_schema(
        operation_id="notifications_read_all", tags=["notifications"], request=None, responses=ReadSerializer
    )
    def post(self, request: Request) -> Response:
        count = services.mark_all_read(user_id=_my_id(request))
        return answer({"read": count}, message=_("Marked as read."))


class PreferencesView(ApiView):
    allowed_roles = (Role.PATIENT,)

    @extend_schema(tags=["patient"], responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """By what and when one wants to be told."""
        return answer(PreferencesSerializer(services.preferences_of(_my_id(request))).data)

    @extend_schema(tags=["patient"], request=PreferencesSerializer, responses=PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        wanted = PreferencesSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        preferences = services.update_preferences(user_id=_my_id(request), **wanted.validated_data)
        return answer(PreferencesSerializer(preferences).data, message=_("Saved."))
