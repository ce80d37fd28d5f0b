"""The stored record of what happened. Every invariant is a constraint of the database; no row talks to the network."""

from __future__ import annotations

from contacts.models.audit_entries import AuditEntry
from contacts.models.availabilities import Availability, AvailabilityQuerySet
from contacts.models.call_qualities import SCORES, CallQuality, QualitySpell
from contacts.models.callback_requests import CallbackRequest
from contacts.models.consents import Consent, ConsentQuerySet
from contacts.models.contact_events import ContactEvent
from contacts.models.contact_legs import ContactLeg, ContactLegQuerySet
from contacts.models.contact_tags import TAG_MAX_CHARACTERS, ContactTag
from contacts.models.contacts import Contact, ContactQuerySet
from contacts.models.dead_letters import DeadLetter
from contacts.models.entry_point_grants import EntryPointGrant
from contacts.models.entry_points import EntryPoint, EntryPointQuerySet
from contacts.models.handovers import Handover, HandoverQuerySet
from contacts.models.hours_overrides import HoursOverride
from contacts.models.identity_keys import IdentityKey, SpentIdentity
from contacts.models.invitations import PLACES, Invitation
from contacts.models.join_links import JoinLink
from contacts.models.leases import Lease
from contacts.models.logos import Logo
from contacts.models.participants import NO_SECRETS, Participant
from contacts.models.partners import Partner
from contacts.models.references import Reference
from contacts.models.reminders import Reminder, ReminderQuerySet
from contacts.models.request_buckets import RequestBucket
from contacts.models.second_factors import RecoveryCode, SecondFactor
from contacts.models.staff_identities import StaffIdentity
from contacts.models.surveys import RATINGS, Survey

__all__ = [
    "NO_SECRETS",
    "PLACES",
    "RATINGS",
    "SCORES",
    "TAG_MAX_CHARACTERS",
    "AuditEntry",
    "Availability",
    "AvailabilityQuerySet",
    "CallQuality",
    "CallbackRequest",
    "Consent",
    "ConsentQuerySet",
    "Contact",
    "ContactEvent",
    "ContactLeg",
    "ContactLegQuerySet",
    "ContactQuerySet",
    "ContactTag",
    "DeadLetter",
    "EntryPoint",
    "EntryPointGrant",
    "EntryPointQuerySet",
    "Handover",
    "HandoverQuerySet",
    "HoursOverride",
    "IdentityKey",
    "Invitation",
    "JoinLink",
    "Lease",
    "Logo",
    "Participant",
    "Partner",
    "QualitySpell",
    "RecoveryCode",
    "Reference",
    "Reminder",
    "ReminderQuerySet",
    "RequestBucket",
    "SecondFactor",
    "SpentIdentity",
    "StaffIdentity",
    "Survey",
]
