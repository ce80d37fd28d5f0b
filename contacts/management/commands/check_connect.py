"""Says what keeps the calls of an entry point from working in Amazon Connect, with the permissions to add."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from contacts.connection_doctor import examine_connection
from contacts.models import EntryPoint


class Command(BaseCommand):
    """Asks Amazon Connect, and changes nothing."""

    help = "Check instance, contact flow, permissions, hours and contact events of an entry point."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the entry point."""
        parser.add_argument("--entry-point", metavar="SLUG", help="all of them if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding; fail when something is to be done."""
        slug = options["entry_point"]
        chosen = EntryPoint.objects.filter(slug=slug) if slug else EntryPoint.objects.all()
        if slug and not chosen:
            known = ", ".join(EntryPoint.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no entry point {slug!r}. There are: {known}.")
        wrong = sum(self._check(entry_point) for entry_point in chosen)
        if wrong:
            raise CommandError(f"{wrong} to do.")
        self.stdout.write("Nothing to do.")

    def _check(self, entry_point: EntryPoint) -> int:
        findings, statement = examine_connection(entry_point=entry_point, at=timezone.now())
        self.stdout.write(f"{entry_point.slug}:")
        for finding in findings:
            self.stdout.write(f"{'ok  ' if finding.ok else 'TO DO '} {finding.what}")
            if not finding.ok:
                self.stdout.write(f"     {finding.remedy}")
        if statement:
            self.stdout.write(f"Add to the policy of the portal's role:\n{statement}")
        return sum(not finding.ok for finding in findings)
