"""The latest ended contacts of each known customer, for the agents' desk.

A customer is known by an attribute that whoever starts the contact vouches for (setting `customer_attribute`); contacts
without it are nobody's. Amazon Connect's own answer to the question is Customer Profiles, which is not part of this.
"""

from __future__ import annotations

from collections import OrderedDict, deque

from localconnect.contacts import Contact
from localconnect.settings import Settings

CUSTOMERS = 2_000
CONTACTS_EACH = 5


class CustomerHistory:
    """Bounded: the customers longest unheard of are forgotten, and all but the latest contacts of each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._contacts: OrderedDict[str, deque[Contact]] = OrderedDict()

    def remember(self, contact: Contact) -> None:
        """Take in a contact that has ended."""
        customer = self._customer_of(contact)
        if customer is None or contact.host is not None:
            return
        kept = self._contacts.setdefault(customer, deque(maxlen=CONTACTS_EACH))
        kept.append(contact)
        self._contacts.move_to_end(customer)
        if len(self._contacts) > CUSTOMERS:
            self._contacts.popitem(last=False)

    def before(self, contact: Contact) -> list[Contact]:
        """The customer's other contacts, the latest first."""
        kept = self._contacts.get(self._customer_of(contact) or "", ())
        return [earlier for earlier in reversed(kept) if earlier is not contact]

    def clear(self) -> None:
        """Forget everybody."""
        self._contacts.clear()

    def _customer_of(self, contact: Contact) -> str | None:
        return contact.details.attributes.get(self._settings.customer_attribute) or None
