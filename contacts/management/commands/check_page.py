"""Says why the video call does not work in a company's page, with the line or header to add."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.embed_doctor import examine
from contacts.models import EntryPoint

PAGE_MAX_BYTES = 5_000_000
TIMEOUT_S = 15


class Command(BaseCommand):
    """Reads the page once, as any visitor may, and changes nothing."""

    help = "Check a website's page that is to show the video call button."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the page, the entry point and where the portal is."""
        parser.add_argument("url", help="of the page, such as https://www.example.com/contact")
        parser.add_argument("--entry-point", required=True, metavar="SLUG")
        parser.add_argument(
            "--portal",
            required=True,
            metavar="ORIGIN",
            help="of this portal, such as https://calls.example.com",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding; fail when something is to be done."""
        slug, url = options["entry_point"], options["url"]
        entry_point = EntryPoint.objects.filter(slug=slug).first()
        if entry_point is None:
            known = ", ".join(EntryPoint.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no entry point {slug!r}. There are: {known}.")
        if urlsplit(url).scheme not in ("http", "https"):
            raise CommandError(f"{url!r} is no http:// or https:// address.")
        html, headers = _read(url)
        findings = examine(
            url=url,
            html=html,
            headers=headers,
            portal=options["portal"].rstrip("/"),
            entry_point=entry_point,
        )
        for finding in findings:
            self.stdout.write(f"{'ok  ' if finding.ok else 'FIX '} {finding.what}")
            if not finding.ok:
                self.stdout.write(f"     {finding.remedy}")
        wrong = sum(not finding.ok for finding in findings)
        if wrong:
            raise CommandError(f"{wrong} to fix.")
        self.stdout.write("Nothing to fix.")


def _read(url: str) -> tuple[str, dict[str, str]]:
    # http and https only: `handle` has seen to it.
    request = urllib.request.Request(url, headers={"User-Agent": "connect-video-portal"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            charset = answer.headers.get_content_charset() or "utf-8"
            text = answer.read(PAGE_MAX_BYTES).decode(charset, "replace")
            return text, {name.lower(): value for name, value in answer.headers.items()}
    except (urllib.error.URLError, OSError, LookupError) as error:
        raise CommandError(f"{url} could not be read: {error}") from error
