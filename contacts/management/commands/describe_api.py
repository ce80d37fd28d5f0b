"""Writes the API's description into the documentation, unless it takes away what programs may rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from drf_spectacular.generators import SchemaGenerator

from contacts.api.compatibility import taken_away


def _description() -> Any:
    generator: Any = SchemaGenerator  # its package has no types
    return generator().get_schema(public=True)


class Command(BaseCommand):
    """Compares with the copy there is, then replaces it."""

    help = "Write docs/reference/openapi.json. Changes that would break programs are refused."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where it is, and whether it may break programs."""
        default = settings.BASE_DIR / "docs" / "reference" / "openapi.json"
        parser.add_argument("--file", type=Path, default=default)
        parser.add_argument(
            "--breaking", action="store_true", help="write it even if programs will miss something"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        file: Path = options["file"]
        described = json.loads(json.dumps(_description()))
        if file.exists() and not options["breaking"]:
            missed = taken_away(json.loads(file.read_text()), described)
            if missed:
                listed = "\n".join(missed)
                raise CommandError(
                    f"Programs would miss:\n{listed}\nKeep it, or write it with --breaking."
                )
        file.write_text(json.dumps(described, indent=4, ensure_ascii=False) + "\n")
        self.stdout.write(str(file))
