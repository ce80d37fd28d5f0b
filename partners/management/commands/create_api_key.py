"""Makes a key for a partner's program, and prints it once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from contacts.choices import Scope
from contacts.models import EntryPoint, Partner
from partners.models import ApiKey


class Command(BaseCommand):
    """Creates the partner if there is none of that name."""

    help = "Create an API key for a partner, and print it: it is not stored and not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose key it is and what it may do."""
        parser.add_argument("partner", help="name of the partner, such as Example")
        parser.add_argument("--name", default="command line", help="of the program that uses it")
        parser.add_argument("--test", action="store_true", help="a test key")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it may do; may be repeated; all scopes if left out",
        )
        parser.add_argument(
            "--entry-point",
            action="append",
            default=[],
            metavar="SLUG",
            help="where the partner may start calls; may be repeated",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and print it alone on its line."""
        partner, _ = Partner.objects.get_or_create(name=options["partner"])
        for slug in options["entry_point"]:
            entry_point = EntryPoint.objects.filter(slug=slug).first()
            if entry_point is None:
                known = ", ".join(EntryPoint.objects.values_list("slug", flat=True)) or "none"
                raise CommandError(f"There is no entry point {slug!r}. There are: {known}.")
            partner.entry_points.add(entry_point)
        key = ApiKey(
            partner=partner,
            name=options["name"],
            mode="test" if options["test"] else "live",
            scopes=options["scope"] or list(Scope.values),
        )
        key.make_key()
        try:
            key.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        key.save()
        self.stdout.write(key.made_key)
