"""What every worker does for partners beside the rounds of `contacts`."""

from __future__ import annotations

from functools import cache

from django.utils import timezone

from partners.webhooks.courier import IDLE_S, Courier


@cache
def _courier() -> Courier:
    return Courier()


def carry_webhooks() -> float:
    """Send the webhooks that are due, and keep what came of others. Returns the seconds until the next round."""
    courier = _courier()
    if not courier.go_round(clock=timezone.now):
        courier.wait(IDLE_S)
    return 0.0
