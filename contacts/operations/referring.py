"""Sets references of a contact, which its agent sees with the call: in Amazon Connect, then here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from contacts import connect, errors
from contacts.commits import commit
from contacts.limits import GivenReference, reference_problems
from contacts.models import Contact, Reference
from contacts.push import publish_on_commit


def set_references(*, contact: Contact, references: Mapping[str, GivenReference]) -> None:
    """Set references besides those there are; one of the same key is replaced. `contact` then has its new version.

    :raises InvalidCall: a reference breaks a limit, or all together do.
    :raises ContactOver: its personal data was erased, so nothing may be written about it.
    :raises ContactNotConnected: Amazon Connect does not have the contact yet.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time; nothing is changed here.
    """
    stored = {one.key: GivenReference(one.type, one.value) for one in contact.references.all()}
    together = {**stored, **references}
    if problems := list(reference_problems(together)):
        raise errors.InvalidCall(problems)
    _refuse_erased(contact)
    if not references:
        return
    if contact.connect_contact_id is None:
        raise errors.ContactOver if contact.is_over else errors.ContactNotConnected
    # All of them: whether those not named stay is not documented.
    connect.update_contact_references(
        instance_id=contact.connect_instance_id,
        contact_id=contact.connect_contact_id,
        references={key: (given.type, given.value) for key, given in together.items()},
    )
    commit(partial(_write, contact, references))


def _write(contact: Contact, references: Mapping[str, GivenReference]) -> None:
    _refuse_erased(contact.lock())
    for key, given in references.items():
        Reference.objects.update_or_create(
            contact=contact, key=key, defaults={"type": given.type, "value": given.value}
        )
    contact.bump_version()
    publish_on_commit(contact)


def _refuse_erased(contact: Contact) -> None:
    if contact.erased_at is not None or contact.erase_requested_at is not None:
        raise errors.ContactOver(contact.reference)
