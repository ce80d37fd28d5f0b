"""Keeps what staff note about a contact: a text and tags. Changes nothing of what happened, and tells nobody."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.commits import commit
from contacts.limits import is_storable
from contacts.models import TAG_MAX_CHARACTERS, Contact, ContactTag

MOST_TAGS = 20


def tags_of(*, text: str) -> list[str]:
    """Return the tags in what somebody typed, separated by commas: in lower case, each once, in alphabetical order.

    :raises ValueError: there are too many, or one is too long; the message says which limit.
    """
    return normal_tags(text.split(","))


def normal_tags(given: Iterable[str]) -> list[str]:
    """Return tags as they are kept: in lower case, each once, in alphabetical order.

    :raises ValueError: there are too many, or one is no tag; the message says why.
    """
    words = sorted({" ".join(word.split()).lower() for word in given} - {""})
    if len(words) > MOST_TAGS:
        raise ValueError(f"Give at most {MOST_TAGS} tags.")
    if any(len(word) > TAG_MAX_CHARACTERS for word in words):
        raise ValueError(f"A tag has at most {TAG_MAX_CHARACTERS} characters.")
    if any("," in word or not is_storable(word) for word in words):
        raise ValueError("A tag has no comma, no NUL and no lone surrogate.")
    return words


def note_contact(*, contact: Contact, notes: str, tags: Iterable[str]) -> None:
    """Replace staff's notes and tags of a contact."""

    def write() -> None:
        contact.lock()
        Contact.objects.filter(pk=contact.pk).update(notes=notes)
        replace_tags(contact, tags, by_partner=False)

    commit(write)


def replace_tags(contact: Contact, tags: Iterable[str], *, by_partner: bool) -> None:
    """Replace the tags of staff or of the partner. Runs inside the caller's transaction."""
    wanted = set(tags)
    kept = ContactTag.objects.filter(contact=contact, by_partner=by_partner)
    kept.exclude(text__in=wanted).delete()
    missing = wanted - set(kept.values_list("text", flat=True))
    ContactTag.objects.bulk_create(
        [
            ContactTag(contact=contact, text=text, by_partner=by_partner)
            for text in sorted(missing)
        ],
        ignore_conflicts=True,
    )
