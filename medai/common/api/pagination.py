"""Pages of a list: `?page=2&page_size=50`, at most a hundred entries each."""

from typing import Any

from django.core.paginator import InvalidPage, Page
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from medai.common.errors import InvalidInput

LARGEST_PAGE = 100


class PageNumberWrong(InvalidInput):
    code = "invalid_page"
    message = _("There is no such page.")


class PageSizeWrong(InvalidInput):
    code = "invalid_page_size"
    message = _("A page has between 1 and %(largest)s entries.")


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def get_page_size(self, request: Request) -> int:
        wanted = request.query_params.get("page_size", str(self.page_size))
        if not (
            wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and 1 <= int(wanted) <= LARGEST_PAGE
        ):
            raise PageSizeWrong(field="page_size", largest=LARGEST_PAGE)
        return int(wanted)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The entries of the page asked for; a page that does not exist is the caller's mistake, not a 404."""
        self.request = request
        self.page: Page[Any]
        paginator = self.django_paginator_class(queryset, self.get_page_size(request))
        wanted = request.query_params.get("page", "1")
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
            raise PageNumberWrong(field="page")
        try:
            self.page = paginator.page(int(wanted))
        except InvalidPage as error:
            raise PageNumberWrong(field="page") from error
        return list(self.page)

    def get_paginated_response(self, data: Any) -> Response:
        paginator = self.page.paginator
        return Response(
            {
                "results": data,
                "page": self.page.number,
                "page_size": paginator.per_page,
                "pages": paginator.num_pages,
                "total": paginator.count,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0}
        return {
            "type": "object",
            "required": ["results", "page", "page_size", "pages", "total"],
            "properties": {
                "results": schema,
                "page": {**number, "minimum": 1},
                "page_size": {**number, "minimum": 1, "maximum": LARGEST_PAGE},
                "pages": number,
                "total": number,
            },
        }
