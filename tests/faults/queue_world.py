"""A portal whose contact events come from a queue of the embedded Connect, both in processes of their own."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from typing import Any

import boto3

from tests.contacts_world import control
from tests.servers import DEMO_CONNECT, LocalConnect, Portal, ServerProcess

QUEUE = "contact-events"
STATES = "SELECT state FROM contacts_contact"
EVENTS = "SELECT event_id FROM contacts_contactevent WHERE source = 'connect'"
# What each event made of its contact.
EFFECTS = "SELECT event_id, state, version FROM contacts_contactevent WHERE source = 'connect' ORDER BY event_id"


def client(server: LocalConnect, service: str) -> Any:
    """A boto3 client of the embedded Connect."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


class QueueWorld:
    """What the tests do to a portal, to the queue and to what is in it."""

    def __init__(self) -> None:
        self.connect = LocalConnect()
        self.url = f"{self.connect.url}/000000000000/{QUEUE}"
        self.portal = Portal(
            connect_url=self.connect.url,
            extra_env={
                "CONNECT_EVENTS_SQS_URL": self.url,
                "CONNECT_RATES": "*=1000:1000",
                "CALL_START_RATE": "100000/min",
            },
        )
        self._consumers: list[ServerProcess] = []
        self.sqs = client(self.connect, "sqs")
        self.caller = client(self.connect, "connect")

    def consume(self, *options: str) -> ServerProcess:
        """Start a consumer of the queue."""
        consumer = ServerProcess(
            "consumer",
            [sys.executable, "manage.py", "consume_contact_events", *options],
            env=self.portal.environment(),
            log=self.portal.folder / "consumer.log",
        )
        self._consumers.append(consumer)
        return consumer

    def kill_consumers(self) -> None:
        while self._consumers:
            self._consumers.pop().kill()

    def close(self) -> None:
        self.sqs.close()
        self.caller.close()

    def prepare(self) -> None:
        """Empty the queue, and have the embedded Connect start what is asked of it at once."""
        control(self.connect, "POST", "/_local/reset")
        limits = {"StartWebRTCContact": {"rate": 1000, "burst": 1000}}
        wish = {"rate_limits": limits, "flow_waits_for_media": False, "concurrent_calls": 100}
        control(self.connect, "PATCH", "/_local/settings", wish)
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            for table in ("participant", "contactevent", "reference", "contact", "deadletter"):
                database.execute(f"DELETE FROM contacts_{table}")
            database.commit()

    @property
    def database(self) -> str:
        return str(self.portal.folder / "portal.sqlite3")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is committed."""
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            return database.execute(query).fetchall()

    def start_calls(self, count: int) -> None:
        """Start calls with the portal; each tells two events."""
        for _ in range(count):
            request = urllib.request.Request(
                f"{self.portal.url}/api/v1/contacts/",
                data=json.dumps({"entry_point": "demo", "name": "Ana"}).encode(),
                headers={"Content-Type": "application/json"},
            )
            urllib.request.urlopen(request, timeout=30).close()

    def end_calls(self) -> None:
        """End every call as the contact centre does."""
        for contact in control(self.connect, "GET", "/_local/state")["contacts"]:
            self.caller.stop_contact(
                InstanceId=DEMO_CONNECT["CONNECT_INSTANCE_ID"], ContactId=contact["id"]
            )

    def send(self, *bodies: str) -> None:
        """Put messages into the queue by hand."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def queued(self) -> dict[str, Any]:
        """How many messages the queue holds: visible, in_flight, delayed."""
        queues = control(self.connect, "GET", "/_local/state")["message_queues"]
        found: dict[str, Any] = next(queue for queue in queues if queue["name"] == QUEUE)
        return found

    def is_empty(self) -> bool:
        """Whether every message has been deleted."""
        queue = self.queued()
        return not (queue["visible"] or queue["in_flight"] or queue["delayed"])

    def told(self) -> set[str]:
        """The ids of all events that the embedded Connect has told of."""
        history = control(self.connect, "GET", "/_local/events")["history"]
        return {event["id"] for event in history}

    def advance(self, seconds: float) -> None:
        """Let time pass in the embedded Connect, and so in the queue."""
        control(self.connect, "POST", "/_local/clock", {"advance_s": seconds})


def wait_for(condition: Callable[[], Any], *, timeout_s: float = 60) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("It did not happen in time")
