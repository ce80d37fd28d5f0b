"""The portal in processes of its own, on whatever database, and what a test does to it before the invariants are looked at."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from tests.contacts_world import control, upstream_contacts
from tests.faults.invariants import Reply, Row, check_invariants, gather
from tests.servers import LocalConnect, Portal

BODY = {"entry_point": "demo", "name": "Ana"}
FOR_TESTS = {
    "CALL_START_RATE": "100000/min",
    "CONNECT_RATES": "*=1000:1000,StartWebRTCContact=1000:1000",
}
CONVERGED_WITHIN_S = 2.0
LOADED_S = 8.0  # that a machine under load may add to it


class PortalWorld:
    """A customer of a portal that runs elsewhere."""

    def __init__(self, server: LocalConnect, portal: Portal) -> None:
        self.server = server
        self.portal = portal
        self.replies: list[Reply] = []
        self.shown: dict[str, int] = {}  # version of each contact, as its page shows it

    def prepare(self) -> None:
        """Have the embedded Connect start what is asked of it at once."""
        limits = {"StartWebRTCContact": {"rate": 1000, "burst": 1000}}
        wish = {"rate_limits": limits, "flow_waits_for_media": False, "concurrent_calls": 1000}
        control(self.server, "PATCH", "/_local/settings", wish)

    def start(self, key: str | None = None, portal: Portal | None = None) -> Reply:
        """Ask for a call. Without any answer, the status is 0."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        reply = self.ask("POST", "/api/v1/contacts/", BODY, headers, portal=portal)
        self.replies.append(reply)
        return reply

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        portal: Portal | None = None,
    ) -> Reply:
        """Make a request of the portal."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        url = (portal or self.portal).url + path
        request = urllib.request.Request(url, data, headers, method=method)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, told, fields = answer.status, answer.read(), dict(answer.headers)
        except urllib.error.HTTPError as refused:
            with refused:
                status, told, fields = refused.code, refused.read(), dict(refused.headers)
        except OSError:
            return Reply(0, {})
        return Reply(status, json.loads(told or b"{}"), fields, time.monotonic() - began)

    def readiness(self) -> tuple[int, Mapping[str, str]]:
        """Status and parts of `/readyz`."""
        reply = self.ask("GET", "/readyz")
        return reply.status, reply.body.get("parts", {})

    def tell(self, contact_id: str, kind: str, *, portal: Portal | None = None) -> Reply:
        """Tell the portal of an event of a contact, by its id in Amazon Connect."""
        event = {
            "id": str(uuid.uuid4()),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "detail": {"eventType": kind, "contactId": contact_id, "channel": "VOICE"},
        }
        key = {"X-Events-Key": self.portal.events_key}
        return self.ask("POST", "/api/v1/contact-events/", event, key, portal=portal)

    def rows(self, query: str) -> list[Row]:
        """What is committed."""
        url = self.portal.environment()["DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as database:
                database.row_factory = sqlite3.Row
                return [dict(row) for row in database.execute(query)]
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(url, row_factory=dict_row) as session:
            return list(session.execute(query))

    def upstream_states(self) -> list[str]:
        """The states of the contacts that the embedded Connect has."""
        return [one["state"].lower() for one in upstream_contacts(self.server)]

    def check(self) -> None:
        """Look at the invariants, until they hold or everything has had the time to converge."""
        deadline = time.monotonic() + CONVERGED_WITHIN_S + LOADED_S
        while True:
            evidence = gather(
                self.rows,
                self.server,
                logs=self.portal.logs(),
                replies=self.replies,
                shown=self.shown,
            )
            try:
                return check_invariants(evidence)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)


def wait_until(condition: Callable[[], Any], *, within_s: float = 60) -> float:
    """Wait until the condition is true, and return the seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s
        time.sleep(0.05)
    return time.monotonic() - began
