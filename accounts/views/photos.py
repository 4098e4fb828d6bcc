"""Photos of people: the person sees their own, staff see everybody's."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.guards import role_required, user_of
from accounts.models import Profile


@require_safe
@role_required()
def photo(request: HttpRequest, user_id: UUID | None = None) -> HttpResponse:
    viewer = user_of(request)
    visible = Profile.objects.all() if viewer.is_staff else Profile.objects.filter(user=viewer)
    profile = visible.filter(user_id=user_id or viewer.pk).exclude(avatar="").first()
    if profile is None:
        raise Http404
    try:
        with profile.avatar.open("rb") as file:
            response = HttpResponse(file.read(), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
