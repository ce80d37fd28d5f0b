"""Who may see or act on a contact, decided in one place. A stranger is told that there is no such contact."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from contacts.customers import hash_customer_key
from contacts.models import Contact


def contact_of_customer(*, contact_id: UUID, customer_key: str | None) -> Contact | None:
    """Return the contact if the holder of the key started it."""
    if customer_key is None:
        return None
    contacts = Contact.objects.select_related("entry_point").of_customer(
        hash_customer_key(customer_key)
    )
    return contacts.filter(pk=contact_id).first()


def may_watch(
    *, contact_id: UUID, customer_key: str | None, user: AbstractBaseUser | AnonymousUser | User
) -> bool:
    """Whether the customer or the member of staff may follow the contact's state."""
    if (
        isinstance(user, User)
        and user.is_active
        and user.is_staff
        and user.has_perm("contacts.view_contact")
    ):
        return True
    return contact_of_customer(contact_id=contact_id, customer_key=customer_key) is not None
