"""manage.py verify_audit: read the audit log from its first row and report every sign of tampering."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.models import AdminAuditLog
from medai.common.identity import acting_as_system


def _anchor(text: str) -> audit.Anchor:
    sequence, _, digest = text.partition(":")
    if not sequence.isdigit() or len(digest) != 64:
        raise ArgumentTypeError("an anchor is SEQUENCE:DIGEST, as it stands in the log")
    return audit.Anchor(int(sequence), digest)


class Command(BaseCommand):
    help = "Check the chain of the audit log. Ends with an error where a row was forged, removed or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            type=_anchor,
            action="append",
            default=[],
            help="SEQUENCE:DIGEST from an 'Audit anchor' line of the logs; guards against anchors removed as well",
        )

    def handle(self, *args: Any, anchor: list[audit.Anchor], **options: Any) -> None:
        defects = list(audit.verify(tuple(anchor)))
        for defect in defects:
            self.stdout.write(f"{defect.kind} at {defect.sequence}")
        if defects:
            raise CommandError(f"The audit log was tampered with: {len(defects)} findings.")
        with acting_as_system("verify audit"):
            total = AdminAuditLog.objects.count()
        self.stdout.write(f"The audit log is whole: {total} rows.")
