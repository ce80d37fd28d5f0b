"""Names of customers that say what becomes of their calls: how clients rehearse what no test could wait for a person to do.

`agent-answers-5s`, `no-agent`, `no-agent-10s` and `drop-at-30s`, with any number of seconds up to an hour. Any other name is a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_S = 3600
_MAGIC = re.compile(r"(agent-answers|no-agent|drop-at)(?:-([0-9]{1,4})s)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Script:
    """What becomes of a call, in seconds; None for never. Nobody but the agent of the script is ever asked to answer it."""

    answered_after_s: float | None = None
    """Since it was put into the queue."""
    given_up_after_s: float | None = None
    """Since it was put into the queue; None for the flow's own limit."""
    dropped_after_s: float | None = None
    """Since the agent's media joined."""


def script_of(display_name: str) -> Script | None:
    """What the customer's name asks for, if it is a magic one."""
    found = _MAGIC.match(display_name)
    if found is None:
        return None
    verb, given = found.groups()
    seconds = None if given is None else float(given)
    if seconds is not None and seconds > LONGEST_S:
        return None
    if verb == "no-agent":
        return Script(given_up_after_s=seconds)
    if seconds is None:
        return None
    if verb == "agent-answers":
        return Script(answered_after_s=seconds)
    return Script(answered_after_s=0.0, dropped_after_s=seconds)
