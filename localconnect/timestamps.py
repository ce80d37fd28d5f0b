"""Times as clients read them: to the millisecond, and one instant as the same one wherever it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def to_milliseconds(at: float) -> float:
    """Epoch seconds with three decimals, as replies write them."""
    return round(at, 3)


@lru_cache(maxsize=1024)  # every event of a contact repeats the times of those before it
def iso_time(at: float | None) -> str | None:
    """Epoch seconds as `YYYY-MM-DDThh:mm:ss.sssZ`; None when there is no time."""
    if at is None:
        return None
    moment = datetime.fromtimestamp(to_milliseconds(at), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
