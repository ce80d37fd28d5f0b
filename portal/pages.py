"""The customer's pages: the entry points, the call page (new, or of a call that exists) and what happened to a call.

Each view reads and renders; what a call does is asked of `contacts`. A stranger is told that there is no such page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from contacts import limits, operations
from contacts.access import contact_of_customer, may_watch
from contacts.call_references import normal_reference
from contacts.choices import ContactState
from contacts.customers import customer_key_of, ensure_customer_key
from contacts.errors import ContactOver
from contacts.models import Contact, EntryPoint
from contacts.snapshots import snapshot_of
from portal.messages import MESSAGES, texts_for_script, texts_for_template

# Stands in an address for an id the script fills in; a lawful UUID, so that `reverse` takes it.
_ANY_CONTACT = UUID(int=0)
_ANY_REFERENCE = "REFERENCE"
_BUSY_CODES = frozenset({"capacity", "busy"})


class TimelineEntry(TypedDict):
    """One line of what happened."""

    message_id: str
    text: Promise
    at: datetime


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the places one can call now."""
    return _render(request, "home.html", {"entry_points": EntryPoint.objects.open()})


@require_safe
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call page of an entry point."""
    entry_point = get_object_or_404(EntryPoint, slug=slug)
    response = _call_page(request, entry_point, contact=None, connection=None)
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
    return _call_page(request, contact.entry_point, contact=contact, connection=connection)


@require_safe
def call_help(request: HttpRequest, reference: str) -> HttpResponse:
    """Say plainly what happened to a call, to the customer who made it and to staff."""
    contact = (
        Contact.objects.select_related("entry_point")
        .filter(reference=normal_reference(reference))
        .first()
    )
    if contact is None or not may_watch(
        contact_id=contact.pk, customer_key=customer_key_of(request), user=_user_of(request)
    ):
        raise Http404
    verdict = _verdict_id(contact)
    context = {
        "contact": contact,
        "verdict_id": verdict,
        "verdict": MESSAGES[verdict],
        "timeline": _timeline(contact),
    }
    return _unseen(_render(request, "call_help.html", context))


def _call_page(
    request: HttpRequest,
    entry_point: EntryPoint,
    *,
    contact: Contact | None,
    connection: dict[str, Any] | None,
) -> HttpResponse:
    shown = None if contact is None else {**snapshot_of(contact), "version": contact.version}
    data = {
        "entry_point": {
            "slug": entry_point.slug,
            "name": entry_point.name,
            "company": entry_point.company,
            "name_required": entry_point.name_required,
            "video": entry_point.customer_video,
            "open": entry_point.is_open,
        },
        "urls": _addresses(entry_point),
        "contact": shown,
        "connection": connection,
        "messages": texts_for_script(),
        "limits": {
            "name": limits.NAME_MAX_CHARACTERS,
            "description": limits.DESCRIPTION_MAX_CHARACTERS,
        },
    }
    response = _render(request, "call.html", {"entry_point": entry_point, "call_data": data})
    return response if contact is None else _unseen(response)


def _addresses(entry_point: EntryPoint) -> dict[str, str]:
    """Return the addresses the script uses, with `:id` and `:reference` where a contact's go."""

    def of_contact(name: str) -> str:
        return reverse(name, args=[_ANY_CONTACT]).replace(str(_ANY_CONTACT), ":id")

    help_address = reverse("call-help", args=[_ANY_REFERENCE])
    return {
        "contacts": reverse("contact-list"),
        "contact": of_contact("contact-detail"),
        "end": of_contact("contact-end"),
        "connection": of_contact("contact-connection"),
        "socket": "/ws/contacts/:id/",
        "page": of_contact("existing-call"),
        "call": reverse("call", args=[entry_point.slug]),
        "help": help_address.replace(_ANY_REFERENCE, ":reference"),
        "home": reverse("home"),
    }


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


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    return request.user


def _unseen(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {"text": texts_for_template(), **context})
