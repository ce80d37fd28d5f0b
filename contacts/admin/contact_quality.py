"""How good a call was, as the page of a contact shows it: the scores of both sides, and what browsers measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from contacts.admin.contact_columns import in_minutes, quality_chip
from contacts.choices import NETWORK_SPELLS, SpellCause, SpellKind
from contacts.models import CallQuality, Contact, QualitySpell

CAUSES = dict(SpellCause.choices)
KINDS = dict(SpellKind.choices)


@dataclass(frozen=True, slots=True)
class Side:
    """What Amazon Connect says of one side."""

    name: str
    score: Decimal | None
    issues: Sequence[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """How long something lasted in all in one browser, and how often."""

    name: str
    length: str
    times: int


def quality_of(contact: Contact) -> tuple[CallQuality | None, list[QualitySpell]]:
    """Read what is known of a call's quality, with its spells in their order."""
    quality = CallQuality.objects.filter(contact=contact).first()
    return quality, [] if quality is None else list(quality.spells.all())


def quality_shown(
    contact: Contact, quality: CallQuality | None, spells: Iterable[QualitySpell], *, now: datetime
) -> dict[str, Any] | None:
    """Return what the template shows, or None where nothing is known."""
    if quality is None:
        return None
    until = contact.ended_at or now
    return {
        "chip": quality_chip(contact),
        "sides": [
            Side(_("Customer"), quality.customer_score, quality.customer_issues),
            Side(_("Agent"), quality.agent_score, quality.agent_issues),
        ],
        "disconnect_issue": quality.disconnect_issue,
        "setup_s": None if quality.setup_ms is None else quality.setup_ms / 1000,
        "summaries": list(_summaries(spells, until)),
    }


def spell_name(spell: QualitySpell) -> str:
    """Name a spell, with what was wrong."""
    kind = str(KINDS[SpellKind(spell.kind)])
    return f"{kind}: {CAUSES[SpellCause(spell.cause)]}" if spell.cause else kind


def is_network(spell: QualitySpell) -> bool:
    """Whether it tells of a network, rather than of what somebody had switched on or off."""
    return spell.kind in NETWORK_SPELLS


def _summaries(spells: Iterable[QualitySpell], until: datetime) -> Iterable[Summary]:
    """Sum up what each side's browser measured, kind by kind."""
    found: dict[tuple[bool, str], list[timedelta]] = {}
    for spell in spells:
        key = (spell.invitation_id is not None, spell_name(spell))
        length = max((spell.ended_at or until) - spell.began_at, timedelta())
        found.setdefault(key, []).append(length)
    for (is_guest, name), lengths in sorted(found.items()):
        who = _("Guest") if is_guest else _("Customer")
        yield Summary(f"{who}: {name}", in_minutes(sum(lengths, timedelta())), len(lengths))
