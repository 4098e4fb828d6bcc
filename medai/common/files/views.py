"""The address behind every signed link, for the portal's sessions and the API's tokens alike."""

from typing import Any

from django.http import FileResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from medai.common.api.views import ApiView
from medai.common.errors import DomainError
from medai.common.files.links import file_response, open_file, read_link


@extend_schema(exclude=True)
class FileView(ApiView):
    # The link itself says for whom it is; a stranger gets its clear refusal, not a sign-in page.
    permission_classes = [AllowAny]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, token: str) -> FileResponse:
        link = read_link(token)
        user_id = request.user.pk if request.user.is_authenticated else None
        stored = open_file(link, user_id=user_id)
        return file_response(request._request, stored, inline=link.is_inline)

    def handle_exception(self, error: Exception) -> Any:
        """A page for browsers, the API's envelope for programs."""
        is_page = "text/html" in self.request.headers.get("Accept", "")
        if isinstance(error, DomainError) and is_page:
            raise error
        return super().handle_exception(error)
