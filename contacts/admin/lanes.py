"""A contact's story as lanes: how far it was, who was in it, and when something happened. Pure; draws nothing.

Places are thousandths of the whole time shown, so that a lane can be stretched to any width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from contacts.admin.contact_quality import is_network, spell_name
from contacts.choices import ContactState, PortalEvent
from contacts.models import Contact, ContactEvent, Participant, QualitySpell

WIDTH = 1000
LEAST_WIDTH = 4  # so that what took no time can be seen
TROUBLES = {
    PortalEvent.START_FAILED,
    PortalEvent.GUEST_REFUSED,
    PortalEvent.GIVEN_UP,
    PortalEvent.QUALITY_DEGRADED,
}
STAGES = (
    (ContactState.REQUESTED, "requested_at"),
    (ContactState.INITIATED, "initiated_at"),
    (ContactState.QUEUED, "queued_at"),
    (ContactState.CONNECTED, "connected_at"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that lasted, or happened, in a lane."""

    kind: str
    title: str
    began_at: datetime
    ended_at: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture."""

    name: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is shown."""

    began_at: datetime
    ended_at: datetime

    def piece(self, kind: str, title: str, began_at: datetime, ended_at: datetime) -> Piece:
        """Place something in it; what lies outside is moved to its edge."""
        x, end = self._place(began_at), self._place(ended_at)
        width = max(end - x, LEAST_WIDTH)
        return Piece(
            kind, title, began_at, ended_at, round(min(x, WIDTH - width), 1), round(width, 1)
        )

    def _place(self, at: datetime) -> float:
        length = (self.ended_at - self.began_at) / timedelta(seconds=1)
        share = (at - self.began_at) / timedelta(seconds=1) / length
        return WIDTH * min(max(share, 0.0), 1.0)


def span_of(contact: Contact, events: Iterable[ContactEvent], *, now: datetime) -> Span:
    """Return the time from the first to the last that is known of a contact; of one under way, until now."""
    times = [contact.requested_at, *(event.occurred_at for event in events)]
    last = max([*times, contact.ended_at or now])
    first = min(times)
    return Span(first, max(last, first + timedelta(seconds=1)))


def lanes_of(
    contact: Contact,
    people: Iterable[Participant],
    events: Sequence[ContactEvent],
    spells: Sequence[QualitySpell] = (),
    *,
    now: datetime,
) -> Iterator[Lane]:
    """Yield the lanes of a contact: the call, its people, what their browsers measured, and the events."""
    span = span_of(contact, events, now=now)
    end = contact.ended_at or now
    yield Lane(_("Call"), list(_stages(contact, span, end)))
    for one in people:
        if one.joined_at is not None:
            left = one.left_at or end
            piece = span.piece(
                one.role, _title(str(one), one.joined_at, left), one.joined_at, left
            )
            yield Lane(_name(one), [piece])
    yield from _browsers(spells, span, end)
    yield Lane(_("Events"), [_mark(event, span) for event in events])


def is_trouble(event: ContactEvent) -> bool:
    """Whether an event says that something went wrong."""
    return event.type in TROUBLES


def _stages(contact: Contact, span: Span, end: datetime) -> Iterator[Piece]:
    known = [(state, at) for state, field in STAGES if (at := getattr(contact, field)) is not None]
    ends = [*(at for _state, at in known[1:]), end]
    for (state, began), ended in zip(known, ends, strict=True):
        yield span.piece(state.value, _title(str(state.label), began, ended), began, ended)


def _browsers(spells: Sequence[QualitySpell], span: Span, end: datetime) -> Iterator[Lane]:
    """Yield a lane for the network of each side's browser, and one for each thing that was switched."""
    lanes: dict[tuple[bool, str], list[Piece]] = {}
    for spell in spells:
        ended = max(spell.ended_at or end, spell.began_at)
        title = _title(spell_name(spell), spell.began_at, ended)
        piece = span.piece(spell.kind.replace("_", "-"), title, spell.began_at, ended)
        what = _("network") if is_network(spell) else str(spell.get_kind_display())
        lanes.setdefault((spell.invitation_id is not None, what), []).append(piece)
    for (is_guest, what), pieces in lanes.items():
        who = _("Guest") if is_guest else _("Customer")
        yield Lane(f"{who}: {what}", pieces)


def _mark(event: ContactEvent, span: Span) -> Piece:
    kind = "trouble" if is_trouble(event) else event.source
    title = f"{event.type} {event.occurred_at:%H:%M:%S}"
    return span.piece(kind, title, event.occurred_at, event.occurred_at)


def _name(one: Participant) -> str:
    role = str(one.get_role_display())
    return role if str(one) == role else f"{role}: {one}"


def _title(what: str, began: datetime, ended: datetime) -> str:
    return f"{what} {began:%H:%M:%S} – {ended:%H:%M:%S}"  # noqa: RUF001 (as typeset)
