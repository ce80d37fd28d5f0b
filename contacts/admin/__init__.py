"""Django admin for those who run the portal: entry points are edited, contacts are read, noted and ended. By subject."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

# Each registers what it is about.
from contacts.admin.audit_log import AuditEntryAdmin
from contacts.admin.callbacks import CallbackRequestAdmin
from contacts.admin.contacts import ContactAdmin
from contacts.admin.dead_letters import DeadLetterAdmin
from contacts.admin.entry_points import EntryPointAdmin
from contacts.admin.identity_keys import IdentityKeyAdmin
from contacts.admin.login import ThrottledLoginForm

__all__ = [
    "AuditEntryAdmin",
    "CallbackRequestAdmin",
    "ContactAdmin",
    "DeadLetterAdmin",
    "EntryPointAdmin",
    "IdentityKeyAdmin",
]

admin.site.site_header = _("Connect Video Portal")
admin.site.site_title = _("Connect Video Portal")
admin.site.index_title = _("Video calls")
admin.site.login_form = ThrottledLoginForm
