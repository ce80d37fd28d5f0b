"""The app of what joins the others: pages, sentences, and the mails made of them."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class PortalConfig(AppConfig):
    """The product's own pages."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Have every worker send the mails that are due, and begin traces where they are wanted.

        :raises ImproperlyConfigured: traces are wanted, and what sends them is not installed.
        """
        from contacts import rounds
        from portal.reminder_mails import send_due_reminder

        rounds.go_also("reminders", send_due_reminder)
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
                hint = "pip install --require-hashes -r requirements/telemetry.txt"
                raise ImproperlyConfigured(f"OTEL_EXPORTER_OTLP_ENDPOINT is set: {hint}")
            from portal import traces

            traces.begin()
