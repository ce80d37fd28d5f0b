"""Keeps what staff note about a contact: a text and tags. Changes nothing of what happened, and tells nobody."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.commits import commit
from contacts.models import TAG_MAX_CHARACTERS, Contact, ContactTag

MOST_TAGS = 20


def tags_of(text: str) -> list[str]:
    """Return the tags in what somebody typed, separated by commas: in lower case, each once, in alphabetical order.

    :raises ValueError: there are too many, or one is too long; the message says which limit.
    """
    words = sorted({" ".join(word.split()).lower() for word in text.split(",")} - {""})
    if len(words) > MOST_TAGS:
        raise ValueError(f"Give at most {MOST_TAGS} tags.")
    if any(len(word) > TAG_MAX_CHARACTERS for word in words):
        raise ValueError(f"A tag has at most {TAG_MAX_CHARACTERS} characters.")
    return words


def note_contact(*, contact: Contact, notes: str, tags: Iterable[str]) -> None:
    """Replace a contact's notes and tags."""
    wanted = set(tags)

    def write() -> None:
        contact.lock()
        Contact.objects.filter(pk=contact.pk).update(notes=notes)
        kept = ContactTag.objects.filter(contact=contact)
        kept.exclude(text__in=wanted).delete()
        missing = wanted - set(kept.values_list("text", flat=True))
        ContactTag.objects.bulk_create(
            [ContactTag(contact=contact, text=text) for text in sorted(missing)],
            ignore_conflicts=True,
        )

    commit(write)
