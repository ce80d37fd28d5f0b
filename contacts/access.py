"""Who may see or act on a contact, decided in one place. A stranger is told that there is no such contact."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest

from contacts.customers import hash_customer_key
from contacts.models import Contact, Invitation
from contacts.tokens import hash_token


def contact_of_customer(*, contact_id: UUID, customer_key: str | None) -> Contact | None:
    """Return the contact if the holder of the key started it."""
    if customer_key is None:
        return None
    contacts = Contact.objects.select_related("entry_point").of_customer(
        hash_customer_key(customer_key)
    )
    return contacts.filter(pk=contact_id).first()


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


def contact_of_staff(
    *, contact_id: UUID, user: AbstractBaseUser | AnonymousUser | None
) -> Contact | None:
    """Return the contact if the member of staff may see contacts."""
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return None
    if not user.has_perm("contacts.view_contact"):
        return None
    return Contact.objects.select_related("entry_point").filter(pk=contact_id).first()


def contact_to_watch(
    *, contact_id: UUID, customer_key: str | None, user: AbstractBaseUser | AnonymousUser | None
) -> Contact | None:
    """Return the contact if the customer or the member of staff may follow its state."""
    own = contact_of_customer(contact_id=contact_id, customer_key=customer_key)
    return own or contact_of_staff(contact_id=contact_id, user=user)


def user_of_session(session_key: str | None) -> AbstractBaseUser | AnonymousUser:
    """Return who is logged in by a session, where there is no request that says so."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return get_user(request)
