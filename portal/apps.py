"""The app of what joins the others: pages, sentences, and the mails made of them."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The product's own pages."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Have every worker send the mails that are due."""
        from contacts import rounds
        from portal.reminder_mails import send_due_reminder

        rounds.go_also("reminders", send_due_reminder)
