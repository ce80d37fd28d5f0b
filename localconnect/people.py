"""The keys of the people in calls: whose participant token, connection token or socket address something is.

A participant token is looked up; what is derived from it is signed with it, so that any number of those costs no
memory and all of them die with the participant. Agents never have any of these. Knows nothing of HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from localconnect.contacts import Capabilities, Contact, Participant, Role
from localconnect.media.meetings import Attendee, Capability, Meeting
from localconnect.random_ids import new_id


class Purpose(StrEnum):
    """What a derived key opens."""

    CONNECTION = "connection"
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A customer, and the contact that is theirs."""

    contact: Contact
    person: Participant


class People:
    """The customers of all live contacts."""

    def __init__(self) -> None:
        self._by_token: dict[str, Bearer] = {}
        self._by_id: dict[str, Bearer] = {}

    def add(self, contact: Contact) -> None:
        """From now on the customer of `contact` is known by their keys."""
        bearer = Bearer(contact, contact.customer)
        self._by_token[bearer.person.token] = self._by_id[bearer.person.id] = bearer

    def forget(self, contact: Contact) -> None:
        """The keys of the customer who has come with `contact` open nothing any more."""
        bearer = self._by_id.get(contact.customer.id)
        if bearer is not None and bearer.contact is contact:
            del self._by_token[bearer.person.token]
            del self._by_id[bearer.person.id]

    def clear(self) -> None:
        """Forget everybody."""
        self._by_token.clear()
        self._by_id.clear()

    def with_token(self, participant_token: str) -> Bearer | None:
        """Whose participant token that is."""
        return self._by_token.get(participant_token)

    def with_key(self, key: str, purpose: Purpose, now: float) -> Bearer | None:
        """Whose key for `purpose` that is, unless it has expired."""
        person_id, _, rest = key.partition(".")
        expires, _, proof = rest.partition(".")
        bearer = self._by_id.get(person_id)
        if bearer is None or not (expires.isascii() and expires.isdigit()):
            return None
        expected = _proof(bearer.person, purpose, expires)
        if not hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace")):
            return None
        return bearer if now < int(expires) / 1000 else None


def make_key(person: Participant, purpose: Purpose, expires_at: float) -> str:
    """A key for `purpose`, good until `expires_at` (epoch seconds) or the end of the participant."""
    expires = str(round(expires_at * 1000))
    return f"{person.id}.{expires}.{_proof(person, purpose, expires)}"


def invite(
    meeting: Meeting,
    role: Role,
    name: str,
    capabilities: Capabilities,
    external_user_id: str | None = None,
) -> Participant:
    """Somebody new, with a place in the meeting and fresh keys."""
    participant_id = new_id()
    attendee = meeting.add_attendee(
        external_user_id=external_user_id or f"{participant_id}-customer",
        capabilities=_allowed(capabilities),
        only_listens=role is Role.SUPERVISOR,
    )
    return Participant(
        participant_id,
        role,
        name,
        attendee.id,
        attendee.join_token,
        token=secrets.token_urlsafe(96),
    )


def restore_place(
    meeting: Meeting, contact: Contact, person: Participant, *, present: bool
) -> None:
    """Give somebody who was invited by a former process their place in the meeting again, with the keys they have."""
    owner, capabilities = {
        Role.CUSTOMER: (person.id, contact.details.customer_capabilities),
        Role.AGENT: (contact.agent_id or contact.offered_to, contact.details.agent_capabilities),
        Role.SUPERVISOR: (contact.agent_id, Capabilities()),
    }[person.role]
    attendee = Attendee(
        external_user_id=f"{owner}-{person.role}",
        capabilities=_allowed(capabilities),
        only_listens=person.role is Role.SUPERVISOR,
        id=person.attendee_id,
        join_token=person.join_token,
    )
    meeting.restore_attendee(attendee, present=present)


@cache  # there are four of them
def _allowed(capabilities: Capabilities) -> frozenset[Capability]:
    allowed = {
        Capability.VIDEO: capabilities.video,
        Capability.SCREEN_SHARE: capabilities.screen_share,
    }
    return frozenset(capability for capability, is_allowed in allowed.items() if is_allowed)


def _proof(person: Participant, purpose: Purpose, expires: str) -> str:
    text = f"{purpose}.{person.id}.{expires}".encode()
    digest = hmac.digest(person.token.encode(), text, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
