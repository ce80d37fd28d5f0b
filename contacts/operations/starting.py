"""Starts calls: the intent is committed, then Amazon Connect is asked, then the result is committed.

Whatever fails in between, a row says how far it came, the same client token never starts a second contact, and a round
of the worker finds and settles what nobody finished.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError

import structlog

from contacts import connect, errors
from contacts.call_references import new_reference
from contacts.choices import ParticipantRole, PortalEvent
from contacts.commits import commit
from contacts.connect_client import is_simulated
from contacts.customers import hash_customer_key
from contacts.models import Consent, Contact, EntryPoint, Participant, Partner, Reference
from contacts.operations.call_requests import CallRequest
from contacts.operations.ceilings import keep_below_ceilings
from contacts.operations.identifying import Identity, as_identified, identify
from contacts.operations.replaying import answer_again, earlier_contacts, partner_request_hash
from contacts.operations.start_asking import NAMELESS, start_request_of
from contacts.operations.start_outcomes import StartedCall, store_failure, store_result
from contacts.operations.timeline import write_entry

REFERENCE_ATTEMPTS = 5


def start_call(
    *,
    entry_point: EntryPoint,
    request: CallRequest,
    customer_key: str,
    clock: Callable[[], datetime],
    idempotency_key: str | None = None,
    partner: Partner | None = None,
    is_test: bool = False,
    from_page: bool = False,
) -> StartedCall:
    """Start a call. The same customer key and idempotency key return the same call, however often they come.

    A partner's call is known by the partner's own idempotency key, and what it says of its customer is believed. Of a
    partner's tests no real contact centre hears. A page of ours that is given a call counts as gone until it shows itself.

    :raises TestKeyRefused: it is a test, and the contact centre is a real one; nothing is stored.
    :raises ConnectBusy: as many starts are under way in this process as may be; nothing is stored.
    :raises InvalidCall: the request breaks a limit; nothing is stored.
    :raises EntryPointClosed: the entry point takes no calls now; nothing is stored.
    :raises IdentityRefused: the entry point takes signed callers only, and this one is none; nothing is stored.
    :raises TooManyCalls: as many calls as are allowed were started within the hour; nothing is stored.
    :raises IdempotencyMismatch: the idempotency key was used for another request.
    :raises IdempotencyInProgress: the first request with the key may still be at work.
    :raises ContactOver: the key's call has ended.
    :raises UnableToStartCall: Amazon Connect refused or failed; the contact is kept as failed, with the cause.
    :raises ContactsError: no free reference was found, however often one was drawn; nothing is stored.
    """
    if is_test and not is_simulated():
        raise errors.TestKeyRefused
    earlier = partial(earlier_contacts, customer_key, idempotency_key, partner, is_test=is_test)
    with ExitStack() as held:
        try:
            held.enter_context(connect.room_to_start())
            checked = _check(entry_point, request, clock(), is_trusted=partner is not None)
            intent = _new_contact(entry_point, checked, customer_key, idempotency_key, clock())
            if partner is not None:
                intent.partner, intent.idempotency_key = partner, None
                intent.is_test = is_test
                intent.partner_request_hash = partner_request_hash(
                    partner, idempotency_key, is_test=is_test
                )
            intent.body_hash = request.digest(entry_point)
            contact = _store_intent(intent, checked)
        except errors.ContactsError:
            # What may not begin now may have begun before; a new call, the usual one, need not be looked for first.
            if not (idempotency_key and earlier().exists()):
                raise
            contact = None
        if contact is not None:
            started = _ask(contact, request, clock)
            return store_result(contact, started, clock, from_page=from_page)
    return answer_again(entry_point, request, earlier(), clock=clock, from_page=from_page)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A call that may begin: what is wished for, by whom, and what they agreed to."""

    wish: CallRequest
    identity: Identity | None
    consent: Consent | None


def _check(
    entry_point: EntryPoint, request: CallRequest, at: datetime, *, is_trusted: bool
) -> _Checked:
    """Look at everything that may keep the call from beginning. `is_trusted`: whoever asks is believed without a signature.

    :raises ContactsError: something does.
    """
    if not entry_point.is_open:
        raise errors.EntryPointClosed(entry_point.slug)
    keep_below_ceilings(entry_point=entry_point, at=at)
    identity = (
        None
        if is_trusted and not request.identity
        else identify(entry_point=entry_point, token=request.identity, at=at)
    )
    wish = as_identified(request, identity, is_trusted=is_trusted)
    # What the caller sent comes first: in the wish, names of attributes are no longer theirs.
    consent = Consent.objects.published(entry_point)
    problems = request.limit_problems() or [
        *wish.problems(entry_point),
        *wish.consent_problems(consent),
    ]
    if problems:
        raise errors.InvalidCall(problems)
    return _Checked(wish, identity, consent)


def _ask(
    contact: Contact, request: CallRequest, clock: Callable[[], datetime]
) -> connect.StartedContact:
    """Have Amazon Connect start the contact of a stored intent.

    :raises UnableToStartCall: it refused or failed.
    """
    # Also what is logged of the request itself says which contact it was for.
    with structlog.contextvars.bound_contextvars(contact=str(contact.pk)):
        try:
            return connect.start_webrtc_contact(start_request_of(contact, request.references))
        except errors.ConnectError as error:
            raise store_failure(contact, error, clock()) from error


def _store_intent(intent: Contact, checked: _Checked) -> Contact | None:
    """Commit what is about to be asked. None if the idempotency key was used before."""
    for _ in range(REFERENCE_ATTEMPTS):
        intent.reference = new_reference()
        try:
            commit(partial(_write_intent, intent, checked))
        except IntegrityError:
            if Contact.objects.filter(pk=intent.pk).exists():
                return intent  # only the acknowledgement of its commit was lost
            if _was_used(intent):
                return None
            if not Contact.objects.filter(reference=intent.reference).exists():
                raise
        else:
            return intent
    raise errors.ContactsError("no free reference found")


def _write_intent(intent: Contact, checked: _Checked) -> None:
    at = intent.requested_at
    intent.save(force_insert=True)
    if checked.identity is not None:
        checked.identity.spend()
    _store_people_and_references(intent, checked.wish, at)
    write_entry(intent, PortalEvent.REQUESTED, at=at)


def _was_used(intent: Contact) -> bool:
    """Whether there is a contact of the intent's idempotency key."""
    if intent.partner_request_hash is not None:
        return Contact.objects.filter(partner_request_hash=intent.partner_request_hash).exists()
    return (
        intent.idempotency_key is not None
        and Contact.objects.of_customer(intent.customer_key_hash)
        .filter(idempotency_key=intent.idempotency_key)
        .exists()
    )


def _new_contact(
    entry_point: EntryPoint,
    checked: _Checked,
    customer_key: str,
    idempotency_key: str | None,
    at: datetime,
) -> Contact:
    request, identity = checked.wish, checked.identity
    return Contact(
        entry_point=entry_point,
        partner_id=entry_point.partner_id,
        name=request.name.strip(),
        description=request.description,
        attributes=dict(request.attributes),
        locale=request.locale,
        related_contact_id=request.related_contact or None,
        customer_video=_granted(request.customer_video, entry_point.customer_video),
        customer_screen_share=_granted(
            request.customer_screen_share, entry_point.customer_screen_share
        ),
        agent_video=_granted(request.agent_video, entry_point.agent_video),
        agent_screen_share=_granted(request.agent_screen_share, entry_point.agent_screen_share),
        customer_key_hash=hash_customer_key(customer_key),
        idempotency_key=idempotency_key,
        connect_instance_id=entry_point.instance_id,
        consent=checked.consent,
        identity_subject=identity.subject if identity else "",
        requested_at=at,
    )


def _store_people_and_references(contact: Contact, request: CallRequest, at: datetime) -> None:
    Participant.objects.create(
        contact=contact,
        role=ParticipantRole.CUSTOMER,
        display_name=contact.name or NAMELESS,
        created_at=at,
    )
    Reference.objects.bulk_create(
        Reference(contact=contact, key=key, type=given.type, value=given.value)
        for key, given in request.references.items()
    )


def _granted(asked: bool | None, allowed: bool) -> bool:
    return allowed if asked is None else asked and allowed
