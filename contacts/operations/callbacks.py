"""Takes customers' wishes to be called, and lets staff or the customer finish them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError

from contacts import errors
from contacts.announcements import announce_callback
from contacts.call_references import new_reference
from contacts.choices import CallbackState, Feature
from contacts.commits import commit
from contacts.customers import hash_customer_key
from contacts.errors import FieldProblem
from contacts.limits import NAME_MAX_CHARACTERS, text_problems
from contacts.models import CallbackRequest, EntryPoint, Partner
from contacts.operations.features import require

REASON_MAX_CHARACTERS = 1000
PHONE = re.compile(r"\+[1-9][0-9]{6,14}\Z")  # E.164
WRITTEN_IN_PHONES = re.compile(r"[\s()./\u2010-\u2015-]")
PHONE_MAX_CHARACTERS = 40  # as typed
LATEST = timedelta(days=60)  # beyond which nobody plans a call
SLACK = timedelta(hours=1)  # a form that was open for a while still says "now"
REFERENCE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """What a customer asks for."""

    phone: str
    name: str = ""
    reason: str = ""
    preferred_at: datetime | None = None
    locale: str = ""

    def digest(self, entry_point: EntryPoint) -> str:
        """Return what tells two requests with the same idempotency key apart."""
        content = {"entry_point": entry_point.slug, **asdict(self)}
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def problems(self, *, at: datetime) -> list[FieldProblem]:
        """Say what breaks a limit."""
        problems = [
            *text_problems("/name", self.name, longest=NAME_MAX_CHARACTERS),
            *text_problems("/reason", self.reason, longest=REASON_MAX_CHARACTERS),
            *text_problems("/locale", self.locale, longest=35),
        ]
        if len(self.phone) > PHONE_MAX_CHARACTERS or not PHONE.match(normal_phone(self.phone)):
            problems.append(
                FieldProblem("/phone", "bad_phone", "A number with + and the country code.")
            )
        if self.preferred_at and not at - SLACK <= self.preferred_at <= at + LATEST:
            problems.append(
                FieldProblem("/preferred_at", "bad_time", f"Within {LATEST.days} days from now.")
            )
        return problems


@dataclass(frozen=True, slots=True)
class TakenCallback:
    """What became of a request; `replayed` if it had been taken before."""

    callback: CallbackRequest
    replayed: bool


def normal_phone(typed: str) -> str:
    """Return what somebody typed in the form it is stored in: +, country code, number."""
    digits = WRITTEN_IN_PHONES.sub("", typed)
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def request_callback(
    *,
    entry_point: EntryPoint,
    wish: CallbackWish,
    customer_key: str,
    at: datetime,
    idempotency_key: str | None = None,
    partner: Partner | None = None,
) -> TakenCallback:
    """Store a wish to be called, whether the entry point is open or not. The same keys return the same request.

    :raises InvalidCall: the wish breaks a limit; nothing is stored.
    :raises FeatureOff: the entry point does without.
    :raises IdempotencyMismatch: the idempotency key was used for another wish.
    :raises ContactsError: no free reference was found, which takes more of them than there are people.
    """
    require(Feature.CALLBACKS, entry_point)
    earlier = _earlier(customer_key, idempotency_key)
    if earlier is None:
        problems = wish.problems(at=at)
        if problems:
            raise errors.InvalidCall(problems)
        stored = _store(entry_point, wish, customer_key, idempotency_key, at, partner)
        if stored is not None:
            return TakenCallback(stored, replayed=False)
        earlier = _earlier(customer_key, idempotency_key)
    if earlier is None:
        raise errors.ContactsError("no free reference found")
    if earlier.body_hash != wish.digest(entry_point):
        raise errors.IdempotencyMismatch(earlier.reference)
    return TakenCallback(earlier, replayed=True)


def finish_callback(*, callback: CallbackRequest, by_user_id: int | None, at: datetime) -> bool:
    """Note that the customer was called. Returns whether it was still open."""
    done = partial(callback.finish, CallbackState.DONE, at=at, by_user_id=by_user_id)
    return commit(done)


def claim_callback(*, callback: CallbackRequest, by_user_id: int, at: datetime) -> bool:
    """Note who is about to call the customer. Returns whether nobody else is, and it is still open."""
    return commit(partial(callback.claim, at=at, by_user_id=by_user_id))


def release_callback(*, callback: CallbackRequest, by_user_id: int) -> bool:
    """Leave the customer to the others. Returns whether they were to be called by this member of staff."""
    return commit(partial(callback.release, by_user_id=by_user_id))


def cancel_callback(*, callback: CallbackRequest, at: datetime) -> CallbackRequest:
    """Take the customer's wish back. Repeating it, or cancelling what is finished, changes nothing."""
    commit(partial(callback.finish, CallbackState.CANCELLED, at=at))
    return callback


def callback_of_customer(*, callback_id: UUID, customer_key: str | None) -> CallbackRequest | None:
    """Return the request if the holder of the key made it."""
    if customer_key is None:
        return None
    own = CallbackRequest.objects.select_related("entry_point").filter(
        customer_key_hash=hash_customer_key(customer_key)
    )
    return own.filter(pk=callback_id).first()


def _earlier(customer_key: str, idempotency_key: str | None) -> CallbackRequest | None:
    if idempotency_key is None:
        return None
    return (
        CallbackRequest.objects.select_related("entry_point")
        .filter(customer_key_hash=hash_customer_key(customer_key), idempotency_key=idempotency_key)
        .first()
    )


def _store(
    entry_point: EntryPoint,
    wish: CallbackWish,
    customer_key: str,
    idempotency_key: str | None,
    at: datetime,
    partner: Partner | None,
) -> CallbackRequest | None:
    """Store the request. None if the idempotency key was used meanwhile."""
    callback = CallbackRequest(
        entry_point=entry_point,
        partner_id=partner.pk if partner else entry_point.partner_id,
        name=wish.name.strip(),
        phone=normal_phone(wish.phone),
        reason=wish.reason,
        preferred_at=wish.preferred_at,
        locale=wish.locale,
        customer_key_hash=hash_customer_key(customer_key),
        idempotency_key=idempotency_key,
        body_hash=wish.digest(entry_point),
        requested_at=at,
    )
    for _ in range(REFERENCE_ATTEMPTS):
        callback.reference = new_reference()
        try:
            commit(partial(_write, callback))
        except IntegrityError:
            if CallbackRequest.objects.filter(pk=callback.pk).exists():
                return callback  # only the acknowledgement of its commit was lost
            if not CallbackRequest.objects.filter(reference=callback.reference).exists():
                return None
        else:
            return callback
    return None


def _write(callback: CallbackRequest) -> None:
    callback.save(force_insert=True)
    announce_callback(callback)
