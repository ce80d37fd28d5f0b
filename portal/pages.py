"""The customer's pages: the entry points, the call page (new, or of a call that exists) and what happened to a call.

Each view reads and renders; what a call does is asked of `contacts`. A stranger is told that there is no such page.
Only pages without a connection are compressed, since the length of what is compressed may tell of a secret in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contacts import operations
from contacts.access import contact_of_customer, contact_to_explain
from contacts.call_references import normal_reference
from contacts.choices import ContactState
from contacts.customers import customer_key_of, ensure_customer_key
from contacts.errors import ContactOver
from contacts.models import Contact, EntryPoint
from contacts.snapshots import snapshot_of
from portal.call_page import call_page, render_page, unseen
from portal.messages import MESSAGES
from portal.themes import theme_of

_BUSY_CODES = frozenset({"capacity", "busy"})


class TimelineEntry(TypedDict):
    """One line of what happened."""

    message_id: str
    text: Promise
    at: datetime


@require_safe
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """List the places one can call now."""
    return render_page(request, "home.html", {"entry_points": EntryPoint.objects.open()})


@require_safe
@gzip_page
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call page of an entry point."""
    entry_point = get_object_or_404(EntryPoint, slug=slug)
    response = call_page(request, entry_point)
    # So that even a call that fails to start belongs to somebody who may ask what happened.
    ensure_customer_key(request, response)
    return response


@require_safe
def existing_call(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Show the call page for a call that exists, to the customer who started it."""
    customer_key = customer_key_of(request)
    contact = contact_of_customer(contact_id=contact_id, customer_key=customer_key)
    if contact is None:
        raise Http404
    connection = _connection_of(contact, customer_key)
    shown = {**snapshot_of(contact), "version": contact.version}
    return call_page(request, contact.entry_point, shown=shown, connection=connection)


@require_safe
def call_help(request: HttpRequest, reference: str) -> HttpResponse:
    """Say plainly what happened to a call, to the customer who made it and to staff."""
    user = request.user
    user.is_authenticated  # noqa: B018 (looked up first: headers must not tell whether there is such a call)
    contact_id = (
        Contact.objects.filter(reference=normal_reference(reference))
        .values_list("pk", flat=True)
        .first()
    )
    contact = contact_id and contact_to_explain(
        contact_id=contact_id, customer_key=customer_key_of(request), user=user
    )
    if not contact:
        raise Http404
    verdict = _verdict_id(contact)
    context = {
        "contact": contact,
        "theme": theme_of(contact.entry_point),
        "verdict_id": verdict,
        "verdict": MESSAGES[verdict],
        "timeline": _timeline(contact),
    }
    return unseen(render_page(request, "call_help.html", context))


def _connection_of(contact: Contact, customer_key: str | None) -> dict[str, Any] | None:
    """Return what the customer may come back with, or None when the call is over."""
    try:
        return operations.connection_for(contact=contact, customer_key=customer_key)
    except ContactOver:
        return None


def _verdict_id(contact: Contact) -> str:
    if contact.state == ContactState.FAILED:
        busy = contact.failure_code in _BUSY_CODES
        return "help.verdict.failed.busy" if busy else "help.verdict.failed"
    if contact.state != ContactState.ENDED:
        return "help.verdict.running"
    return f"help.verdict.{contact.end_reason or 'ended'}"


def _timeline(contact: Contact) -> list[TimelineEntry]:
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
