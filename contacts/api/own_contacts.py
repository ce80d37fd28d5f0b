"""What the endpoints about one contact share: whose it is, the key of a repeated request, and how answers are sent."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request

from drf_spectacular.utils import OpenApiParameter

from contacts import customers
from contacts.access import contact_of_customer, contact_of_partner, place_of_guest
from contacts.api.callers import caller_of
from contacts.errors import VersionChanged, VersionUnsaid
from contacts.guests import guest_key_of
from contacts.models import Contact, Invitation
from contacts.snapshots import snapshot_of, timestamp

IDEMPOTENCY_KEY_MAX = 255
UNSEEN = {"Cache-Control": "no-store"}
REPEATABLE = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="One per click. The same key and body get the same answer, and nothing is done twice.",
)


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The `ETag` that the contact was read with: it is changed only while it is still that. `*` for any.",
)
ETAG = re.compile(r'"v([0-9]{1,9})"\Z')


def own_contact(request: Request, contact_id: UUID) -> Contact:
    """Return the contact if the request's customer started it, or it belongs to the request's partner.

    :raises Http404: it is not theirs, or there is none.
    """
    caller = caller_of(request)
    contact = (
        contact_of_customer(contact_id=contact_id, customer_key=customers.customer_key_of(request))
        if caller is None
        else contact_of_partner(
            contact_id=contact_id, partner=caller.partner, is_test=caller.is_test
        )
    )
    if contact is None:
        raise Http404
    return contact


def own_place(request: Request, invitation_id: UUID) -> Invitation:
    """Return the invitation if the request's guest accepted it.

    :raises Http404: it is not theirs, or there is none.
    """
    invitation = place_of_guest(invitation_id=invitation_id, guest_key=guest_key_of(request))
    if invitation is None:
        raise Http404
    return invitation


def idempotency_key_of(request: Request) -> str | None:
    """Return what tells a repeated request from a second one, if it is told.

    :raises ValidationError: it is too long.
    """
    key = request.headers.get("Idempotency-Key") or None
    if key is not None and (len(key) > IDEMPOTENCY_KEY_MAX or not key.isprintable()):
        raise bad_key(f"At most {IDEMPOTENCY_KEY_MAX} printable characters.")
    return key


def bad_key(detail: str) -> exceptions.ValidationError:
    """Return the error that says what is wrong with an idempotency key."""
    return exceptions.ValidationError({"Idempotency-Key": [detail]})


def shown(contact: Contact) -> dict[str, Any]:
    """Return a contact as its customer sees it."""
    return {**snapshot_of(contact), "version": contact.version}


def shown_to(request: Request, contact: Contact) -> dict[str, Any]:
    """Return a contact as whoever sent the request sees it: a partner also sees what it said and noted of it."""
    if caller_of(request) is None:
        return shown(contact)
    return shown_to_partner(contact)


def shown_to_partner(contact: Contact) -> dict[str, Any]:
    """Return a contact as its partner sees it."""
    return {
        **shown(contact),
        "livemode": not contact.is_test,
        "name": contact.name,
        "description": contact.description,
        "attributes": contact.attributes,
        "notes": contact.partner_notes,
        "tags": [tag.text for tag in contact.tags.all() if tag.by_partner],
        "related_contact": contact.related_contact_id and str(contact.related_contact_id),
        "locale": contact.locale,
        "failure_code": contact.failure_code or None,
        "erased_at": timestamp(contact.erased_at),
    }


def etag_of(contact: Contact) -> str:
    """Return what says which version of a contact somebody has seen."""
    return f'"v{contact.version}"'


def version_wanted(request: Request) -> int | None:
    """Return the version that the request is to change, or None if any will do.

    :raises VersionUnsaid: there is no `If-Match`.
    :raises VersionChanged: it is no ETag of ours.
    """
    etag = request.headers.get("If-Match", "").strip()
    if not etag:
        raise VersionUnsaid("If-Match")
    if etag == "*":
        return None
    found = ETAG.match(etag)
    if found is None:
        raise VersionChanged("If-Match")
    return int(found[1])
