"""How good a call was, as its partner is told: both sides' scores, and what lasted for a while in its people's browsers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from contacts.announcements import spell_told
from contacts.choices import ParticipantRole, QualityBand, SpellCause, SpellKind
from contacts.models import CallQuality, Contact


class SideQualitySerializer(serializers.Serializer[Any]):
    """What Amazon Connect says of one side's sound."""

    score = serializers.FloatField(min_value=1, max_value=5)
    issues = serializers.ListField(
        child=serializers.CharField(),
        help_text="HighPacketLoss, HighRoundTripTime, HighJitterBuffer.",
    )


class SpellRecordSerializer(serializers.Serializer[Any]):
    """Something that lasted for a while in somebody's browser."""

    kind = serializers.ChoiceField(SpellKind.choices)
    cause = serializers.ChoiceField(SpellCause.choices, allow_null=True)
    by = serializers.ChoiceField([ParticipantRole.CUSTOMER.value, ParticipantRole.GUEST.value])
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class QualityRecordSerializer(serializers.Serializer[Any]):
    """How good a call was. Scores are there a while after the end of a call that was answered, if at all."""

    band = serializers.ChoiceField(QualityBand.choices, allow_null=True)
    customer = SideQualitySerializer(allow_null=True)
    agent = SideQualitySerializer(allow_null=True)
    disconnect_issue = serializers.CharField(allow_null=True)
    setup_ms = serializers.IntegerField(
        allow_null=True, help_text="From the customer's click until the call's media was there."
    )
    spells = SpellRecordSerializer(many=True)


def quality_shown(contact: Contact, quality: CallQuality) -> dict[str, Any]:
    """Return how good a call was. Reads its spells."""
    return {
        "band": contact.quality_band or None,
        "customer": _side(quality.customer_score, quality.customer_issues),
        "agent": _side(quality.agent_score, quality.agent_issues),
        "disconnect_issue": quality.disconnect_issue or None,
        "setup_ms": quality.setup_ms,
        "spells": [spell_told(one) for one in quality.spells.all()],
    }


def _side(score: Any, issues: list[str]) -> dict[str, Any] | None:
    return None if score is None else {"score": float(score), "issues": issues}
