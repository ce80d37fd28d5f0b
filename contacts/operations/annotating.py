"""Keeps what a partner notes of a call, and brings the attributes that it changes to Amazon Connect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import F

from contacts import connect, errors
from contacts.commits import commit
from contacts.errors import FieldProblem
from contacts.follow_ups import FollowUp, leave
from contacts.limits import attribute_problems, text_problems
from contacts.models import Contact
from contacts.operations.noting import normal_tags, replace_tags
from contacts.push import publish_on_commit

NOTES_MAX_CHARACTERS = 4096


def annotate_contact(
    *,
    contact: Contact,
    clock: Callable[[], datetime],
    notes: str | None = None,
    tags: Iterable[str] | None = None,
    attributes: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Contact:
    """Set the notes and the partner's tags, and attributes besides those there are; None leaves them. Refreshes `contact`.

    With a `version`, only while the contact has that one. Attributes of a contact that Amazon Connect does not have yet are
    sent by the worker once it has.

    :raises InvalidCall: a note or an attribute breaks a limit.
    :raises VersionChanged: the contact has another version by now.
    :raises ContactOver: its personal data was erased, so nothing may be written about it.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time; nothing is changed here.
    """
    changes: dict[str, Any] = {}
    if notes is not None:
        changes["partner_notes"] = notes
    if attributes:
        changes["attributes"] = {**contact.attributes, **attributes}
    words, tag_problems = _read_tags(tags)
    if problems := [*_problems(changes), *tag_problems]:
        raise errors.InvalidCall(problems)
    if contact.erased_at is not None or contact.erase_requested_at is not None:
        raise errors.ContactOver(contact.reference)
    _keep(contact, version)
    if not changes and words is None:
        return contact
    is_sent = attributes is not None and send_attributes(contact=contact, attributes=attributes)
    commit(partial(_write, contact, notes, words, attributes, version, is_sent))
    return contact


def send_attributes(*, contact: Contact, attributes: Mapping[str, str]) -> bool:
    """Set attributes in Amazon Connect. Returns False, having done nothing, while it does not have the contact.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    if contact.connect_contact_id is None:
        return False
    if attributes:
        connect.update_contact_attributes(
            instance_id=contact.connect_instance_id,
            contact_id=contact.connect_contact_id,
            attributes=attributes,
        )
    return True


def _write(
    contact: Contact,
    notes: str | None,
    tags: list[str] | None,
    attributes: Mapping[str, str] | None,
    version: int | None,
    is_sent: bool,
) -> None:
    locked = contact.lock()
    if locked.erased_at is not None or locked.erase_requested_at is not None:
        raise errors.ContactOver(contact.reference)
    _keep(locked, version)
    changes: dict[str, Any] = {} if notes is None else {"partner_notes": notes}
    if attributes:  # beside those that somebody else may have set meanwhile
        changes["attributes"] = {**locked.attributes, **attributes}
        if not is_sent and not locked.is_over:
            leave(FollowUp.SEND_ATTRIBUTES, contact, besides=sorted(attributes))
    if tags is not None:
        replace_tags(contact, tags, by_partner=True)
    Contact.objects.filter(pk=contact.pk).update(**changes, version=F("version") + 1)
    contact.refresh_from_db()
    publish_on_commit(contact)


def _keep(contact: Contact, version: int | None) -> None:
    if version is not None and contact.version != version:
        raise errors.VersionChanged(contact.reference)


def _read_tags(tags: Iterable[str] | None) -> tuple[list[str] | None, list[FieldProblem]]:
    try:
        return None if tags is None else normal_tags(tags), []
    except ValueError as error:
        return None, [FieldProblem("/tags", "bad_value", str(error))]


def _problems(changes: Mapping[str, Any]) -> list[FieldProblem]:
    return [
        *text_problems("/notes", changes.get("partner_notes", ""), longest=NOTES_MAX_CHARACTERS),
        *attribute_problems(changes.get("attributes", {})),
    ]
