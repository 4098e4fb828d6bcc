"""Verify and approve a doctor from the command line, as the console does."""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from accounts.identity import identity_for
from accounts.models import Role, User
from doctors.models import Doctor
from doctors.models.doctors import CredentialStatus
from doctors.services import verification
from medai.common.errors import DomainError
from medai.common.identity import acting_as, acting_as_system


class Command(BaseCommand):
    help = "Verify a submitted doctor (--reject sends back with notes), as the given member of staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("doctor", help="id, slug or email of the doctor")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the admin who decides; it is logged"
        )
        parser.add_argument("--reject", metavar="NOTES", help="send back, telling the doctor these notes")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as_system("doctor_approve"):
            doctor = self._doctor(options["doctor"])
            admin = User.objects.filter(email=options["by"].lower(), role=Role.ADMIN, is_active=True).first()
        if admin is None:
            raise CommandError(f"{options['by']} is no active administrator.")
        decision = CredentialStatus.REJECTED if options["reject"] else CredentialStatus.VERIFIED
        try:
            with acting_as(identity_for(admin)):
                verification.review(doctor_id=doctor.pk, decision=decision, notes=options["reject"] or "")
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{doctor.slug}: {decision}")

    def _doctor(self, wanted: str) -> Doctor:
        known = Q(slug=wanted) | Q(user__email=wanted.lower())
        with suppress(ValueError):
            known |= Q(pk=UUID(wanted))
        doctor = Doctor.objects.filter(known).first()
        if doctor is None:
            raise CommandError(f"There is no doctor {wanted}.")
        return doctor
