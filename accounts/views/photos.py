"""Photos of people: the person sees their own, staff see everybody's. Row-level security decides."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.guards import role_required
from accounts.models import Profile


@require_safe
@role_required()
def photo(request: HttpRequest, user_id: UUID | None = None) -> HttpResponseBase:
    profile = Profile.objects.filter(user_id=user_id or request.user.pk).exclude(avatar="").first()
    if profile is None:
        raise Http404
    try:
        content = profile.avatar.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
