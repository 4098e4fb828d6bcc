"""The filters that a directory entry answers to, as `doctors.services.directory` writes them."""

from uuid import UUID


def specialty(slug: str) -> str:
    return f"s:{slug}"


def city(key: str) -> str:
    return f"c:{key}"


def name(word: str) -> str:
    return f"n:{word}"


def language(code: str) -> str:
    return f"l:{code}"


def mode(visit_mode: str) -> str:
    return f"m:{visit_mode}"


def insurer(provider_id: UUID) -> str:
    return f"i:{provider_id}"
