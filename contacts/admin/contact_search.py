"""Finds contacts by what staff have in hand: a reference, an id, a signed identity, a name. Always by an index or a bounded number of rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from contacts.call_references import normal_reference
from contacts.models import Contact, ContactQuerySet

RECENT = 1000  # calls in which a name is also found by a part other than its beginning
MOST_RECENT_FOUND = 200


def matching(term: str, *, visible: ContactQuerySet, by_person: bool) -> Q:
    """Return the condition by which `term` finds contacts; by who the customer is only with `by_person`."""
    term = term.strip()
    found = Q(reference=normal_reference(term)) | Q(connect_contact_id=term)
    if (contact_id := _id_in(term)) is not None:
        found |= Q(pk=contact_id) | Q(connect_contact_id=str(contact_id))
    if by_person:
        found |= Q(identity_subject=term) | Q(name__istartswith=term)
        found |= Q(pk__in=_recent_with(term, visible))
    return found


def _recent_with(term: str, visible: ContactQuerySet) -> list[UUID]:
    """Return those of the newest calls whose customer's name has the term somewhere."""
    newest = visible.order_by("-requested_at").values("pk")[:RECENT]
    named = Contact.objects.filter(pk__in=newest, name__icontains=term)
    return list(named.values_list("pk", flat=True)[:MOST_RECENT_FOUND])


def _id_in(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
