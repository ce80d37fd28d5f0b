"""Leases: who alone does a piece of work that every worker could do."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import Q


class Lease(models.Model):
    """The right to do one kind of work, until it runs out or its holder prolongs it.

    A holder that dies loses it by itself. Workers on several machines need clocks that agree within a second or two.
    """

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(holder=""), name="lease_has_holder"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def hold(cls, *, name: str, holder: str, at: datetime, length: timedelta) -> bool:
        """Take or prolong a lease. Returns whether `holder` has it now, until `at` + `length`."""
        values = {"holder": holder, "until": at + length}
        if cls.objects.filter(Q(holder=holder) | Q(until__lt=at), pk=name).update(**values):
            return True
        if cls.objects.filter(pk=name).exists():
            return False
        try:
            with transaction.atomic():
                cls.objects.create(name=name, **values)
        except IntegrityError:  # somebody else made it just now
            return False
        return True
