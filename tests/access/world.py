"""The people and things that the access tests ask for: each of A's beside one of B's.

Everything that belongs to a person carries that person's word (`WORDS`) in names, addresses, notes and numbers, so
that an answer that shows what is not the reader's can be told by its text alone.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import sha256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts import audit
from accounts.identity import identity_for
from accounts.models import (
    AdminAuditLog,
    AuditAnchor,
    Guardianship,
    ImpersonationSession,
    Patient,
    Profile,
    Role,
    SignInMail,
    User,
)
from accounts.services import sessions
from bookings.calendars import feeds
from bookings.links import booking_url
from bookings.models import Booking, BookingTransition, BusyPeriod
from bookings.models.bookings import PaymentMethod
from doctors.models import (
    Credential,
    DirectoryEntry,
    DirectoryPlace,
    Doctor,
    DoctorAvailability,
    DoctorSpecialty,
    Office,
    SearchTerm,
    WeeklyHours,
)
from doctors.models.credentials import CredentialReview, DocumentType
from doctors.services import credentials, exceptions, visit_types
from medai.common.identity import Identity, Kind, acting_as, acting_as_system
from medai.common.models import IdempotencyKey
from medai.common.outbox.models import OutboxEvent
from messaging.models import InboxNotice, Notification, NotificationKind
from tests.factories import accounts as people
from tests.factories import bookings as visits
from tests.factories import doctors as practices
from tests.factories import messaging

# Short names, used in the tables of both matrices.
WORDS = {
    "pA": "zafiro",
    "pB": "topacio",
    "dA": "esmeralda",
    "dB": "amatista",
    "dC": "obsidiana",
    "ph": "cobalto",
    "admin": "granate",
    "super": "turquesa",
}
# Whose words each may read. A doctor reads those of the patients who booked; C is a doctor whom nobody verified.
READS = {
    "anonymous": (),
    "pA": ("pA",),
    "pB": ("pB",),
    "dA": ("dA", "pA"),
    "dB": ("dB", "pB"),
    "dC": ("dC",),
    "ph": ("ph",),
    "admin": tuple(WORDS),
    "super": tuple(WORDS),
}

ROLES = {
    "pA": Role.PATIENT,
    "pB": Role.PATIENT,
    "dA": Role.DOCTOR,
    "dB": Role.DOCTOR,
    "dC": Role.DOCTOR,
    "ph": Role.PHARMACIST,
    "admin": Role.ADMIN,
    "super": Role.SUPER_ADMIN,
}
WITH_VISITS = ("pA", "pB", "dA", "dB")
PUBLIC_NAMES = {"dA": "Quetzal", "dB": "Colibri"}


@dataclass(repr=False)
class World:
    """Accounts by their short names, and for each table its rows by theirs."""

    users: dict[str, User] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    doctors: dict[str, Doctor] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    one: dict[str, Any] = field(default_factory=dict)
    identities: dict[str, Identity | None] = field(default_factory=dict)
    secrets: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def keep(self, label: str, row: Any) -> Any:
        self.rows.setdefault(row._meta.db_table, {})[label] = row.pk
        return row


def build() -> World:
    """Make everything, in the caller's transaction."""
    world = World()
    with ids_in_order():
        _accounts(world)
        _practices(world)
        _bookings(world)
        _sign_in_rows(world)
        _staff_rows(world)
        _messages(world)
        _links(world)
    _identities(world)
    world.secrets = _secrets(world)
    settle()
    return world


@contextmanager
def ids_in_order() -> Iterator[None]:
    """Keys that grow, and are smaller than any made at random later.

    A query that forgot whose rows it wants and takes the first one gets A's, which is foreign to B and has A's words in
    it; with keys at random it would now and then get a row of nobody whom the tests look for.
    """
    numbers = count(1)

    def next_id() -> UUID:
        return UUID(f"00000000-0000-4000-8000-{next(numbers):012x}")

    keys = [
        model._meta.pk for model in apps.get_models() if getattr(model._meta.pk, "default", None) is uuid4
    ]
    with ExitStack() as stack:
        for key in keys:
            # A field holds on to its default once that was asked for.
            stack.enter_context(patch.object(key, "_get_default", next_id))
        yield


def settle() -> None:
    """Check now what was deferred: a table with checks to come cannot be altered, as the mutation tests do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def address_of(name: str) -> str:
    """From where somebody is signed in."""
    return f"10.20.30.{40 + list(WORDS).index(name)}"


def email_of(name: str) -> str:
    return f"{WORDS[name]}@example.com"


# --- People -----------------------------------------------------------------------------------------------


def _accounts(world: World) -> None:
    for name, role in ROLES.items():
        word = WORDS[name].capitalize()
        user = people.make_user(role, email=email_of(name), first_name=word, last_name=f"{word}-Apellido")
        if name in ("pA", "pB", "admin", "super"):
            people.add_totp(user)
        world.users[name] = world.keep(name, user)
    for name in ("pA", "pB"):
        own = people.own_patient(world.users[name])
        world.patients[name] = world.keep(name, own)
        with acting_as_system("test"):
            Patient.objects.filter(pk=own.pk).update(address=f"Calle {WORDS[name]}")
        child = people.make_dependent(world.users[name], first_name=f"{WORDS[name]}-hija")
        world.patients[f"{name} child"] = world.keep(f"{name} child", child)
    insurer = people.make_insurer(name="Seguros Ceiba")
    world.one["insurer"] = world.keep("insurer", insurer)
    world.one["other insurer"] = people.make_insurer(name="Seguros Yarumo")
    # Met at a desk under an address that belongs to A.
    claimable = people.make_patient_without_account(first_name="Desk", email=email_of("pA"))
    world.patients["desk"] = world.keep("desk", claimable)
    for name in ("pA", "pB"):
        policy = people.make_policy(
            world.patients[name], insurer, policy_number=f"POL-{WORDS[name]}", details={"n": WORDS[name]}
        )
        world.one[f"policy {name}"] = world.keep(name, policy)
    with acting_as_system("test"):
        for name, user in world.users.items():
            profile = Profile.objects.get(user=user)
            world.keep(name, profile)
            if name == "pA":
                profile.avatar.save("zafiro.jpg", ContentFile(practices.picture().read()))
        for row in Guardianship.objects.select_related("user"):
            owner = _name(world, row.user_id)
            world.keep(owner if row.relationship == "self" else f"{owner} child", row)


def _name(world: World, user_id: UUID) -> str:
    return next(name for name, user in world.users.items() if user.pk == user_id)


# --- Doctors ----------------------------------------------------------------------------------------------


def _practices(world: World) -> None:
    specialty = practices.make_specialty("ambar", name_es="Ámbar", name_en="Amber")
    world.one["specialty"] = world.keep("specialty", specialty)
    accepted = {"insurers": [world.one["insurer"].pk]}
    position = (Decimal("4.6"), Decimal("-74.1"))
    for name in ("dA", "dB"):
        doctor = practices.make_public_doctor(
            world.users[name],
            first_name=PUBLIC_NAMES[name],
            last_name=PUBLIC_NAMES[name],
            specialty=specialty,
            free_in=timedelta(days=1),
            position=position,
            city=f"Ciudad {PUBLIC_NAMES[name]}",
            **accepted,
        )
        _practice(world, name, doctor)
    word = WORDS["dC"]
    waiting = practices.make_submitted_doctor(
        world.users["dC"], first_name=word, last_name=word, specialty=specialty, city=word, **accepted
    )
    _practice(world, "dC", waiting)
    # Left the platform: patients who were there may still read the name, nobody else.
    gone = practices.make_public_doctor(
        specialty=specialty, first_name="Garza", last_name="Garza", **accepted
    )
    with acting_as_system("test"):
        Doctor.objects.filter(pk=gone.pk).update(is_active=False)
        # So that the figures of A's practice are not those of B's.
        Doctor.objects.filter(pk=world.doctors["dA"].pk).update(rating_average=Decimal("4.5"), rating_count=3)
    _practice(world, "gone", gone)
    with acting_as_system("test"):
        world.keep("specialty", SearchTerm.objects.filter(kind="specialty").order_by("term").first())


def _practice(world: World, name: str, doctor: Doctor) -> None:
    world.doctors[name] = world.keep(name, doctor)
    word = WORDS.get(name, "garza")
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    with acting_as_system("test"):
        own = visit_types.add_visit_type(
            doctor_id=doctor.pk,
            name_es=f"Control {word}" if name == "dC" else "Control",
            duration_minutes=20,
            fee_minor=1000,
            modes=["video"],
        )
        world.one[f"visit type {name}"] = world.keep(name, own)
        blocked = exceptions.add_exception(
            doctor_id=doctor.pk, date=tomorrow, kind="blocked", reason=f"Motivo {word}"
        )
        world.one[f"exception {name}"] = world.keep(name, blocked[0])
        upload = practices.pdf(f"{word}.pdf", text=word)
        pending = credentials.upload_credential(
            doctor_id=doctor.pk, document_type=DocumentType.values[0], upload=upload
        )
        world.one[f"credential {name}"] = world.keep(name, pending)
        if name in ("dA", "dB"):
            reviewed = credentials.upload_credential(
                doctor_id=doctor.pk,
                document_type=DocumentType.values[1],
                upload=practices.pdf(f"{word}-2.pdf", text=f"{word} 2"),
            )
            Credential.objects.filter(pk=reviewed.pk).update(status=CredentialReview.ACCEPTED)
            world.keep(f"{name} reviewed", reviewed)
            doctor.photo.save(f"{PUBLIC_NAMES[name]}.jpg", ContentFile(practices.picture().read()))
        for model in (
            Office,
            WeeklyHours,
            DoctorSpecialty,
            DoctorAvailability,
            DirectoryEntry,
            DirectoryPlace,
        ):
            row = model.objects.filter(doctor=doctor).order_by("pk").first()
            if row is not None:
                world.keep(name, row)
        accepted = Doctor.accepted_insurers.through.objects.get(doctor=doctor)
        world.keep(name, accepted)
        world.one[f"office {name}"] = Office.objects.filter(doctor=doctor).first()


# --- Bookings ---------------------------------------------------------------------------------------------


def _bookings(world: World) -> None:
    start = visits.MONDAY_9.replace(hour=13)
    _visit(world, "aa", "pA", "dA", start, confirmed=True)
    _visit(world, "bb", "pB", "dB", start, confirmed=True)
    # Strangers still choosing: the doctor sees that the time is held, not by whom.
    _visit(world, "ab held", "pA", "dB", start + timedelta(hours=1), confirmed=False)
    _visit(world, "ba held", "pB", "dA", start + timedelta(hours=2), confirmed=False)
    with acting_as_system("test"):
        run_out = timezone.now() - timedelta(hours=1)
        for name, hour in (("pB", 9), ("dB", 10)):
            period = (start + timedelta(days=1, hours=hour), start + timedelta(days=1, hours=hour + 1))
            person = {"patient": world.patients["pB"]} if name == "pB" else {"doctor": world.doctors["dB"]}
            stale = BusyPeriod.objects.create(
                period=period, booking=world.bookings["bb"], hold_expires_at=run_out, **person
            )
            world.keep(f"stale {name[0]}", stale)
        for label, booking in world.bookings.items():
            world.keep(
                label, BookingTransition.objects.filter(booking=booking).order_by("created_at").first()
            )
            for busy in BusyPeriod.objects.filter(
                booking=booking, hold_expires_at__isnull="held" not in label
            ):
                world.keep(f"{label} {'d' if busy.doctor_id else 'p'}", busy)
        for name in ("pA", "pB", "dA", "dB"):
            with acting_as(identity_for(world.users[name])):
                feed, world.one[f"feed {name}"] = feeds.create_feed(user=world.users[name])
            # Each is read at another hour, which the page says.
            feed.last_read_at = feed.created_at + timedelta(hours=len(world.one))
            feed.save(update_fields=["last_read_at"])
            world.keep(name, feed)


def _visit(world: World, label: str, patient: str, doctor: str, start: datetime, *, confirmed: bool) -> None:
    make = visits.book if confirmed else visits.hold
    booking = make(
        world.users[patient],
        world.patients[patient],
        world.doctors[doctor],
        start,
        patient_notes=f"Motivo {WORDS[patient]}",
        payment_method=PaymentMethod.AT_CLINIC,
    )
    world.bookings[label] = world.keep(label, booking)


# --- Rows of sign-in, staff, messages -----------------------------------------------------------------------


def _sign_in_rows(world: World) -> None:
    with acting_as_system("test"):
        for name, user in world.users.items():
            address = EmailAddress.objects.get(user=user)
            world.keep(name, address)
            world.keep(name, EmailConfirmation.objects.create(email_address=address, key=f"key {name}"))
            opened = sessions.open_api_session(
                user=user, user_agent=f"App {WORDS[name]}", ip_address=address_of(name)
            )
            world.one[f"access {name}"] = opened.access
            world.one[f"api session {name}"] = world.keep(name, opened.session)
            world.one[f"web session {name}"] = world.keep(
                name,
                UserSession.objects.create(
                    user=user,
                    ip=address_of(name),
                    session_key=f"session-{name}",
                    user_agent=f"Web {WORDS[name]}",
                ),
            )
            social = SocialAccount.objects.create(user=user, provider="google", uid=f"uid-{WORDS[name]}")
            world.keep(name, social)
            world.keep(name, SocialToken.objects.create(account=social, token=f"token-{WORDS[name]}"))
            passkey = Authenticator.objects.create(
                user=user,
                type=Authenticator.Type.WEBAUTHN,
                data={"name": f"Llave {WORDS[name]}", "credential": _passkey(name)},
            )
            world.one[f"passkey {name}"] = world.keep(name, passkey)


def _passkey(name: str) -> dict[str, Any]:
    """What a browser answers when it makes a passkey, with a key of nobody's."""
    key = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, name.encode(), key)
    seen = AuthenticatorData.create(
        sha256(b"testserver"),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT,
        1,
        bytes(credential),
    )
    client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "https://testserver")
    response = AuthenticatorAttestationResponse(
        client_data=client, attestation_object=AttestationObject.create("none", seen, {})
    )
    return dict(RegistrationResponse(raw_id=name.encode(), response=response))


def _staff_rows(world: World) -> None:
    with acting_as(identity_for(world.users["admin"])):
        world.keep("entry", audit.record("banned_user", world.users["pB"], word="granate"))
    with acting_as_system("test"):
        last = AdminAuditLog.objects.order_by("-sequence").first()
        anchor = AuditAnchor.objects.create(
            anchored_on=timezone.now().date(), sequence=last.sequence, digest=last.digest
        )
        world.keep("anchor", anchor)
        ended = ImpersonationSession.objects.create(
            admin=world.users["admin"],
            user=world.users["pB"],
            reason="Motivo granate",
            expires_at=timezone.now(),
            ended_at=timezone.now(),
        )
        world.one["impersonation"] = world.keep("ended", ended)
        mail = SignInMail.objects.create(recipient="topacio@example.com", subject="topacio", text="topacio")
        world.keep("mail", mail)
        key = IdempotencyKey.objects.create(scope="s", key="k", route="r", request_hash="h")
        world.keep("key", key)
        world.keep("event", OutboxEvent.objects.order_by("sequence").first())


def _messages(world: World) -> None:
    with acting_as_system("test"):
        Notification.objects.all().delete()
    for name, user in world.users.items():
        booking = world.bookings["aa" if name in ("pA", "dA") else "bb"] if name in WITH_VISITS else None
        kind = NotificationKind.NEW_BOOKING if name[0] == "d" else NotificationKind.BOOKING_CONFIRMED
        notice = messaging.make_notice(user, booking, kind=kind)
        world.one[f"notice {name}"] = world.keep(name, notice)
        world.keep(name, messaging.make_preferences(user, quiet_from_minute=20 * 60 + len(world.one)))
        with acting_as_system("test"):
            world.keep(name, Notification.objects.get(pk=notice.notification_id))
            assert InboxNotice.objects.filter(user=user).count() == 1


def _links(world: World) -> None:
    with acting_as_system("test"):
        world.one["link"] = booking_url(world.bookings["aa"]).rstrip("/").rsplit("/", 1)[-1]
    world.one["photo"] = world.doctors["dA"].photo.name.rsplit("/", 1)[-1]


def _identities(world: World) -> None:
    world.identities = {
        "none": None,
        "anonymous": Identity(Kind.ANONYMOUS),
        "sign-in": Identity(Kind.SIGN_IN, user_id=world.users["pA"].pk),
        **{name: identity_for(user) for name, user in world.users.items()},
        "system": Identity(Kind.SYSTEM, reason="matrix"),
    }


def _secrets(world: World) -> dict[str, tuple[str, ...]]:
    """For each person the texts that nobody else may read."""
    secrets = {name: [word, address_of(name)] for name, word in WORDS.items()}
    for name, label in (("pA", "aa"), ("pB", "bb")):
        booking = world.bookings[label]
        secrets[name] += [booking.reference.lower(), str(booking.pk), str(world.patients[name].pk)]
    return {name: tuple(texts) for name, texts in secrets.items()}
