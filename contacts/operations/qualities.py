"""Keeps how good a call was: what Amazon Connect scored, and what the browsers of its people measured and report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contacts.choices import (
    NETWORK_SPELLS,
    POOR_SPELLS,
    ParticipantRole,
    PortalEvent,
    QualityBand,
    SpellKind,
)
from contacts.commits import commit
from contacts.facts import ContactFacts
from contacts.models import CallQuality, Contact, Invitation, QualitySpell
from contacts.operations.locked_contacts import LockedContact, lock_contact
from contacts.operations.timeline import write_entry

MOST_SPELLS = 200  # of a contact; what is reported beyond is let go
TAKEN_FOR = timedelta(minutes=10)  # after the end, as pages report their last when they are left
LASTS = timedelta(seconds=10)  # a shorter spell is nobody's trouble
TOLD_AT_MOST_EVERY = timedelta(minutes=1)
GOOD_FROM, FAIR_FROM = 4, 3  # scores
_BANDS = (QualityBand.GOOD, QualityBand.FAIR, QualityBand.POOR)


@dataclass(frozen=True, slots=True)
class ReportedSpell:
    """One spell of a page, by its number there. Ages are before the report; `ended_s_ago` is None while it lasts."""

    number: int
    kind: SpellKind
    cause: str
    began_s_ago: float
    ended_s_ago: float | None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What one page of a person in a call measured since it reported last."""

    page: UUID
    setup_ms: int | None
    spells: Sequence[ReportedSpell]


def note_scores(*, contact: Contact, facts: ContactFacts) -> None:
    """Keep what Amazon Connect tells of a call's quality, if anything. Runs inside the caller's transaction."""
    told = {"disconnect_issue": facts.disconnect_issue} if facts.disconnect_issue else {}
    sides = {"customer": facts.customer_quality, "agent": facts.agent_quality}
    scores = {
        f"{side}_{name}": value
        for side, quality in sides.items()
        if quality is not None
        for name, value in (("score", quality.score), ("issues", list(quality.issues)))
    }
    if told or scores:
        CallQuality.objects.update_or_create(contact=contact, defaults={**told, **scores})
        _judge(contact)


def awaits_scores(contact: Contact) -> bool:
    """Whether a call was answered, is over, and Amazon Connect has not told how good it was."""
    if not contact.is_over or contact.connected_at is None:
        return False
    return not CallQuality.objects.filter(contact=contact, customer_score__isnull=False).exists()


def take_quality_report(
    *, contact: Contact, invitation: Invitation | None, report: QualityReport, at: datetime
) -> bool:
    """Keep what a page of the customer, or of the guest with that invitation, reports. Told again it changes nothing.

    Returns whether it was kept: what comes long after the end is not.
    """

    def write() -> bool:
        locked = lock_contact(contact)
        row = locked.row
        if row.ended_at is not None and row.ended_at + TAKEN_FOR < at:
            return False
        quality, _ = CallQuality.objects.get_or_create(contact=row)
        if invitation is None and quality.reported_at is None:
            _note_first(quality, report, at)
            _note_joined(locked, at)
        spells = _keep(quality, row, invitation, report, at)
        _note_media(row, spells)
        _judge(row)
        _tell_if_degraded(quality, row, spells, at)
        locked.save(at=at)
        return True

    return commit(write)


def _note_first(quality: CallQuality, report: QualityReport, at: datetime) -> None:
    """Keep the customer's first set-up time: later pages come back to a call that stands."""
    quality.reported_at, quality.setup_ms = at, report.setup_ms
    quality.save(update_fields=["reported_at", "setup_ms"])


def _note_joined(locked: LockedContact, at: datetime) -> None:
    """Note that the customer is in the meeting: a page reports from when its media is up, and nobody else can tell."""
    if locked.row.is_over:
        return
    roles = [one for one in locked.participants if one.role == ParticipantRole.CUSTOMER]
    customers = [one for one in roles if one.joined_at is None and one.left_at is None]
    if customers:
        locked.change_people(customers, joined_at=at)
        locked.count_change()


def _keep(
    quality: CallQuality,
    contact: Contact,
    invitation: Invitation | None,
    report: QualityReport,
    at: datetime,
) -> list[QualitySpell]:
    """Store new spells and the ends of known ones. Returns those that the report is about, as they are now."""
    known = {spell.number: spell for spell in quality.spells.filter(page=report.page).order_by()}
    room = MOST_SPELLS - quality.spells.count()
    kept = []
    for told in report.spells:
        spell = known.get(told.number)
        if spell is None:
            if room <= 0:
                continue
            room -= 1
            spell = QualitySpell(
                quality=quality,
                invitation=invitation,
                page=report.page,
                number=told.number,
                kind=told.kind,
                cause=told.cause,
                began_at=_within(contact, told.began_s_ago, at),
            )
            known[told.number] = spell
        elif spell.invitation_id != (invitation and invitation.pk):
            continue
        if spell.ended_at is None and told.ended_s_ago is not None:
            spell.ended_at = max(spell.began_at, _within(contact, told.ended_s_ago, at))
        spell.save()
        kept.append(spell)
    return kept


def _within(contact: Contact, age_s: float, at: datetime) -> datetime:
    """Return that moment, or the nearest during the call."""
    moment = at - timedelta(seconds=age_s)
    return max(contact.requested_at, min(moment, contact.ended_at or at))


def _note_media(contact: Contact, spells: Iterable[QualitySpell]) -> None:
    """Note what an agent could see; who waits sees themselves alone."""
    answered = contact.connected_at
    if answered is None:
        return
    kinds = {one.kind for one in spells if one.ended_at is None or one.ended_at > answered}
    flags = {"had_video": SpellKind.CAMERA in kinds, "had_share": SpellKind.SHARING in kinds}
    if new := {name: True for name, had in flags.items() if had and not getattr(contact, name)}:
        Contact.objects.filter(pk=contact.pk).update(**new)


def _judge(contact: Contact) -> None:
    """Set the contact's band by all that is known now."""
    quality = CallQuality.objects.get(contact=contact)
    spells = list(quality.spells.filter(kind__in=NETWORK_SPELLS))
    band = band_of(quality, spells, until=contact.ended_at)
    Contact.objects.filter(pk=contact.pk).exclude(quality_band=band).update(quality_band=band)


def band_of(
    quality: CallQuality, spells: Iterable[QualitySpell], *, until: datetime | None
) -> QualityBand:
    """Return the worst of what the scores say and what the networks of its people were like for a while.

    A spell that was not told to have ended lasted `until` the call's end; of a call under way it says nothing yet.
    """
    scores = [
        score for score in (quality.customer_score, quality.agent_score) if score is not None
    ]
    bands = [QualityBand.GOOD]
    if scores:
        worst = min(scores)
        bands.append(_BANDS[(worst < GOOD_FROM) + (worst < FAIR_FROM)])
    lasting = [
        spell.kind
        for spell in spells
        if (end := spell.ended_at or until) is not None and end - spell.began_at >= LASTS
    ]
    if any(kind in POOR_SPELLS for kind in lasting):
        bands.append(QualityBand.POOR)
    elif lasting:
        bands.append(QualityBand.FAIR)
    return max(bands, key=_BANDS.index)


def _tell_if_degraded(
    quality: CallQuality, contact: Contact, spells: Iterable[QualitySpell], at: datetime
) -> None:
    """Tell of one poor spell that has lasted, each once, and not sooner than a while after the one before."""
    if quality.degraded_at is not None and at - quality.degraded_at < TOLD_AT_MOST_EVERY:
        return
    for spell in spells:
        lasts = (spell.ended_at or at) - spell.began_at
        if spell.kind in POOR_SPELLS and not spell.degraded and lasts >= LASTS:
            spell.degraded, quality.degraded_at = True, at
            spell.save(update_fields=["degraded"])
            quality.save(update_fields=["degraded_at"])
            write_entry(contact, PortalEvent.QUALITY_DEGRADED, at=at, spell=spell.pk)
            return
