"""The adapter to Amazon Connect: what the portal asks of queues, with typed results. Knows nothing of rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contacts import errors
from contacts.connect_client import ask
from contacts.opening_hours import Schedule, UnableToReadHours, schedule_of

QUEUES_PER_REQUEST = 100
METRICS = ("AGENTS_ONLINE", "AGENTS_AVAILABLE", "CONTACTS_IN_QUEUE", "ESTIMATED_WAIT_TIME")


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How a queue is doing; the wait is None where it is not told."""

    agents_online: int
    agents_available: int
    contacts_in_queue: int
    estimated_wait_s: int | None


def queue_of_flow(*, instance_id: str, flow_id: str) -> str:
    """Return the id of the one queue that a published flow sends contacts to; empty if there is none, or no single one.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    reply = ask(
        "describe_contact_flow",
        {"InstanceId": instance_id, "ContactFlowId": flow_id.rpartition("/")[2]},
    )
    try:
        content = json.loads((reply.get("ContactFlow") or {}).get("Content") or "{}")
    except ValueError:
        return ""
    actions: list[dict[str, Any]] = content.get("Actions") or []
    queues = {
        str(action.get("Parameters", {}).get("QueueId") or "").rpartition("/")[2]
        for action in actions
        if action.get("Type") == "UpdateContactTargetQueue"
    }
    [queue, *others] = queues or {""}
    return "" if others or queue.startswith("$") else queue  # "$.Attributes…": chosen call by call


def opening_hours(*, instance_id: str, queue_id: str, first: date, last: date) -> Schedule:
    """Read the hours of operation of a queue for the days from `first` to `last`, holidays included.

    :raises ConnectError: Amazon Connect refused, failed, did not answer in time, or answered what cannot be read.
    """
    described = ask("describe_queue", {"InstanceId": instance_id, "QueueId": queue_id})
    hours_id = (described.get("Queue") or {}).get("HoursOfOperationId")
    if not hours_id:
        raise errors.ConnectMisconfigured("the queue has no hours of operation")
    reply = ask(
        "get_effective_hours_of_operations",
        {
            "InstanceId": instance_id,
            "HoursOfOperationId": hours_id,
            "FromDate": first.isoformat(),
            "ToDate": last.isoformat(),
        },
    )
    try:
        return schedule_of(reply, last_day=last)
    except UnableToReadHours as error:
        raise errors.ConnectMisconfigured(f"the hours of operation: {error}") from error


def queue_figures(*, instance_id: str, queue_ids: Sequence[str]) -> dict[str, QueueFigures]:
    """Read how at most `QUEUES_PER_REQUEST` queues are doing. A queue without a row has no agents and no contacts.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    reply = ask(
        "get_current_metric_data",
        {
            "InstanceId": instance_id,
            "Filters": {"Queues": list(queue_ids), "Channels": ["VOICE"]},
            "Groupings": ["QUEUE", "CHANNEL"],  # which ESTIMATED_WAIT_TIME asks for
            "CurrentMetrics": [
                {"Name": name, "Unit": "SECONDS" if name == "ESTIMATED_WAIT_TIME" else "COUNT"}
                for name in METRICS
            ],
            "MaxResults": QUEUES_PER_REQUEST,
        },
    )
    told = {
        row.get("Dimensions", {}).get("Queue", {}).get("Id"): _figures(row)
        for row in reply.get("MetricResults") or []
    }
    return {queue_id: told.get(queue_id, QueueFigures(0, 0, 0, None)) for queue_id in queue_ids}


def _figures(row: dict[str, Any]) -> QueueFigures:
    values = {
        one.get("Metric", {}).get("Name"): one.get("Value") for one in row.get("Collections") or []
    }
    online, available, waiting, wait_s = (values.get(name) for name in METRICS)
    return QueueFigures(
        agents_online=round(online or 0),
        agents_available=round(available or 0),
        contacts_in_queue=round(waiting or 0),
        estimated_wait_s=None if wait_s is None or wait_s < 0 else round(wait_s),
    )
