"""What the list of contacts can be narrowed by, besides what Django derives from fields. None of it counts rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.choices import ContactState, ParticipantRole, QualityBand
from contacts.models import Contact, ContactTag, Participant

Rows = QuerySet[Contact]
Narrowing = Callable[[Rows], Rows]

YES, NO = _("Yes"), _("No")


def _judged(band: QualityBand, rows: Rows) -> Rows:
    return rows.filter(quality_band=band).exclude(quality_band="")  # as the index has it


def _either(field: str, yes: Any = YES, no: Any = NO) -> dict[str, tuple[Any, Narrowing]]:
    """Return the choices of a field that is true or false."""
    return {
        "yes": (yes, lambda rows: rows.filter(**{field: True})),
        "no": (no, lambda rows: rows.filter(**{field: False})),
    }


class _Choosing(admin.SimpleListFilter):
    """One choice of several, each a condition."""

    choices_of: dict[str, tuple[Any, Narrowing]] = {}

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Name the choices."""
        return [(value, title) for value, (title, _narrow) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Narrow the list."""
        chosen = self.choices_of.get(self.value() or "")
        return queryset if chosen is None else chosen[1](queryset)


class WhenFilter(_Choosing):
    """Of the last hours or days."""

    title = _("when")
    parameter_name = "when"
    choices_of = {
        "today": (_("Today"), lambda rows: _since(rows, _midnight())),
        "24h": (_("Last 24 hours"), lambda rows: _since(rows, _ago(hours=24))),
        "7d": (_("Last 7 days"), lambda rows: _since(rows, _ago(days=7))),
        "30d": (_("Last 30 days"), lambda rows: _since(rows, _ago(days=30))),
    }


class ReachedFilter(_Choosing):
    """Whether an agent answered."""

    title = _("an agent answered")
    parameter_name = "answered"
    choices_of = {
        "yes": (YES, lambda rows: rows.filter(connected_at__isnull=False)),
        "failed": (
            _("Failed before connecting"),
            lambda rows: rows.filter(state=ContactState.FAILED, connected_at__isnull=True),
        ),
        "abandoned": (
            _("Ended before connecting"),
            lambda rows: rows.filter(state=ContactState.ENDED, connected_at__isnull=True),
        ),
    }


class GuestsFilter(_Choosing):
    """Whether somebody besides customer and agent was let in."""

    title = _("guests")
    parameter_name = "guests"
    choices_of = _either("had_guests", _("With guests"), _("Without guests"))


class VideoFilter(_Choosing):
    """Whether the agent saw the customer."""

    title = _("had video")
    parameter_name = "had_video"
    choices_of = _either("had_video")


class ShareFilter(_Choosing):
    """Whether the customer showed their screen."""

    title = _("had a shared screen")
    parameter_name = "had_share"
    choices_of = _either("had_share")


class QualityFilter(_Choosing):
    """How good it was."""

    title = _("quality")
    parameter_name = "quality"
    choices_of = {band.value: (band.label, partial(_judged, band)) for band in QualityBand}


class RatingFilter(_Choosing):
    """How the customer rated the call."""

    title = _("rating")
    parameter_name = "rating"
    choices_of = {
        "bad": (_("1 or 2"), lambda rows: rows.filter(survey__rating__lte=2)),
        "fair": (_("3"), lambda rows: rows.filter(survey__rating=3)),
        "good": (_("4 or 5"), lambda rows: rows.filter(survey__rating__gte=4)),
    }


class _ChosenInARow(admin.SimpleListFilter):
    """By what a row's link names. Offers nothing else, as all there is cannot be listed without reading every row."""

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Offer what is chosen."""
        chosen = self.used_parameters.get(self.parameter_name or "")
        return [(str(chosen), self.words_of(str(chosen)))] if chosen else []

    def words_of(self, value: str) -> str:
        """Return how the value is shown."""
        return value


class TagFilter(_ChosenInARow):
    """Those with a tag."""

    title = _("tag")
    parameter_name = "tag"

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Narrow the list."""
        if not self.value():
            return queryset
        tagged = ContactTag.objects.filter(text=self.value())
        return queryset.filter(pk__in=tagged.values("contact"))


class QueueFilter(_ChosenInARow):
    """Those that waited in a queue first."""

    title = _("queue")
    parameter_name = "queue"

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Narrow the list."""
        if not self.value():
            return queryset
        # The second condition says nothing more, but is that of the index.
        return queryset.filter(queue_id=self.value()).exclude(queue_id="")


class AgentFilter(_ChosenInARow):
    """Those that an agent answered."""

    title = _("agent")
    parameter_name = "agent"

    def words_of(self, value: str) -> str:
        """Return the end of the agent's ARN."""
        return value.rpartition("/")[2]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Narrow the list."""
        if not self.value():
            return queryset
        answered = Participant.objects.filter(role=ParticipantRole.AGENT, connect_id=self.value())
        return queryset.filter(pk__in=answered.values("contact"))


def _since(rows: Rows, at: datetime) -> Rows:
    return rows.filter(requested_at__gte=at)


def _ago(**length: int) -> datetime:
    return timezone.now() - timedelta(**length)


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
