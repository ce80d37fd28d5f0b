"""Creates what a first look needs: the entry point `demo`, and on a developer's machine the administrator `admin`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from contacts.models import EntryPoint
from contacts.models.entry_points import MAX_ORIGINS

DEMO_LOGIN = "admin"


class Command(BaseCommand):
    """Idempotent; asks nothing; changes nothing that exists."""

    help = "Create the demo entry point and, while DEBUG is on, the administrator admin with the password admin."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the website of a demo."""
        parser.add_argument(
            "--website",
            metavar="ORIGIN",
            help="a website that may show the demo entry point, such as http://localhost:8200",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing, and say what there is."""
        entry_point, created = EntryPoint.objects.get_or_create(
            slug="demo",
            defaults={
                "name": "Video call us",
                "company": "Example Company",
                "customer_screen_share": True,
                "agent_screen_share": True,
                # Whoever looks first has no agent yet, and wants to see the queue all the same.
                "ignores_hours": True,
            },
        )
        self.stdout.write(
            f"Entry point {entry_point.slug}: {'created' if created else 'there already'}"
        )
        website = options["website"]
        if website and website not in entry_point.allowed_origins:
            entry_point.allowed_origins = [*entry_point.allowed_origins, website][-MAX_ORIGINS:]
            entry_point.full_clean()
            entry_point.save(update_fields=["allowed_origins"])
            self.stdout.write(f"Website {website}: allowed")
        if not settings.DEBUG:
            self.stdout.write(
                "Administrator: none created, as DEBUG is off. Use manage.py createsuperuser."
            )
            return
        users = get_user_model().objects
        if users.filter(username=DEMO_LOGIN).exists():
            self.stdout.write(f"Administrator {DEMO_LOGIN}: there already")
            return
        users.create_superuser(DEMO_LOGIN, password=DEMO_LOGIN)
        self.stdout.write(
            f"Administrator {DEMO_LOGIN}: created, password {DEMO_LOGIN} (only while DEBUG is on)"
        )
