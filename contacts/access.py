"""Who may see or act on a contact, decided in one place. A stranger is told that there is no such contact."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q
from django.http import HttpRequest

from contacts.customers import hash_customer_key
from contacts.models import (
    CallbackRequest,
    Contact,
    ContactQuerySet,
    EntryPoint,
    EntryPointQuerySet,
    Handover,
    Invitation,
    JoinLink,
    Partner,
)
from contacts.staff_sessions import user_of_request
from contacts.tokens import hash_token

AnyUser = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class PartnerCaller:
    """A program that came with a partner's key: for whom it acts, and how far the key reaches."""

    partner: Partner
    scopes: frozenset[str]
    is_test: bool = False


def contacts_of_partner(partner: Partner, *, is_test: bool) -> ContactQuerySet:
    """Return the contacts that belong to the partner: its tests, or all the others."""
    return Contact.objects.select_related("entry_point").of_partner(partner, is_test=is_test)


def contact_of_partner(*, contact_id: UUID, partner: Partner, is_test: bool) -> Contact | None:
    """Return the contact if it belongs to the partner, and is a test if that is asked for."""
    return contacts_of_partner(partner, is_test=is_test).filter(pk=contact_id).first()


def callback_of_partner(*, callback_id: UUID, partner: Partner) -> CallbackRequest | None:
    """Return the callback request if it belongs to the partner."""
    own = CallbackRequest.objects.select_related("entry_point").filter(partner=partner)
    return own.filter(pk=callback_id).first()


def entry_points_of_partner(partner: Partner) -> EntryPointQuerySet:
    """Return the entry points at which the partner may start calls: its own, and those shared with it."""
    shared = partner.entry_points.values("pk")
    return EntryPoint.objects.filter(Q(partner=partner) | Q(pk__in=shared))


def contact_of_customer(*, contact_id: UUID, customer_key: str | None) -> Contact | None:
    """Return the contact if the holder of the key started it, or took it over with another device."""
    return contacts_of_customers([(contact_id, customer_key)]).get((contact_id, customer_key))


def contacts_of_customers(
    asked: Collection[tuple[UUID, str | None]],
) -> dict[tuple[UUID, str | None], Contact]:
    """Return those contacts that the holder of the key which comes with each started or took over, read all at once."""
    hashes = {pair: hash_customer_key(pair[1]) for pair in asked if pair[1] is not None}
    if not hashes:
        return {}
    rows = Contact.objects.select_related("entry_point").filter(pk__in={pk for pk, _ in hashes})
    contacts = {contact.pk: contact for contact in rows}
    own = {
        pair: contacts[pair[0]]
        for pair, key_hash in hashes.items()
        if pair[0] in contacts and contacts[pair[0]].customer_key_hash == key_hash
    }
    others = {pair for pair in hashes if pair[0] in contacts} - own.keys()
    if others:
        handovers = Handover.objects.filter(
            contact__in={pk for pk, _ in others}, key_hash__in={hashes[pair] for pair in others}
        )
        taken = set(handovers.values_list("contact_id", "key_hash"))
        own |= {pair: contacts[pair[0]] for pair in others if (pair[0], hashes[pair]) in taken}
    return own


def place_of_guest(*, invitation_id: UUID, guest_key: str | None) -> Invitation | None:
    """Return the invitation if the holder of the key accepted it, though it may have been revoked since."""
    if guest_key is None:
        return None
    invitations = Invitation.objects.select_related("contact__entry_point").of_guest(
        hash_customer_key(guest_key)
    )
    return invitations.filter(pk=invitation_id).first()


def invitation_of_link(*, token: str | None) -> Invitation | None:
    """Return the invitation whose link has the token, whatever has become of it since."""
    if not token:
        return None
    invitations = Invitation.objects.select_related("contact__entry_point")
    return invitations.filter(token_hash=hash_token(token)).first()


def join_link_of(*, token: str | None) -> JoinLink | None:
    """Return the join link that has the token, whatever has become of it since."""
    if not token:
        return None
    links = JoinLink.objects.select_related("contact__entry_point")
    return links.filter(token_hash=hash_token(token)).first()


def entry_points_of_staff(user: AnyUser | None) -> EntryPointQuerySet:
    """Return the entry points that a member of staff was granted; all of them to who may see every one."""
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return EntryPoint.objects.none()
    if user.has_perm("contacts.see_every_entrypoint"):
        return EntryPoint.objects.all()
    return EntryPoint.objects.filter(grants__user=user)


def contacts_of_staff(user: AnyUser | None) -> ContactQuerySet:
    """Return the contacts that a member of staff may see, as far as it is the entry points that decide."""
    if isinstance(user, User) and user.is_staff and user.has_perm("contacts.see_every_entrypoint"):
        return Contact.objects.all()
    # As values rather than a subquery: databases then use the index on entry point and time.
    granted = list(entry_points_of_staff(user).values_list("pk", flat=True))
    return Contact.objects.filter(entry_point__in=granted)


def sees_personal_data(user: AnyUser | None) -> bool:
    """Whether a member of staff may read who customers are and what they said."""
    return isinstance(user, User) and user.has_perm("contacts.view_personal_data")


def handover_of_link(*, token: str | None, at: datetime) -> Handover | None:
    """Return the handover whose link has the token, if it still works for a call that goes on."""
    if not token:
        return None
    handovers = Handover.objects.select_related("contact__entry_point").open(at=at)
    found = handovers.filter(token_hash=hash_token(token)).first()
    return None if found is None or found.contact.is_over else found


def contact_of_staff(*, contact_id: UUID, user: AnyUser | None) -> Contact | None:
    """Return the contact if the member of staff may see all there is of it, names included."""
    return _visible_contact(contact_id, user) if sees_personal_data(user) else None


def contact_to_explain(
    *, contact_id: UUID, customer_key: str | None, user: AnyUser | None
) -> Contact | None:
    """Return the contact if the customer or the member of staff may know what became of it. Says of nobody who they are."""
    own = contact_of_customer(contact_id=contact_id, customer_key=customer_key)
    return own or _visible_contact(contact_id, user)


def _visible_contact(contact_id: UUID, user: AnyUser | None) -> Contact | None:
    if not (isinstance(user, User) and user.has_perm("contacts.view_contact")):
        return None
    return contacts_of_staff(user).select_related("entry_point").filter(pk=contact_id).first()


def user_of_session(session_key: str | None) -> AnyUser:
    """Return who is logged in by a session, where there is no request that says so."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return user_of_request(request)
