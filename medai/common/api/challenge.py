"""The challenge of the check against robots, for apps and for pages that were open for long."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from medai.common import captcha
from medai.common.api.views import ApiView, answer


class ChallengeOutput(serializers.Serializer[Any]):
    algorithm = serializers.ChoiceField([captcha.ALGORITHM])
    challenge = serializers.CharField(help_text="SHA-256 of the salt followed by the number, in hexadecimal.")
    maxnumber = serializers.IntegerField(help_text="The number is at most this.")
    salt = serializers.CharField(help_text="Says when the challenge expires, in seconds since 1970.")
    signature = serializers.CharField()


class ChallengeView(ApiView):
    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    @extend_schema(tags=["public"], responses=ChallengeOutput)
    def get(self, request: Request) -> Response:
        """A challenge as ALTCHA's libraries take it. To solve it is to find the number.

        Send what is here together with `number`, as JSON in base64, in `captcha` of whatever asks for it; once.
        """
        return answer(captcha.issue(), headers={"Cache-Control": "no-store"})
