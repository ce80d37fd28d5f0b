"""The columns of the list of contacts. Durations are minutes and seconds, of calls under way as of now."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.choices import EndedBy, EndReason
from contacts.masking import MASK
from contacts.models import RATINGS, Contact, Participant, Survey
from contacts.snapshots import timestamp

NOTHING = "–"  # noqa: RUF001 (as typeset)
ENDED_BY_US = {
    EndedBy.STAFF.value: _("Staff ended the call"),
    EndedBy.PARTNER.value: _("The partner ended the call"),
}


def state_chip(contact: Contact) -> SafeString:
    """Show how far a contact has come, in words and a colour."""
    held = contact.on_hold and not contact.is_over
    words = _("On hold") if held else contact.get_state_display()
    return format_html(
        '<span class="chip chip-{}" data-cell="state" data-call="{}" data-version="{}">{}</span>',
        "held" if held else contact.state,
        contact.pk,
        contact.version,
        words,
    )


def quality_chip(contact: Contact) -> SafeString:
    """Show how good a call was, in a word and a colour."""
    if not contact.quality_band:
        return format_html("<span>{}</span>", NOTHING)
    chip = '<span class="chip chip-quality-{}">{}</span>'
    return format_html(chip, contact.quality_band, contact.get_quality_band_display())


def waited(contact: Contact, *, at: datetime) -> timedelta:
    """Return how long the customer waited for an agent."""
    began, ended = _wait_of(contact)
    return (ended or at) - began


def talked(contact: Contact, *, at: datetime) -> timedelta | None:
    """Return how long customer and agent talked, or None if they have not."""
    if contact.connected_at is None:
        return None
    return (contact.ended_at or at) - contact.connected_at


def waited_cell(contact: Contact, *, at: datetime) -> SafeString:
    """Show how long the customer waited, from when until when."""
    return _length_cell("waited", waited(contact, at=at), *_wait_of(contact))


def talked_cell(contact: Contact, *, at: datetime) -> SafeString:
    """Show how long they talked, from when until when."""
    length = talked(contact, at=at)
    return _length_cell("talked", length, contact.connected_at, contact.ended_at)


def in_minutes(length: timedelta | None) -> str:
    """Write a duration as 1:02:03 or 2:03."""
    if length is None:
        return NOTHING
    minutes, seconds = divmod(max(0, round(length.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _wait_of(contact: Contact) -> tuple[datetime, datetime | None]:
    return contact.queued_at or contact.requested_at, contact.connected_at or contact.ended_at


def _length_cell(
    name: str, length: timedelta | None, began: datetime | None, ended: datetime | None
) -> SafeString:
    """Show a duration; browsers let it grow that has a beginning and no end."""
    times = (("from", began), ("until", ended))
    known = ((key, timestamp(at)) for key, at in times if at is not None)
    marks = format_html_join("", ' data-{}="{}"', known)
    cell = '<span class="figure" data-cell="{}"{}>{}</span>'
    return format_html(cell, name, marks, in_minutes(length))


def agent_name(agent: Participant) -> str:
    """Return an agent's name, or the end of their ARN."""
    return agent.display_name or agent.connect_id.rpartition("/")[2]


def end_told(contact: Contact) -> str:
    """Return why a contact ended; to customers it is an agent who ends a call, whoever of ours did."""
    if contact.end_reason == EndReason.AGENT_ENDED:
        by = ENDED_BY_US.get(contact.end_requested_by)
        return str(by or EndReason.AGENT_ENDED.label)
    return str(contact.get_end_reason_display())


class ContactColumns:
    """What the list shows of each contact, its agents, tags and survey having been read with it."""

    @admin.display(description=_("state"))
    def chip(self, contact: Contact) -> SafeString:
        """Show the state."""
        return state_chip(contact)

    @admin.display(description=_("customer"))
    def customer(self, contact: Contact) -> str:
        """Name the customer, or say that the name is hidden from who looks."""
        if contact.name == MASK:
            return format_html('<span title="{}">{}</span>', _("Hidden from you"), MASK)
        return contact.name or NOTHING

    @admin.display(description=_("agent"))
    def agent(self, contact: Contact) -> str:
        """Name who answered, each leading to the calls they answered."""
        agents: list[Participant] = contact.agents  # type: ignore[attr-defined]
        links = ((urlencode({"agent": one.connect_id}), agent_name(one)) for one in agents)
        listed = format_html_join(", ", '<a href="?{}">{}</a>', links) or NOTHING
        return format_html('<span data-cell="agent">{}</span>', listed)

    @admin.display(description=_("waited"))
    def waited(self, contact: Contact) -> str:
        """Show how long the customer waited."""
        return waited_cell(contact, at=timezone.now())

    @admin.display(description=_("talked"))
    def talked(self, contact: Contact) -> str:
        """Show how long they talked."""
        return talked_cell(contact, at=timezone.now())

    @admin.display(description=_("why it ended"))
    def ended_because(self, contact: Contact) -> str:
        """Say why it ended, or what failed."""
        why = end_told(contact) or contact.failure_code or NOTHING
        return format_html('<span data-cell="ended_because">{}</span>', why)

    @admin.display(description=_("queue"))
    def queue(self, contact: Contact) -> str:
        """Name the queue by the end of its id, which leads to the calls that waited there."""
        if not contact.queue_id:
            return NOTHING
        query, short = urlencode({"queue": contact.queue_id}), contact.queue_id[-8:]
        return format_html('<a href="?{}" title="{}">…{}</a>', query, contact.queue_id, short)

    @admin.display(description=_("quality"))
    def how_good(self, contact: Contact) -> str:
        """Show how good it was."""
        return quality_chip(contact)

    @admin.display(description=_("rating"))
    def rating(self, contact: Contact) -> str:
        """Show how the customer rated it."""
        survey: Survey | None = getattr(contact, "survey", None)
        return NOTHING if survey is None else f"{survey.rating}/{RATINGS[1]}"

    @admin.display(description=_("tags"))
    def tagged(self, contact: Contact) -> str:
        """Show the tags, each leading to the calls that have it."""
        links = ((urlencode({"tag": tag.text}), tag.text) for tag in contact.tags.all())
        return format_html_join(" ", '<a class="tag" href="?{}">{}</a>', links)

    @admin.display(description=_("started"))
    def started(self, contact: Contact) -> SafeString:
        """Show when it was asked for: of today the time alone."""
        at = timezone.localtime(contact.requested_at)
        today = at.date() == timezone.localdate()
        words = date_format(at, "H:i:s" if today else "Y-m-d H:i")
        full = date_format(at, "Y-m-d H:i:s T")
        cell = '<time class="figure" datetime="{}" title="{}">{}</time>'
        return format_html(cell, timestamp(contact.requested_at), full, words)
