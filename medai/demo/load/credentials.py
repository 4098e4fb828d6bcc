"""The documents that doctors uploaded: accepted, or waiting for staff."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from doctors.models import Credential
from medai.demo.documents import diploma, identity_card, license_card
from medai.demo.drafts import DoctorDraft
from medai.demo.load.accounts import user_id
from medai.demo.load.practices import doctor_id, save_file
from medai.demo.load.rows import identifier, insert, missing
from medai.demo.sign_ins import ADMIN
from medai.demo.timeline import doctor_joined_at

CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png"}


def load_credentials(drafts: Iterable[DoctorDraft], now: datetime) -> None:
    reviewer = user_id(ADMIN.email)
    rows = [row for draft in drafts for row in _credentials(draft, now, reviewer)]
    contents = {row.pk: content for row, content in rows}
    new = missing(Credential, [row for row, _ in rows])
    for credential in new:
        credential.file = save_file(credential.file.name, contents[credential.pk])
    insert(new)


def _credentials(draft: DoctorDraft, now: datetime, reviewer: UUID) -> Iterator[tuple[Credential, bytes]]:
    """Degree and licence of each; from those who are not public yet, more, and nobody has judged them."""
    uploaded = doctor_joined_at(draft.slug, now, applies=draft.standing != "public") + timedelta(hours=1)
    for kind, extension, content in _documents(draft):
        reviewed = draft.standing == "public"
        digest = hashlib.sha256(content).hexdigest()
        credential = Credential(
            id=identifier("credential", draft.slug, kind),
            created_at=uploaded,
            doctor_id=doctor_id(draft.slug),
            document_type=kind,
            file=f"credentials/{identifier('file', draft.slug, kind)}.{extension}",
            original_name=f"{kind.replace('_', '-')}.{extension}",
            content_type=CONTENT_TYPES[extension],
            size_bytes=len(content),
            sha256=digest,
            status="accepted" if reviewed else "pending",
            reviewed_by_id=reviewer if reviewed else None,
            reviewed_at=uploaded + timedelta(hours=8) if reviewed else None,
        )
        yield credential, content


def _documents(draft: DoctorDraft) -> Iterator[tuple[str, str, bytes]]:
    name = f"{draft.first_name} {draft.last_name}"
    degree = draft.qualifications[-1]
    further = next((q for q in draft.qualifications if q.title_en.startswith("Specialist")), None)
    degree_page = diploma(name, degree.title_es, degree.institution, degree.year)
    if draft.standing == "rejected":
        yield "medical_degree", "png", degree_page.png(blurred=True)
    else:
        yield "medical_degree", "pdf", degree_page.pdf()
    yield "medical_license", "pdf", license_card(name, draft.license_number).pdf()
    if draft.standing == "public":
        return
    yield "identity_document", "png", identity_card(name, draft.license_number).png()
    if further:
        page = diploma(name, further.title_es, further.institution, further.year)
        yield "specialty_certificate", "pdf", page.pdf()
