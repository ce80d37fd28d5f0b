"""Keys digits in for a customer, as on a telephone: a flow may ask for them before the queue, an agent in the call.

What is keyed in may be a PIN: it is sent, and neither stored nor logged.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from contacts import connect_participants, errors
from contacts.choices import ContactState, ParticipantRole, PortalEvent
from contacts.commits import LONG_S, commit
from contacts.limits import DIGITS_PER_MESSAGE, digit_problems
from contacts.models import Contact
from contacts.operations.participant_tokens import with_connection_token
from contacts.operations.timeline import write_entry


def send_digits(
    *,
    contact: Contact,
    digits: str,
    clock: Callable[[], datetime],
    idempotency_key: str | None = None,
) -> None:
    """Key digits in, in their order. With the same idempotency key they are keyed in once, however often it comes.

    :raises InvalidCall: these are no digits, or too many.
    :raises ContactNotConnected: Amazon Connect does not have the contact yet.
    :raises ContactOver: the call is over.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time; the first of the digits may have
        been keyed in.
    """
    if problems := list(digit_problems(digits)):
        raise errors.InvalidCall(problems)
    if contact.state == ContactState.REQUESTED:
        raise errors.ContactNotConnected(contact.reference)
    customer = contact.participants.filter(role=ParticipantRole.CUSTOMER).first()
    if contact.is_over or contact.end_requested_at is not None or customer is None:
        raise errors.ContactOver(contact.reference)
    attempt = idempotency_key or str(uuid.uuid4())
    try:
        for number, piece in enumerate(_pieces(digits)):
            send = partial(
                _send, piece, uuid.uuid5(contact.client_token, f"digits {number} {attempt}")
            )
            with_connection_token(customer, send, clock=clock)
            customer.refresh_from_db()
    except errors.ConnectContactGone as error:
        raise errors.ContactOver(contact.reference) from error
    told = partial(write_entry, contact, PortalEvent.DIGITS_SENT, at=clock(), count=len(digits))
    commit(told, patience_s=LONG_S)


def _send(digits: str, client_token: uuid.UUID, connection_token: str) -> None:
    connect_participants.send_digits(
        connection_token=connection_token, digits=digits, client_token=str(client_token)
    )


def _pieces(digits: str) -> Iterator[str]:
    for start in range(0, len(digits), DIGITS_PER_MESSAGE):
        yield digits[start : start + DIGITS_PER_MESSAGE]
