"""How fast a process takes contact events in, and how fast the endpoint answers."""

from __future__ import annotations

import http.client
import json
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from benchmarks._figures import Figure, quantile
from contacts import operations
from contacts.choices import EventRoute
from contacts.event_queue import BATCH
from contacts.models import Contact
from tests.servers import Portal

CONTACTS = 200
LIFE = ("INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED")
DUPLICATES = DISORDER = 0.2
POSTED = 400
POSTED_RATE = 50
"""Events a second that the endpoint is sent."""


def measure(portal: Portal, ids: list[str]) -> tuple[list[Figure], dict[str, list[float]]]:
    """Take whole lives of calls in, first as the queue's consumer does, then over HTTP. `ids` are of twice `CONTACTS`."""
    Contact.objects.filter(connect_contact_id__in=ids).update(state="initiated", connected_at=None)
    bodies = events_of(ids[:CONTACTS])
    _take(bodies[:BATCH])
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(BATCH, len(bodies), BATCH):
        _take(bodies[start : start + BATCH])
    took = time.perf_counter() - began
    cpu_ms = 1000 * (time.process_time() - cpu) / (len(bodies) - BATCH)
    answers = _post(portal, events_of(ids[CONTACTS:])[:POSTED])
    figures = [
        Figure("event-ingest", (len(bodies) - BATCH) / took, "/s"),
        Figure("event-ingest-cpu", cpu_ms, "ms"),
        Figure("event-answer-p50", quantile(answers, 0.5), "ms"),
        Figure("event-answer-p95", quantile(answers, 0.95), "ms"),
        Figure("event-answer-worst", max(answers), "ms"),
    ]
    return figures, {"event-answers": answers}


def _take(bodies: list[bytes]) -> None:
    for taken in operations.take_events(bodies=bodies, route=EventRoute.QUEUE, at=timezone.now()):
        assert taken.error is None, taken.error


def events_of(ids: list[str]) -> list[bytes]:
    """Return the events of whole calls, a fifth of them twice and a fifth out of place."""
    noon = datetime.now(UTC)
    rng = random.Random(1)
    events: list[tuple[float, dict[str, Any]]] = []
    for number, contact_id in enumerate(ids):
        for step, kind in enumerate(LIFE):
            at = noon + timedelta(seconds=step)
            detail: dict[str, Any] = {
                "eventType": kind,
                "contactId": contact_id,
                "channel": "VOICE",
            }
            if kind == "CONNECTED_TO_AGENT":
                detail["agentInfo"] = {"agentArn": "arn:aws:connect:r:0:instance/i/agent/a"}
            event = {
                "id": str(uuid.uuid4()),
                "source": "aws.connect",
                "detail-type": "Amazon Connect Contact Event",
                "time": at.isoformat(),
                "detail": detail,
            }
            place = step * len(ids) + number
            moved = rng.uniform(-2, 2) * len(ids) if rng.random() < DISORDER else 0
            events.append((place + moved, event))
            if rng.random() < DUPLICATES:
                events.append((place + moved + rng.uniform(0, len(ids)), event))
    return [json.dumps(event).encode() for _, event in sorted(events, key=lambda one: one[0])]


def _post(portal: Portal, bodies: list[bytes]) -> list[float]:
    """Post events at a pace over one connection. Returns how long each answer took, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30)
    headers = {"Content-Type": "application/json", "X-Events-Key": portal.events_key}
    times = []
    began = time.monotonic()
    for number, body in enumerate(bodies):
        time.sleep(max(0.0, began + number / POSTED_RATE - time.monotonic()))
        at = time.perf_counter()
        connection.request("POST", "/api/v1/contact-events/", body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append(1000 * (time.perf_counter() - at))
    connection.close()
    return times
