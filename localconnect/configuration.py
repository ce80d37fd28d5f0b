"""Reads what exists (instances, flows, queues, hours, agents) from one TOML file.

Everything is checked before the server starts: an unknown key, a wrong type, a name that leads nowhere, an id given
twice. A mistake is reported with the line it is on. `configuration_example` shows a whole file.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localconnect.demo_identity import DEMO
from localconnect.directory import (
    DAY_MINUTES,
    DAYS,
    DEFAULT_ATTRIBUTES,
    Directory,
    Flow,
    Hours,
    Instance,
    Opening,
    Override,
    Queue,
    Sounds,
)
from localconnect.toml_lines import Path as Place
from localconnect.toml_lines import line_of

T = TypeVar("T")

_ALIAS = re.compile(r"(?!d-)[0-9A-Za-z]+(-*[0-9A-Za-z])*")
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-[0-9]")
_MAX_NAME = 127
_SOUNDS = ("greeting_sound", "queue_music", "hold_music")


class UnusableConfiguration(ValueError):
    """The file cannot be used; the text names the file, the line and what is wrong there."""


class _Mistake(Exception):
    """Something wrong at a place in the document."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place = place


def load_directory(path: Path) -> Directory:
    """The directory that the file at `path` declares.

    :raises UnusableConfiguration: it cannot be read, is not TOML, or declares what cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise UnusableConfiguration(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise UnusableConfiguration(f"{path}:{line}: not UTF-8; save the file as such") from error
    except ValueError as error:  # broken TOML, whose message names line and column
        raise UnusableConfiguration(f"{path}: {error}") from error
    try:
        return _directory(_Table(document, (), path.parent))
    except _Mistake as mistake:
        where = ".".join(str(part) for part in mistake.place) or "the file"
        line = line_of(text, mistake.place)
        raise UnusableConfiguration(f"{path}:{line}: {where}: {mistake}") from mistake


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the document, and where it stands."""

    values: Mapping[str, Any]
    place: Place
    folder: Path = Path()
    """What the names of files are relative to."""

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of `key`, which must be a `kind`; it may be absent only when there is a default."""
        value = self.values.get(key, default)
        if value is None:
            raise _Mistake(self.place, f"{key} is missing")
        is_number = kind is float and isinstance(value, int) and not isinstance(value, bool)
        if not (isinstance(value, kind) or is_number):
            raise _Mistake((*self.place, key), f"expected {_KINDS[kind]}")
        return cast("T", value)  # a whole number where a float is wanted is one

    def text(
        self, key: str, pattern: re.Pattern[str] | None = None, default: str | None = None
    ) -> str:
        """Text of a bounded length."""
        value = self.take(key, str, default)
        if not 0 < len(value) <= _MAX_NAME or (pattern and not pattern.fullmatch(value)):
            raise _Mistake((*self.place, key), f"not a {key} that Amazon Connect would have")
        return value

    def id(self, *made_from: str) -> str:
        """The table's own id, a UUID; when none is given, one that follows from `made_from`."""
        if "id" not in self.values:
            return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(made_from)))
        value = self.take("id", str)
        try:
            is_uuid = str(uuid.UUID(value)) == value
        except ValueError:
            is_uuid = False
        if not is_uuid:
            raise _Mistake((*self.place, "id"), "expected a UUID in lower case")
        return value

    def tables(self, key: str) -> list[_Table]:
        """The tables of an array."""
        found = self.take(key, list, [])
        if not all(isinstance(item, dict) for item in found):
            raise _Mistake((*self.place, key), "expected tables")
        return [
            _Table(item, (*self.place, key, number), self.folder)
            for number, item in enumerate(found)
        ]

    def named(self, key: str, known: Mapping[str, T], default: T | None = None) -> T:
        """The thing whose name is the value of `key`."""
        if key not in self.values and default is not None:
            return default
        name = self.take(key, str)
        if name not in known:
            raise _Mistake((*self.place, key), f"there is no {name!r} here; {_choice(known)}")
        return known[name]

    def file(self, key: str) -> Path | None:
        """The file named by `key`, which must be there; None when none is named."""
        name = self.take(key, str, "")
        if not name:
            return None
        path = self.folder / name
        if not path.is_file():
            raise _Mistake((*self.place, key), f"there is no file {path}")
        return path

    def only(self, *keys: str) -> None:
        """Refuse every other key."""
        for key in self.values:
            if key not in keys:
                raise _Mistake((*self.place, key), f"unknown; {_choice(keys)}")


_KINDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a day, such as 2027-01-01",
}


def _choice(known: Any) -> str:
    return f"expected one of {', '.join(known)}" if known else "none is declared"


def _directory(document: _Table) -> Directory:
    document.only("account", "instances")
    account = _Table(document.take("account", dict, {}), ("account",))
    account.only("id", "region", "access_key", "secret_key")
    account_id = account.text("id", _ACCOUNT, DEMO.account_id)
    region = account.text("region", _REGION, DEMO.region)
    tables = document.tables("instances")
    if not tables:
        raise _Mistake((), "at least one [[instances]] is expected")
    agent_queues: dict[str, frozenset[str]] = {}
    instances = tuple(_instance(table, region, account_id, agent_queues) for table in tables)
    _check_unique(tables, [instance.id for instance in instances])
    return Directory(
        account.text("access_key", default=DEMO.access_key),
        account.text("secret_key", default=DEMO.secret_key),
        region,
        account_id,
        instances,
        agent_queues,
    )


def _instance(
    table: _Table, region: str, account_id: str, agent_queues: dict[str, frozenset[str]]
) -> Instance:
    table.only("id", "alias", "attributes", "hours", "queues", "flows", "agents")
    alias = table.text("alias", _ALIAS)
    instance_id = table.id(alias)
    hours = _collect(table, "hours", lambda item: _hours(item, instance_id))
    always = Hours(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{instance_id}/hours")), "Always")
    if not hours:
        hours = {always.name: always}
    queues = _collect(table, "queues", lambda item: _queue(item, instance_id, hours, always))
    flows = _collect(table, "flows", lambda item: _flow(item, instance_id, queues, hours))
    for agent in table.tables("agents"):
        agent.only("name", "queues")
        name, served = agent.text("name"), agent.take("queues", list)
        if name in agent_queues:
            raise _Mistake((*agent.place, "name"), "given twice")
        agent_queues[name] = frozenset(
            _Table({"queues": queue}, agent.place).named("queues", queues).id for queue in served
        )
    return Instance(
        instance_id,
        alias,
        region,
        account_id,
        tuple(hours.values()),
        tuple(queues.values()),
        tuple(flows.values()),
        _attributes(_Table(table.take("attributes", dict, {}), (*table.place, "attributes"))),
    )


def _attributes(table: _Table) -> dict[str, bool]:
    table.only(*DEFAULT_ATTRIBUTES)
    return {name: table.take(name, bool, default) for name, default in DEFAULT_ATTRIBUTES.items()}


def _hours(table: _Table, instance_id: str) -> Hours:
    table.only("id", "name", "time_zone", "open", "overrides")
    name, time_zone = table.text("name"), table.text("time_zone", default="UTC")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Mistake((*table.place, "time_zone"), "there is no such time zone") from error
    openings = [opening for item in table.tables("open") for opening in _openings(item)]
    overrides = tuple(_override(item) for item in table.tables("overrides"))
    return Hours(table.id(instance_id, "hours", name), name, time_zone, tuple(openings), overrides)


def _override(table: _Table) -> Override:
    table.only("name", "from", "to", "open")
    first = _date(table, "from")
    last = _date(table, "to") if "to" in table.values else first
    if last < first:
        raise _Mistake((*table.place, "to"), "expected a day not before from")
    openings: list[tuple[int, int]] = []
    for item in table.tables("open"):
        item.only("from", "to")
        openings += [(one.start, one.end) for one in _openings(item)[:1]]
    return Override(table.text("name"), first, last, tuple(sorted(openings)))


def _date(table: _Table, key: str) -> date:
    value = table.take(key, date)
    if isinstance(value, datetime):
        raise _Mistake((*table.place, key), f"expected {_KINDS[date]}")
    return value


def _openings(table: _Table) -> list[Opening]:
    table.only("days", "from", "to")
    start, end = _minute(table, "from", "00:00"), _minute(table, "to", "24:00")
    if start >= end:
        raise _Mistake((*table.place, "to"), "expected a time after from")
    days = table.take("days", list, list(DAYS))
    for day in days:
        if day not in DAYS:
            raise _Mistake((*table.place, "days"), _choice(DAYS))
    return [Opening(day, start, end) for day in days]


def _minute(table: _Table, key: str, default: str) -> int:
    match = _TIME.fullmatch(table.take(key, str, default))
    minute = int(match[1]) * 60 + int(match[2]) if match else DAY_MINUTES + 1
    if minute > DAY_MINUTES:
        raise _Mistake((*table.place, key), "expected a time from 00:00 to 24:00")
    return minute


def _queue(table: _Table, instance_id: str, hours: Mapping[str, Hours], always: Hours) -> Queue:
    table.only("id", "name", "hours")
    name = table.text("name")
    default = always if always in hours.values() else None
    return Queue(table.id(instance_id, "queue", name), name, table.named("hours", hours, default))


def _flow(
    table: _Table, instance_id: str, queues: Mapping[str, Queue], hours: Mapping[str, Hours]
) -> Flow:
    table.only(
        *("id", "name", "greeting", "queue", "hours", "wait_limit_s", "published"), *_SOUNDS
    )
    name, queue = table.text("name"), table.named("queue", queues)
    limit = table.take("wait_limit_s", float, 0.0)
    if not 0 <= limit < float("inf"):
        raise _Mistake((*table.place, "wait_limit_s"), "expected seconds, 0 for no limit")
    return Flow(
        table.id(instance_id, "flow", name),
        name,
        queue,
        table.named("hours", hours, queue.hours),
        table.take("greeting", str, ""),
        float(limit) or None,
        table.take("published", bool, default=True),
        Sounds(*(table.file(key) for key in _SOUNDS)),
    )


def _collect(table: _Table, key: str, make: Callable[[_Table], Any]) -> dict[str, Any]:
    """What the tables of an array declare, by name; names and ids are given once."""
    tables = table.tables(key)
    made = [make(item) for item in tables]
    by_name: dict[str, Any] = {}
    for item, source in zip(made, tables, strict=True):
        if item.name in by_name:
            raise _Mistake((*source.place, "name"), "given twice")
        by_name[item.name] = item
    _check_unique(tables, [item.id for item in made])
    return by_name


def _check_unique(tables: list[_Table], ids: list[str]) -> None:
    for number, table in enumerate(tables):
        if ids[number] in ids[:number]:
            raise _Mistake((*table.place, "id"), "given twice")
