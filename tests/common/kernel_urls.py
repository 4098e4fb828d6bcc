"""The kernel's own addresses, and small views that show what it does for any app."""

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions as drf
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from medai.common import outbox
from medai.common.api import ApiView, ConditionalGetMixin, IdempotentCreateMixin, answer, unknown_route
from medai.common.errors import Busy, FieldError, InvalidInput, StaleVersion
from medai.common.identity import acting_as_system
from medai.common.models import IdempotencyKey, OutboxEvent


class Line(serializers.Serializer):
    amount = serializers.IntegerField(min_value=1)


class Order(serializers.Serializer):
    name = serializers.CharField()
    lines = Line(many=True)

    def validate(self, data: dict) -> dict:
        if data["name"] == "whole":
            raise serializers.ValidationError("The whole is wrong.", code="whole_wrong")
        return data


def _refused_by_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM common_outboxevent")


def _raise(error: Exception) -> None:
    raise error


FAILURES = {
    "domain": lambda: _raise(StaleVersion(field="version")),
    "busy": lambda: _raise(Busy()),
    "several": lambda: _raise(InvalidInput(errors=[FieldError("a", "x", "A"), FieldError("b.0", "y", "B")])),
    "missing": lambda: _raise(Http404()),
    "forbidden": lambda: _raise(PermissionDenied()),
    "throttled": lambda: _raise(drf.Throttled(wait=41.2)),
    "model": lambda: _raise(ModelInvalid({"name": ["Too short.", "Too odd."], "__all__": ["No."]})),
    "policy": _refused_by_policy,
    "unexpected": lambda: _raise(RuntimeError("the password is hunter2")),
}


@extend_schema(exclude=True)
class Fail(ApiView):
    permission_classes = [AllowAny]

    def get(self, request: Request, kind: str) -> Response:
        FAILURES[kind]()
        return answer()


class Orders(IdempotentCreateMixin, ApiView):
    """Creates an order: here, an outbox event. Some names end badly after the event was left."""

    permission_classes = [AllowAny]

    @extend_schema(request=Order, responses={201: Line})
    def post(self, request: Request) -> Response:
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        name = order.validated_data["name"]
        with acting_as_system("test"), transaction.atomic():
            outbox.record("order.made", IdempotencyKey(), name=name)
            number = OutboxEvent.objects.count()
        if name == "taken":
            raise StaleVersion(field="name")
        if name == "broken":
            raise RuntimeError("broken")
        return answer(
            {"number": number}, message="Ordered.", status=201, headers={"Location": f"/orders/{number}"}
        )


class Mine(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=Line)
    def get(self, request: Request) -> Response:
        return answer({"user": str(request.user.pk)})


class Limited(ApiView):
    permission_classes = [AllowAny]
    rate_scope = "sign_in"

    @extend_schema(request=None, responses=None)
    def post(self, request: Request) -> Response:
        return answer()


class EventSerializer(serializers.ModelSerializer):
    class Meta:
        model = OutboxEvent
        fields = ["id", "kind"]


class Events(ConditionalGetMixin, ListAPIView):
    permission_classes = [AllowAny]
    serializer_class = EventSerializer
    queryset = OutboxEvent.objects.all()

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        with acting_as_system("test"):
            return super().get(request, *args, **kwargs)


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def refuse(request: HttpRequest) -> HttpResponse:
    raise StaleVersion


urlpatterns = [
    path("", include("medai.common.urls")),
    path("plain/", page),
    path("refuse/", refuse),
    path("api/v1/fail/<str:kind>", Fail.as_view()),
    path("api/v1/orders", Orders.as_view()),
    path("api/v1/mine", Mine.as_view()),
    path("api/v1/limited", Limited.as_view()),
    path("api/v1/events", Events.as_view()),
    re_path(r"^api/(?P<path>.*)$", unknown_route),
]
