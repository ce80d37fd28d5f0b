"""Writes the audit log. Knows what may stand in it: names of things, never of customers, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from contacts.choices import AuditAction
from contacts.models import AuditEntry

SAME_VIEWING = timedelta(
    minutes=10
)  # whoever looks again meanwhile, as pages that follow a call do, still looks


def note_viewing(*, by: User, of: Model, at: datetime) -> None:
    """Keep that a member of staff saw personal data of one thing, unless that was kept just now."""
    known = AuditEntry.objects.filter(
        kind=of._meta.label_lower,
        object_id=str(of.pk),
        at__gt=at - SAME_VIEWING,
        actor_id=by.pk,
        action=AuditAction.VIEWED,
    )
    if not known.exists():
        note_deed(by=by, action=AuditAction.VIEWED, of=of, at=at)


def note_deed(
    *,
    by: User,
    action: AuditAction,
    at: datetime,
    of: Model | None = None,
    kind: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Keep what a member of staff did, of one thing or, with `kind` alone, of many.

    `before` and `after` hold the fields that changed, or what tells how much was done; they must hold no secret.
    """
    AuditEntry.objects.create(
        at=at,
        actor_id=by.pk,
        actor=by.get_username(),
        action=action,
        kind=kind or (str(of._meta.label_lower) if of is not None else ""),
        object_id="" if of is None else str(of.pk),
        object_name="" if of is None else str(of)[:200],
        before=dict(before or {}),
        after=dict(after or {}),
    )
