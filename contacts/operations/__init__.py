"""Everything that can be done with a call. Each operation owns its order of steps: intent, network, result, publication.

Interfaces (API, pages, admin, consumers, tasks) make one call here each. All arguments are by keyword, time is passed
in, and no transaction is open while Amazon Connect is asked.
"""

from __future__ import annotations

from contacts.incoming_events import IncomingEvent
from contacts.operations.adding import AddedParticipant, add_participant
from contacts.operations.admitting import admit_guest, connection_of_guest, settle_admission
from contacts.operations.annotating import annotate_contact
from contacts.operations.availabilities import ask_anew, read_availability, watch_availability
from contacts.operations.call_requests import UNSIGNED, CallRequest
from contacts.operations.callbacks import (
    CallbackWish,
    callback_of_customer,
    cancel_callback,
    claim_callback,
    finish_callback,
    release_callback,
    request_callback,
)
from contacts.operations.customer_presence import note_customer_asking
from contacts.operations.dead_letters import keep_dead_letter
from contacts.operations.disconnecting import (
    disconnect_guest,
    leave_call,
    remove_participant,
    revoke_invitation,
)
from contacts.operations.ending import end_call
from contacts.operations.entry_points import (
    change_entry_point,
    make_entry_point,
    remove_entry_point,
)
from contacts.operations.erasing import erase_contact
from contacts.operations.facts_applying import apply_facts
from contacts.operations.handing_over import OPEN_FOR, OfferedHandover, hand_over, take_over
from contacts.operations.inbox import (
    Taken,
    apply_contact_event,
    apply_contact_events,
    redrive_dead_letter,
    take_event,
    take_events,
)
from contacts.operations.inviting import (
    MadeInvitation,
    accept_invitation,
    invite,
    token_of,
)
from contacts.operations.join_links import join_by_link, make_join_link
from contacts.operations.keying import send_digits
from contacts.operations.noting import note_contact, tags_of
from contacts.operations.qualities import QualityReport, ReportedSpell, take_quality_report
from contacts.operations.referring import set_references
from contacts.operations.refreshing import refresh_contact
from contacts.operations.rejoining import connection_for, rejoin_call
from contacts.operations.reminders import (
    claim_due_reminder,
    forget_reminder,
    request_reminder,
)
from contacts.operations.settling import settle_start
from contacts.operations.start_outcomes import StartedCall
from contacts.operations.starting import start_call
from contacts.operations.surveying import submit_survey

__all__ = [
    "OPEN_FOR",
    "UNSIGNED",
    "AddedParticipant",
    "CallRequest",
    "CallbackWish",
    "IncomingEvent",
    "MadeInvitation",
    "OfferedHandover",
    "QualityReport",
    "ReportedSpell",
    "StartedCall",
    "Taken",
    "accept_invitation",
    "add_participant",
    "admit_guest",
    "annotate_contact",
    "apply_contact_event",
    "apply_contact_events",
    "apply_facts",
    "ask_anew",
    "callback_of_customer",
    "cancel_callback",
    "change_entry_point",
    "claim_callback",
    "claim_due_reminder",
    "connection_for",
    "connection_of_guest",
    "disconnect_guest",
    "end_call",
    "erase_contact",
    "finish_callback",
    "forget_reminder",
    "hand_over",
    "invite",
    "join_by_link",
    "keep_dead_letter",
    "leave_call",
    "make_entry_point",
    "make_join_link",
    "note_contact",
    "note_customer_asking",
    "read_availability",
    "redrive_dead_letter",
    "refresh_contact",
    "rejoin_call",
    "release_callback",
    "remove_entry_point",
    "remove_participant",
    "request_callback",
    "request_reminder",
    "revoke_invitation",
    "send_digits",
    "set_references",
    "settle_admission",
    "settle_start",
    "start_call",
    "submit_survey",
    "tags_of",
    "take_event",
    "take_events",
    "take_over",
    "take_quality_report",
    "token_of",
    "watch_availability",
]
