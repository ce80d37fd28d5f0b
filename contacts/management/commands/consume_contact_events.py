"""Takes contact events from the queue of CONNECT_EVENTS_SQS_URL until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from contacts import metrics_server
from contacts.event_consumer import EventConsumer
from contacts.event_queue import EventQueue
from contacts.stopping import Stopping


class Command(BaseCommand):
    """One of the ways in for contact events; any number may run at the same time."""

    help = "Take contact events from the queue of CONNECT_EVENTS_SQS_URL until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path of a file that shows that the consumer lives."""
        parser.add_argument(
            "--heartbeat-file",
            type=Path,
            metavar="PATH",
            help="touched at least every 25 seconds while queue and database answer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Consume.

        :raises CommandError: no queue is configured.
        """
        url = settings.CONNECT_EVENTS_SQS_URL
        if not url:
            raise CommandError("CONNECT_EVENTS_SQS_URL is empty: set it to the URL of the queue.")
        stopping = Stopping()
        stopping.listen()
        metrics_server.begin()
        queue = EventQueue(url)
        self.stdout.write(f"Taking contact events from {url}")
        try:
            EventConsumer(
                queue,
                stopping=stopping,
                clock=timezone.now,
                heartbeat=options["heartbeat_file"],
            ).run()
        finally:
            queue.close()
        self.stdout.write("Ended.")
