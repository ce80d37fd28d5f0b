"""The one domain app: contacts, the operations on them, and the ways in."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Registers the system checks when Django starts."""

    name = "contacts"
    verbose_name = _("Video calls")

    def ready(self) -> None:
        """Register the system checks."""
        from contacts import checks  # noqa: F401 (importing registers)
