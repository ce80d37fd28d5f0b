"""The rounds of a worker: what goes wrong in one is told, and the next comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contacts import metrics, rounds
from contacts.errors import ConnectUnavailable

ROUND = "a-round-of-a-test"


class Ended(BaseException):
    """Ends the rounds, as the end of a process does."""


def counted(outcome: str) -> float:
    return (
        metrics.REGISTRY.get_sample_value(
            "portal_worker_rounds_total", {"round": ROUND, "outcome": outcome}
        )
        or 0.0
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "event", "outcome"),
    [
        (ConnectUnavailable("no answer"), "round_unanswered", "unanswered"),
        (ValueError("a mistake"), "round_failed", "failed"),
    ],
)
def test_round_that_fails_is_told_and_followed_by_another(
    caplog: pytest.LogCaptureFixture, error: Exception, event: str, outcome: str
) -> None:
    """Should tell a mistake with where it was made, and of Amazon Connect what it said."""
    before = counted(outcome)

    def turns() -> Iterator[BaseException]:
        yield error
        yield Ended()

    coming = turns()

    def one_round() -> float:
        raise next(coming)

    with pytest.raises(Ended):
        rounds._repeat(ROUND, one_round)
    [told] = [record for record in caplog.records if record.msg == event]
    assert counted(outcome) == before + 1
    assert bool(told.exc_info) == (outcome == "failed")
