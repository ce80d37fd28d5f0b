"""Keeps what came as a contact event and cannot be taken for one, within bounds, and takes it in again when told to."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F

from contacts.choices import EventRoute
from contacts.commits import commit
from contacts.errors import InvalidCall
from contacts.incoming_events import MAX_BYTES, IncomingEvent
from contacts.models import DeadLetter
from contacts.sealing import UnableToUnseal, seal, unseal

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=14)
MAX_KEPT = 1000
REASON_MAX_CHARACTERS = 1000
KEY_GONE = "The key it was sealed with is no longer among TOKEN_ENCRYPTION_KEYS."


def keep_dead_letter(*, body: bytes, route: EventRoute, reason: str, at: datetime) -> None:
    """Keep a body that was refused, sealed, with the reason; the oldest make room for it."""
    logger.warning(
        "contact_event_refused",
        extra={"reason": reason, "route": route.value, "size": len(body)},
    )

    def write() -> bool:
        letter, created = DeadLetter.objects.get_or_create(
            body_hash=hashlib.sha256(body).hexdigest(),
            defaults={
                "sealed_body": seal(_text_of(body)) if len(body) <= MAX_BYTES else "",
                "size": len(body),
                "route": route,
                "reason": reason[:REASON_MAX_CHARACTERS],
                "first_received_at": at,
                "last_received_at": at,
            },
        )
        if not created:
            DeadLetter.objects.filter(pk=letter.pk).update(
                times=F("times") + 1,
                reason=reason[:REASON_MAX_CHARACTERS],
                last_received_at=at,
            )
        return created

    if commit(write):
        commit(partial(_forget_surplus, at=at))


def read_dead_letter(*, letter: DeadLetter, at: datetime) -> IncomingEvent | None:
    """Read a dead letter again, perhaps by a newer portal. Returns None, and notes why, if it still cannot be read."""
    reason = letter.reason
    try:
        if letter.sealed_body:
            return IncomingEvent.from_body(unseal(letter.sealed_body).encode("latin-1"))
    except UnableToUnseal:
        reason = KEY_GONE
    except InvalidCall as error:
        reason = str(error)[:REASON_MAX_CHARACTERS]
    letters = DeadLetter.objects.filter(pk=letter.pk)
    commit(partial(letters.update, reason=reason, redriven_at=at))
    return None


def _text_of(body: bytes) -> str:
    """Return the bytes as text that JSON can hold, one character each."""
    return body.decode("latin-1")


def _forget_surplus(*, at: datetime) -> None:
    """Delete what is older than `KEPT_FOR`, and the oldest of more than `MAX_KEPT`."""
    DeadLetter.objects.filter(last_received_at__lt=at - KEPT_FOR).delete()
    surplus = list(DeadLetter.objects.values_list("pk", flat=True)[MAX_KEPT : 2 * MAX_KEPT])
    DeadLetter.objects.filter(pk__in=surplus).delete()
