"""What happened to one call, in words: the verdict, what to do about it, the steps, and a report to pass on to support.

Says nothing that lets anybody into a call, and nothing of who the customer is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from django.utils.functional import Promise

from contacts.choices import ContactState
from contacts.models import Contact
from portal.messages import MESSAGES

_BUSY_CODES = frozenset({"capacity", "busy"})
_TIMES = ("requested_at", "initiated_at", "queued_at", "connected_at", "ended_at")
# What the caller's browser says of itself; nobody signed it.
_DEVICE, _LANGUAGE = "web_device", "web_language"


class TimelineEntry(TypedDict):
    """One line of what happened."""

    message_id: str
    text: Promise
    at: datetime


def verdict_id_of(contact: Contact) -> str:
    """Return the id of the sentence that says why the call ended, or that it goes on."""
    if contact.state == ContactState.FAILED:
        busy = contact.failure_code in _BUSY_CODES
        return "help.verdict.failed.busy" if busy else "help.verdict.failed"
    if contact.state != ContactState.ENDED:
        return "help.verdict.running"
    return f"help.verdict.{contact.end_reason or 'ended'}"


def advice_id_of(contact: Contact) -> str | None:
    """Return the id of the sentence that says what to do, if there is anything to do."""
    advice = verdict_id_of(contact).replace("help.verdict.", "help.advice.")
    return advice if advice in MESSAGES else None


def timeline_of(contact: Contact) -> list[TimelineEntry]:
    """Return the events the customer understands, oldest first.

    Amazon Connect's times are whole seconds: within a second, the order of arrival tells more.
    """
    entries: list[TimelineEntry] = []
    events = sorted(
        contact.events.all(), key=lambda one: (one.occurred_at.replace(microsecond=0), one.pk)
    )
    for event in events:
        message_id = f"help.event.{event.type}"
        if message_id in MESSAGES:
            entries.append(
                {"message_id": message_id, "text": MESSAGES[message_id], "at": event.occurred_at}
            )
    return entries


def report_of(contact: Contact, *, timeline: list[TimelineEntry], at: datetime) -> dict[str, Any]:
    """Return what support wants to know, ready for JSON; times are RFC 3339 in UTC."""
    verdict, advice = verdict_id_of(contact), advice_id_of(contact)
    times = {name: getattr(contact, name) for name in _TIMES}
    return {
        "reference": contact.reference,
        "entry_point": contact.entry_point.name,
        "company": contact.entry_point.company,
        "verdict": {"id": verdict, "text": str(MESSAGES[verdict])},
        "advice": {"id": advice, "text": str(MESSAGES[advice])} if advice else None,
        "state": contact.state,
        "end_reason": contact.end_reason or None,
        "failure_code": contact.failure_code or None,
        "contact_id": str(contact.pk),
        "connect_contact_id": contact.connect_contact_id,
        **{name: moment and _spelt(moment) for name, moment in times.items()},
        "device": contact.attributes.get(_DEVICE),
        "language": contact.attributes.get(_LANGUAGE),
        "timeline": [
            {
                "at": _spelt(entry["at"]),
                "event": entry["message_id"].removeprefix("help.event."),
                "text": str(entry["text"]),
            }
            for entry in timeline
        ],
        "reported_at": _spelt(at),
    }


def report_text_of(report: dict[str, Any]) -> str:
    """Return the report as lines of plain text: the words first, then each fact, then each step."""
    words = [report["verdict"]["text"], *([report["advice"]["text"]] if report["advice"] else [])]
    facts = [
        f"{name}: {value}"
        for name, value in report.items()
        if name not in ("verdict", "advice", "timeline") and value is not None
    ]
    steps = [f"{one['at']}  {one['event']}: {one['text']}" for one in report["timeline"]]
    return "\n".join([*words, "", *facts, "", *steps])


def _spelt(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
