"""Django admin for those who run the portal: entry points are edited, contacts are read, noted and ended. By subject."""

from __future__ import annotations

# Each registers what it is about.
from contacts.admin.audit_log import AuditEntryAdmin
from contacts.admin.callbacks import CallbackRequestAdmin
from contacts.admin.contacts import ContactAdmin
from contacts.admin.dead_letters import DeadLetterAdmin
from contacts.admin.entry_points import EntryPointAdmin
from contacts.admin.hours_overrides import HoursOverrideAdmin
from contacts.admin.identity_keys import IdentityKeyAdmin
from contacts.admin.second_factors import SecondFactorAdmin

__all__ = [
    "AuditEntryAdmin",
    "CallbackRequestAdmin",
    "ContactAdmin",
    "DeadLetterAdmin",
    "EntryPointAdmin",
    "HoursOverrideAdmin",
    "IdentityKeyAdmin",
    "SecondFactorAdmin",
]
