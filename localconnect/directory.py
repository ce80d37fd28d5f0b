"""What exists before anybody calls: the account, its instances, and in each its flows, queues and hours.

Values only; nothing here changes while the server runs. `configuration` reads them from a file, and `demo_directory`
is what there is without one. Resources are found by their id or their ARN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from localconnect.demo_identity import DEMO

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
DAY_MINUTES = 24 * 60
DEFAULT_ATTRIBUTES = {
    "INBOUND_CALLS": True,
    "OUTBOUND_CALLS": True,
    "CONTACTFLOW_LOGS": False,
    "CONTACT_LENS": False,
    "AUTO_RESOLVE_BEST_VOICES": True,
    "USE_CUSTOM_TTS_VOICES": False,
    "EARLY_MEDIA": True,
    "MULTI_PARTY_CONFERENCE": True,
    "HIGH_VOLUME_OUTBOUND": False,
    "ENHANCED_CONTACT_MONITORING": True,
    "ENHANCED_CHAT_MONITORING": False,
    "MULTI_PARTY_CHAT_CONFERENCE": False,
}


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of one weekday, in minutes after midnight; a whole day is 0 to 1440."""

    day: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Override:
    """Days, the last one included, on which other hours hold; none: closed, as on a holiday."""

    name: str
    first: date
    last: date
    openings: tuple[tuple[int, int], ...] = ()
    """Minutes after midnight, earliest first."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is there."""

    id: str
    name: str
    time_zone: str = "UTC"
    openings: tuple[Opening, ...] = tuple(Opening(day, 0, DAY_MINUTES) for day in DAYS)
    overrides: tuple[Override, ...] = ()

    def override_on(self, day: date) -> Override | None:
        """What holds on that day instead; the one declared first, if several do."""
        return next((one for one in self.overrides if one.first <= day <= one.last), None)

    def on(self, day: date) -> list[Opening]:
        """The stretches of that day, earliest first."""
        name = DAYS[day.weekday()]
        override = self.override_on(day)
        if override is not None:
            return [Opening(name, start, end) for start, end in override.openings]
        return sorted(
            (opening for opening in self.openings if opening.day == name),
            key=lambda opening: opening.start,
        )

    def is_open(self, at: float) -> bool:
        """Whether somebody is there at epoch second `at`."""
        local = datetime.fromtimestamp(at, ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        return any(opening.start <= minute < opening.end for opening in self.on(local.date()))


@dataclass(frozen=True, slots=True)
class Queue:
    """Where contacts wait."""

    id: str
    name: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Sounds:
    """A company's own sound files; None: what localconnect makes itself."""

    greeting: Path | None = None
    queue_music: Path | None = None
    hold_music: Path | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A named routing: greet, look at the hours, wait in the queue, for so long at most."""

    id: str
    name: str
    queue: Queue
    hours: Hours
    greeting: str = ""
    wait_limit_s: float | None = None
    is_published: bool = True
    sounds: Sounds = Sounds()


@dataclass(frozen=True, slots=True)
class Instance:
    """One Amazon Connect instance."""

    id: str
    alias: str
    region: str
    account_id: str
    hours: tuple[Hours, ...]
    queues: tuple[Queue, ...]
    flows: tuple[Flow, ...]
    attributes: Mapping[str, bool] = field(default_factory=lambda: dict(DEFAULT_ATTRIBUTES))

    @property
    def arn(self) -> str:
        return f"arn:aws:connect:{self.region}:{self.account_id}:instance/{self.id}"

    def arn_of(self, kind: str, resource_id: str) -> str:
        """The ARN of a resource; `kind` as ARNs write it, e.g. `contact` or `contact-flow`."""
        return f"{self.arn}/{kind}/{resource_id}"

    def find_flow(self, value: str) -> Flow | None:
        """The flow of that id or ARN."""
        return self._find(self.flows, "contact-flow", value)

    def find_queue(self, value: str) -> Queue | None:
        """The queue of that id or ARN."""
        return self._find(self.queues, "queue", value)

    def find_hours(self, value: str) -> Hours | None:
        """The hours of operation of that id or ARN."""
        return self._find(self.hours, "operating-hours", value)

    def _find(self, resources: Iterable[R], kind: str, value: str) -> R | None:
        wanted = value.removeprefix(f"{self.arn}/{kind}/")
        return next((resource for resource in resources if resource.id == wanted), None)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything declared."""

    access_key: str
    secret_key: str
    region: str
    account_id: str
    instances: tuple[Instance, ...]
    agent_queues: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By name of an agent: the ids of the queues they serve. Who is not named serves all."""

    def find(self, instance_id: str) -> Instance | None:
        """The instance of that id."""
        return next((item for item in self.instances if item.id == instance_id), None)


def demo_directory() -> Directory:
    """One instance with one queue that is always open, a published flow into it and one that is only saved."""
    hours = Hours("55555555-5555-4555-8555-555555555555", "Always")
    queue = Queue(DEMO.queue_id, "Demo queue", hours)
    greeting = "Welcome. Somebody will be with you soon."
    instance = Instance(
        DEMO.instance_id,
        "localconnect-demo",
        DEMO.region,
        DEMO.account_id,
        hours=(hours,),
        queues=(queue,),
        flows=(
            Flow(DEMO.flow_id, "Demo video call", queue, hours, greeting),
            Flow(DEMO.saved_flow_id, "Demo draft", queue, hours, is_published=False),
        ),
    )
    return Directory(
        DEMO.access_key, DEMO.secret_key, DEMO.region, DEMO.account_id, instances=(instance,)
    )


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
