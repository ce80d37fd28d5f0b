"""What must hold after every fault, whatever it was: one function looks at all that is left of it.

I1  one idempotency key, at most one contact in Amazon Connect
I2  every contact is over, is going on in Amazon Connect, or has a task that will find out; and the other way round
I3  no contact ever moved back, and none is behind what it was told
I4  what a client shows is what the database holds
I5  no secret in logs, in the database, or in the answers of anybody but who started the call
I6  nobody was answered 500, and nothing failed that nobody foresaw
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from django_tasks_db.models import DBTaskResult

from contacts.choices import ContactState
from tests.contacts_world import upstream_contacts
from tests.servers import LocalConnect

Row = Mapping[str, Any]
Fetch = Callable[[str], list[Row]]
TASKS = DBTaskResult._meta.db_table
AWS_SECRET = LocalConnect.secret_key


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a customer."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def token(self) -> str | None:
        """The join token it brings, which is the customer's own."""
        token = (self.body.get("connection") or {}).get("Attendee", {}).get("JoinToken")
        return str(token) if token else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is left of a fault: rows, logs, answers, what clients show, and what Amazon Connect has."""

    contacts: Sequence[Row]
    entries: Sequence[Row]
    tasks: Sequence[str]  # ids of the contacts that a waiting task is about
    database: str
    upstream: Mapping[str, str]  # id -> state
    logs: str
    replies: Sequence[Reply]
    shown: Mapping[str, int]  # id -> version


def gather(
    fetch: Fetch,
    server: LocalConnect,
    *,
    logs: str,
    replies: Sequence[Reply],
    shown: Mapping[str, int] | None = None,
) -> Evidence:
    """Collect the evidence. `fetch` runs a query on the portal's database."""
    waiting = fetch(f"SELECT args_kwargs FROM {TASKS} WHERE status = 'READY'")
    arguments = [row["args_kwargs"] for row in waiting]
    calls = [json.loads(one) if isinstance(one, str) else one for one in arguments]
    tables = sorted({model._meta.db_table for model in apps.get_models()})
    return Evidence(
        contacts=fetch("SELECT * FROM contacts_contact"),
        entries=fetch(
            "SELECT contact_id, state, version FROM contacts_contactevent"
            " WHERE contact_id IS NOT NULL AND version IS NOT NULL ORDER BY version, id"
        ),
        tasks=[_id(call["args"][0]) for call in calls],
        database="\n".join(str(fetch(f"SELECT * FROM {table}")) for table in tables),
        upstream={one["id"]: one["state"].lower() for one in upstream_contacts(server)},
        logs=logs,
        replies=replies,
        shown={_id(contact_id): version for contact_id, version in (shown or {}).items()},
    )


def check_invariants(evidence: Evidence) -> None:
    """Fail, naming all that does not hold."""
    found = [f"{name}: {what}" for name, look in INVARIANTS.items() for what in look(evidence)]
    assert not found, "\n".join(found)


def _one_contact_per_key(evidence: Evidence) -> Iterator[str]:
    if len(evidence.upstream) > len(evidence.contacts):
        yield f"{len(evidence.upstream)} contacts begun for {len(evidence.contacts)} asked for"
    keys = Counter(
        (row["customer_key_hash"], row["idempotency_key"])
        for row in evidence.contacts
        if row["idempotency_key"]
    )
    yield from (f"{times} contacts of key {key}" for key, times in keys.items() if times > 1)
    joined = Counter(row["connect_contact_id"] for row in evidence.contacts)
    joined.pop(None, None)
    yield from (f"{times} rows of contact {one}" for one, times in joined.items() if times > 1)


def _nothing_is_forgotten(evidence: Evidence) -> Iterator[str]:
    alive = {one for one, state in evidence.upstream.items() if state != "ended"}
    cared_for = set()
    for row in evidence.contacts:
        state, upstream_id = ContactState(row["state"]), row["connect_contact_id"]
        has_task = _id(row["id"]) in evidence.tasks
        if not state.is_over and upstream_id not in alive and not has_task:
            yield f"{row['reference']} is {state} and nobody looks after it"
        if has_task or not state.is_over:
            cared_for.add(upstream_id)
    unknown = alive - cared_for
    if unknown and None not in cared_for:  # None: a task will learn the id
        yield f"ghosts in Amazon Connect: {unknown}"


def _nothing_moves_back(evidence: Evidence) -> Iterator[str]:
    told: dict[str, int] = {}
    for entry in evidence.entries:
        rank = ContactState(entry["state"]).rank
        if rank < told.get(entry["contact_id"], 0):
            yield f"{entry['contact_id']} went back to {entry['state']}"
        told[entry["contact_id"]] = rank
    for row in evidence.contacts:
        if ContactState(row["state"]).rank < told.get(row["id"], 0):
            yield f"{row['reference']} is behind its own record"


def _clients_show_what_is(evidence: Evidence) -> Iterator[str]:
    for row in evidence.contacts:
        shown = evidence.shown.get(_id(row["id"]), row["version"])
        if shown != row["version"]:
            yield f"{row['reference']} has version {row['version']}, its page shows {shown}"


def _secrets_are_kept(evidence: Evidence) -> Iterator[str]:
    secrets = {AWS_SECRET} | {reply.token for reply in evidence.replies if reply.token}
    others = str([reply.body for reply in evidence.replies if reply.token is None])
    places = {"logs": evidence.logs, "database": evidence.database, "answers": others}
    for place, text in places.items():
        yield from (f"{secret[:12]}… in the {place}" for secret in secrets if secret in text)


def _nothing_was_unforeseen(evidence: Evidence) -> Iterator[str]:
    yield from (f"answered {one.body}" for one in evidence.replies if one.status == 500)
    if "unforeseen_error" in evidence.logs:
        yield "an unforeseen error in the log"


def _id(value: Any) -> str:
    """The same text of a UUID, however a database writes it."""
    return str(value).replace("-", "")


INVARIANTS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "I1": _one_contact_per_key,
    "I2": _nothing_is_forgotten,
    "I3": _nothing_moves_back,
    "I4": _clients_show_what_is,
    "I5": _secrets_are_kept,
    "I6": _nothing_was_unforeseen,
}
