"""Join links: with which a partner's customer comes into the call that was started for them. Each works once, for ten minutes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from contacts import errors
from contacts.choices import PortalEvent
from contacts.commits import commit
from contacts.customers import hash_customer_key
from contacts.models import Contact, JoinLink
from contacts.operations.timeline import write_entry
from contacts.tokens import hash_token

LIFE = timedelta(minutes=10)
TOKEN_BYTES = 32


def make_join_link(*, contact: Contact, at: datetime) -> str | None:
    """Return the token of a fresh link into the call, in place of an unused one; None once somebody used theirs."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    fresh = {
        "token_hash": hash_token(token),
        "created_at": at,
        "expires_at": at + LIFE,
    }

    def write() -> bool:
        contact.lock()
        _link, is_new = JoinLink.objects.get_or_create(contact=contact, defaults=fresh)
        unused = JoinLink.objects.filter(contact=contact, used_at=None)
        return is_new or unused.update(**fresh) == 1

    return token if commit(write) else None


def join_by_link(*, link: JoinLink, customer_key: str, at: datetime) -> None:
    """Make the holder of the key the call's customer. Whoever did so may do it again.

    :raises InvitationGone: somebody else used the link, it has expired, or the call is over.
    """
    contact, key_hash = link.contact, hash_customer_key(customer_key)
    if contact.customer_key_hash == key_hash:
        return

    def write() -> None:
        locked = contact.lock()
        if locked.customer_key_hash == key_hash:
            return
        if locked.is_over or locked.end_requested_at is not None or not link.take(at=at):
            raise errors.InvitationGone
        Contact.objects.filter(pk=contact.pk).update(customer_key_hash=key_hash)
        write_entry(locked, PortalEvent.JOINED_BY_LINK, at=at)

    commit(write)
