"""Keeps nothing for longer than it is needed: personal data, events of strangers, finished work. In batches of bounded size.

Counts, states and times stay. Whatever is deleted here is of no use to any operation by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Model, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from django_tasks_db.models import DBTaskResult

from contacts.choices import CallbackState
from contacts.models import (
    AuditEntry,
    CallbackRequest,
    Contact,
    ContactEvent,
    DeadLetter,
    Lease,
    SpentIdentity,
)
from contacts.operations import reminders
from contacts.operations.dead_letters import KEPT_FOR
from contacts.operations.erasing import erase_contacts
from contacts.operations.inbox import PARKED_FOR

logger = logging.getLogger(__name__)

LEASE = "retention"
LEASE_LENGTH = timedelta(minutes=1)
CONTACTS_AT_ONCE = 50  # so that no transaction keeps the calls of the moment waiting
ROWS_AT_ONCE = 500
DONE_TASKS_KEPT = timedelta(hours=1)
FAILED_TASKS_KEPT = timedelta(
    days=14
)  # somebody may want to read why; so are those whose worker was killed
SPENT_IDENTITIES_KEPT = timedelta(
    hours=1
)  # beyond the life of the token, which is refused by then anyway

_others: dict[str, Callable[[datetime], QuerySet[Model]]] = {}


def forget_also(name: str, expired: Callable[[datetime], QuerySet[Model]]) -> None:
    """Delete as well what an app that this one does not know of has too old at a time, oldest first."""
    _others[name] = expired


def forget_what_is_old(*, worker: str, clock: Callable[[], datetime]) -> bool:
    """Erase and delete one batch of everything that is too old. Returns whether there may be more.

    Nothing is done while another worker holds the lease.
    """
    at = clock()
    if not Lease.hold(name=LEASE, holder=worker, at=at, length=LEASE_LENGTH):
        return False
    counts = {
        "contacts": _erase_contacts(at=at),
        "callbacks": _erase_callbacks(at=at),
        **{name: _delete(rows) for name, rows in _expired(at=at).items()},
        **{name: _delete(expired(at)) for name, expired in _others.items()},
    }
    done = {name: count for name, count in counts.items() if count}
    if done:
        logger.info("old_data_forgotten", extra=done)
    return any(
        count >= (CONTACTS_AT_ONCE if name == "contacts" else ROWS_AT_ONCE)
        for name, count in done.items()
    )


def _kept_since(at: datetime) -> datetime:
    return at - timedelta(days=settings.PERSONAL_DATA_DAYS)


def _erase_contacts(*, at: datetime) -> int:
    due = Contact.objects.to_erase(ended_before=_kept_since(at)).order_by("ended_at")
    ids = list(due.values_list("pk", flat=True)[:CONTACTS_AT_ONCE])
    return erase_contacts(contact_ids=ids, at=at) if ids else 0


def _erase_callbacks(*, at: datetime) -> int:
    """Erase who wanted to be called; what is still open by then is closed, as nobody can call any more."""
    due = CallbackRequest.objects.filter(erased_at=None, requested_at__lte=_kept_since(at))
    ids = list(due.order_by("requested_at").values_list("pk", flat=True)[:ROWS_AT_ONCE])
    return CallbackRequest.objects.filter(pk__in=ids).update(
        name="",
        phone="",
        reason="",
        locale="",
        customer_key_hash="",
        idempotency_key=None,
        body_hash="",
        finished_at=Coalesce("finished_at", Value(at)),
        state=Case(
            When(state=CallbackState.OPEN, then=Value(CallbackState.EXPIRED.value)),
            default=F("state"),
        ),
        erased_at=at,
    )


def _expired(*, at: datetime) -> dict[str, QuerySet[Model]]:
    """Return what nobody needs any more, oldest first."""
    tasks = DBTaskResult.objects.exclude(status="READY").filter(
        Q(status="SUCCESSFUL", finished_at__lte=at - DONE_TASKS_KEPT)
        | Q(enqueued_at__lte=at - FAILED_TASKS_KEPT)
    )
    return {
        "tasks": tasks.order_by("enqueued_at"),
        "parked_events": ContactEvent.objects.parked()
        .filter(received_at__lte=at - PARKED_FOR)
        .order_by("received_at"),
        "dead_letters": DeadLetter.objects.filter(last_received_at__lte=at - KEPT_FOR).order_by(
            "last_received_at"
        ),
        "audit_entries": AuditEntry.objects.filter(
            at__lte=at - timedelta(days=settings.AUDIT_DAYS)
        ).order_by("at"),
        "reminders": reminders.too_old(at=at),
        "spent_identities": SpentIdentity.objects.filter(
            expires_at__lte=at - SPENT_IDENTITIES_KEPT
        ).order_by("expires_at"),
    }


def _delete(rows: QuerySet[Model]) -> int:
    ids = list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE])
    return rows.model._default_manager.filter(pk__in=ids).delete()[0] if ids else 0
