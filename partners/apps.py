"""The app of what only partners need."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Keys, idempotency records, events and webhooks."""

    name = "partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Have what is announced kept and forgotten, and webhooks carried by every worker."""
        from contacts import announcements, rounds
        from contacts.operations import retention
        from partners.rounds import carry_webhooks
        from partners.webhooks import recording

        announcements.announced.connect(recording.record, dispatch_uid="partners.recording")
        announcements.erased.connect(recording.forget, dispatch_uid="partners.forgetting")
        rounds.go_also("webhooks", carry_webhooks)
        retention.forget_also("partner_events", recording.too_old)
