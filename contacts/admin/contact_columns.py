"""The columns of the list of contacts. Durations are minutes and seconds, of calls under way as of now."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.masking import MASK
from contacts.models import RATINGS, Contact, Participant, Survey

NOTHING = "–"  # noqa: RUF001 (as typeset)


def state_chip(contact: Contact) -> SafeString:
    """Show how far a contact has come, in words and a colour."""
    held = contact.on_hold and not contact.is_over
    words = _("On hold") if held else contact.get_state_display()
    return format_html(
        '<span class="chip chip-{}" data-cell="state">{}</span>',
        "held" if held else contact.state,
        words,
    )


def waited(contact: Contact, *, at: datetime) -> timedelta:
    """Return how long the customer waited for an agent."""
    return (contact.connected_at or contact.ended_at or at) - (
        contact.queued_at or contact.requested_at
    )


def talked(contact: Contact, *, at: datetime) -> timedelta | None:
    """Return how long customer and agent talked, or None if they have not."""
    if contact.connected_at is None:
        return None
    return (contact.ended_at or at) - contact.connected_at


def in_minutes(length: timedelta | None) -> str:
    """Write a duration as 1:02:03 or 2:03."""
    if length is None:
        return NOTHING
    minutes, seconds = divmod(max(0, round(length.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def agent_name(agent: Participant) -> str:
    """Return an agent's name, or the end of their ARN."""
    return agent.display_name or agent.connect_id.rpartition("/")[2]


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
        length = in_minutes(waited(contact, at=timezone.now()))
        return format_html('<span class="figure" data-cell="waited">{}</span>', length)

    @admin.display(description=_("talked"))
    def talked(self, contact: Contact) -> str:
        """Show how long they talked."""
        length = in_minutes(talked(contact, at=timezone.now()))
        return format_html('<span class="figure" data-cell="talked">{}</span>', length)

    @admin.display(description=_("why it ended"))
    def ended_because(self, contact: Contact) -> str:
        """Say why it ended, or what failed."""
        why = contact.get_end_reason_display() or contact.failure_code or NOTHING
        return format_html('<span data-cell="ended_because">{}</span>', why)

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
