"""A doctor as search engines read them: schema.org Physician."""

from typing import Any

from doctors.models import Doctor
from medai.common import money


def physician(doctor: Doctor, *, url: str, photo: str = "") -> dict[str, Any]:
    """The JSON-LD of a public profile; `doctor` comes `for_profile`, addresses are absolute."""
    offices = [office for office in doctor.offices.all() if office.is_active]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Physician",
        "@id": url,
        "url": url,
        "name": doctor.display_name,
        "description": doctor.bio,
        "medicalSpecialty": [link.specialty.name for link in doctor.doctor_specialties.all()],
        "knowsLanguage": doctor.languages,
        "availableService": [
            _service(visit_type) for visit_type in doctor.visit_types.all() if visit_type.is_active
        ],
        "location": [_place(office) for office in offices],
        "isAcceptingNewPatients": doctor.is_accepting_new_patients,
    }
    if photo:
        data["image"] = photo
    if offices:
        data["address"] = _address(offices[0])
        if offices[0].phone:
            data["telephone"] = offices[0].phone
    if doctor.rating_count and doctor.rating_average is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": str(doctor.rating_average),
            "reviewCount": doctor.rating_count,
        }
    return {name: value for name, value in data.items() if value not in ("", [], None)}


def _address(office: Any) -> dict[str, str]:
    return {
        "@type": "PostalAddress",
        "streetAddress": office.address,
        "addressLocality": office.city,
        "addressCountry": office.country,
    }


def _place(office: Any) -> dict[str, Any]:
    place: dict[str, Any] = {"@type": "Place", "address": _address(office)}
    if office.name:
        place["name"] = office.name
    if office.latitude is not None:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": str(office.latitude),
            "longitude": str(office.longitude),
        }
    return place


def _service(visit_type: Any) -> dict[str, Any]:
    return {
        "@type": "MedicalProcedure",
        "name": visit_type.name,
        "offers": {
            "@type": "Offer",
            "price": str(money.to_decimal(visit_type.fee_minor, visit_type.currency)),
            "priceCurrency": visit_type.currency,
        },
    }
