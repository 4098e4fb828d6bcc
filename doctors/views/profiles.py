"""A doctor's public page and photo."""

import json
import mimetypes
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from doctors import photos, structured_data
from doctors.directory import DirectoryQuery
from doctors.languages import capitalised, language_name
from doctors.models import Doctor, DoctorAvailability
from doctors.models.practice import VisitMode
from doctors.views.directory import viewer_zone
from doctors.words import plain
from medai.common import views
from medai.common.components.maps import Pin
from medai.common.identity import acting_as_system, current_identity
from medai.common.localtime import language

YEAR = 60 * 60 * 24 * 365
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    doctor = Doctor.objects.for_profile().filter(slug=slug).first()
    # Whoever once visited a doctor may still read the row, and the doctor may look at the page before it is public.
    if doctor is None or not (doctor.is_public or _is_own(doctor)):
        return _gone(request, slug)
    photo = photos.photo_url(doctor.pk, doctor.photo.name)
    url = request.build_absolute_uri(request.path)
    data = structured_data.physician(
        doctor, url=url, photo=request.build_absolute_uri(photo) if photo else ""
    )
    offices = [office for office in doctor.offices.all() if office.is_active]
    visit_types = [visit_type for visit_type in doctor.visit_types.all() if visit_type.is_active]
    specialties = [link.specialty for link in doctor.doctor_specialties.all()]
    modes = {mode for visit_type in visit_types for mode in visit_type.modes}
    # The time that is named is among those that the picker opens with.
    soonest = _next_free(doctor, request.GET.get("visit_mode", ""))
    context = {
        "doctor": doctor,
        "photo": photo,
        "zone": viewer_zone(),
        "offices": offices,
        "visit_types": visit_types,
        "specialties": specialties,
        "languages": capitalised(", ".join(language_name(code) for code in doctor.languages)),
        "modes": [mode for mode in VisitMode.values if mode in modes],
        "qualifications": [_qualification(one) for one in doctor.qualifications],
        "insurers": sorted(doctor.accepted_insurers.all(), key=lambda insurer: plain(insurer.name)),
        "pins": _pins(offices),
        "next_free": soonest,
        "picker_query": urlencode(
            ({"visit_mode": soonest.visit_mode} if soonest else {}) | request.GET.dict()
        ),
        "crumb": _crumb(specialties, offices),
        "structured_data": _json(data),
    }
    return render(request, "doctors/profile.html", context)


@require_safe
def photo(request: HttpRequest, doctor_id: UUID, name: str) -> HttpResponseBase:
    """A doctor's photo. Its name changes with its contents, so whoever has it need never ask again."""
    doctor = Doctor.objects.filter(pk=doctor_id).first()
    stored = doctor.photo if doctor is not None else None
    if not stored or PurePosixPath(stored.name or "").name != name:
        raise Http404
    try:
        content = stored.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = mimetypes.guess_type(name)[0]
    if kind not in ("image/jpeg", "image/png", "image/webp"):
        raise Http404
    response = FileResponse(content, content_type=kind)
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _is_own(doctor: Doctor) -> bool:
    identity = current_identity()
    return identity is not None and doctor.pk in identity.doctor_ids


def _gone(request: HttpRequest, slug: str) -> HttpResponse:
    """410 where there was a public page once, so that search engines forget it; else 404."""
    with acting_as_system("profile that was public"):
        was_public = Doctor.objects.filter(slug=slug, first_published_at__isnull=False).exists()
    if not was_public:
        raise Http404
    return views.error(
        request,
        410,
        title=_("This doctor is no longer on MedAI"),
        message=_("The page you were looking for was taken down. Other doctors may have time for you."),
    )


def _qualification(one: dict[str, Any]) -> dict[str, Any]:
    names = ("title_en", "title_es") if language() == "en" else ("title_es", "title_en")
    title = next((one[name] for name in names if one.get(name)), "")
    detail = ", ".join(str(part) for part in (one.get("institution"), one.get("year")) if part)
    return {"title": title, "detail": detail}


def _pins(offices: list[Any]) -> list[Pin]:
    return [
        Pin(
            float(office.latitude),
            float(office.longitude),
            office.name or office.neighborhood or office.city,
            title=office.address,
            current=place == 0,
        )
        for place, office in enumerate(offices)
        if office.latitude is not None and office.longitude is not None
    ]


def _next_free(doctor: Doctor, visit_mode: str) -> DoctorAvailability | None:
    """The soonest time in the mode that is wanted, or in any."""
    times = DoctorAvailability.objects.filter(doctor=doctor, next_free_at__isnull=False)
    if visit_mode in VisitMode.values:
        times = times.filter(visit_mode=visit_mode)
    return times.order_by("next_free_at").first()


def _crumb(specialties: list[Any], offices: list[Any]) -> dict[str, str]:
    """The search that this doctor would be found by."""
    specialty = specialties[0] if specialties else None
    city = offices[0].city if offices else ""
    query = DirectoryQuery(specialty=specialty.slug if specialty else "", city=city)
    names = {"specialty": specialty.name if specialty else _("Doctors"), "city": city}
    label = _("%(specialty)s in %(city)s") % names if city else names["specialty"]
    return {"label": label, "query": query.parameters()}


def _json(data: dict[str, Any]) -> str:
    """Safe inside a script element, which no text of a doctor's can thus end."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - escaped here
