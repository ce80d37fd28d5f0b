"""`localconnect --replay-events FILE`: POST a captured history to the HTTP targets, without serving anything."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from localconnect.clock import Clock
from localconnect.event_envelope import Event
from localconnect.event_history import UnusableHistory, read_lines
from localconnect.event_posts import EventPosts
from localconnect.setting_values import HttpTarget
from localconnect.settings import Settings


def replay_file(path: Path, settings: Settings) -> tuple[int, int]:
    """POST the events of `path`, one envelope to a line, to every target of `settings`, in the order of each contact.

    Returns how many deliveries succeeded and how many were given up.

    :raises UnusableHistory: the file cannot be read or is no history, or the targets are not HTTP targets.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            events = read_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableHistory(f"{path}: {error}") from None
    except UnusableHistory as error:
        raise UnusableHistory(f"{path}: {error}") from None
    targets = [target for target in settings.events_targets if "queue" not in target]
    if not targets or len(targets) < len(settings.events_targets):
        raise UnusableHistory("--replay-events POSTs events: it needs --events-url, and no queue")
    return asyncio.run(_post(events, targets, settings))


async def _post(
    events: Sequence[Event], targets: Sequence[HttpTarget], settings: Settings
) -> tuple[int, int]:
    posts = EventPosts(settings=settings, clock=Clock())
    for event in events:
        for target in targets:
            posts.post(target, event)
    await posts.settle()
    done = posts.delivered, posts.given_up
    await posts.close()
    return done
