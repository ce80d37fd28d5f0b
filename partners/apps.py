"""The app of what only partners need."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Keys, idempotency records, events and webhooks."""

    name = "partners"
    verbose_name = _("Partners")
