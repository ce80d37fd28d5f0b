"""The one domain app: contacts, the operations on them, and the ways in."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Registers the system checks and the groups of staff when Django starts."""

    name = "contacts"
    verbose_name = _("Video calls")

    def ready(self) -> None:
        """Register the system checks, and have the groups of staff made."""
        from contacts import checks  # noqa: F401 (importing registers)
        from contacts.staff_groups import make_groups

        post_migrate.connect(make_groups, dispatch_uid="contacts.staff_groups")


class StaffAdminConfig(AdminConfig):
    """Django admin, with a login of two steps."""

    default_site = "contacts.staff_site.StaffSite"
