"""What every JSON endpoint shares: the envelope, errors, pages, limits, one-time keys, conditional reads.

Success is `{"success": true, "statusCode": 200, "message": "…", "data": …}` and failure
`{"success": false, "statusCode": 409, "message": "…", "errors": [{"field": …, "code": …, "message": …}]}`.
Names inside `data` are snake_case; a list is `{"results": […], "page": 1, "page_size": 20, "pages": 3, "total": 57}`.
"""

from medai.common.api.conditional import ConditionalGetMixin
from medai.common.api.idempotent import IdempotentCreateMixin
from medai.common.api.views import ApiView, answer, unknown_route

__all__ = ["ApiView", "ConditionalGetMixin", "IdempotentCreateMixin", "answer", "unknown_route"]
