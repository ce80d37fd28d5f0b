"""The connection tokens with which participants send messages and leave: asked for once, kept sealed until they expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from contacts import connect_participants, errors
from contacts.commits import LONG_S, commit
from contacts.models import Participant
from contacts.sealing import UnableToUnseal, seal, unseal

EXPIRES_EARLY = timedelta(minutes=1)  # for clocks that differ, and requests that take their time

Answer = TypeVar("Answer")


def with_connection_token(
    participant: Participant, use: Callable[[str], Answer], *, clock: Callable[[], datetime]
) -> Answer:
    """Call `use` with the participant's connection token; with a fresh one again if a kept one is refused.

    :raises ConnectContactGone: the participant is gone, or has nothing to be known by.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    kept = _kept(participant, at=clock())
    if kept is not None:
        try:
            return use(kept)
        except errors.ConnectContactGone:
            pass  # revoked before its time, or the participant is gone: a fresh one tells
    return use(_fresh(participant))


def _kept(participant: Participant, *, at: datetime) -> str | None:
    until = participant.connection_token_until
    if not participant.sealed_connection_token or until is None or until <= at + EXPIRES_EARLY:
        return None
    return _opened(participant.sealed_connection_token)


def _fresh(participant: Participant) -> str:
    token = _opened(participant.sealed_token) if participant.sealed_token else None
    if not token:
        raise errors.ConnectContactGone("no participant token")
    fresh = connect_participants.connection_token(participant_token=token)
    # Only while they are there: whoever has left holds no secrets.
    there = Participant.objects.filter(pk=participant.pk, left_at__isnull=True)
    kept = {
        "sealed_connection_token": seal(fresh.token),
        "connection_token_until": fresh.expires_at,
    }
    commit(partial(there.update, **kept), patience_s=LONG_S)
    return fresh.token


def _opened(sealed: str) -> str | None:
    try:
        token: str = unseal(sealed)
    except UnableToUnseal:
        return None
    return token
