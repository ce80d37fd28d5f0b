"""GetCurrentMetricData: how queues and agents are doing at this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localconnect.agents import Agent, AgentStatus
from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact
from localconnect.directory import Instance, Queue
from localconnect.services.calls import estimated_wait_s
from localconnect.services.registry import Service, operation
from localconnect.services.resources import checked_instance, found_queue

_PAGE = 100
_TOKEN_LIFE_S = 300.0
_GROUPINGS = {"QUEUE", "CHANNEL"}
_UNSORTABLE = {"SLOTS_ACTIVE", "SLOTS_AVAILABLE"}


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a row of metrics is made from: the contacts waiting and the agents serving some queues."""

    service: Service
    queues: list[Queue]
    waiting: list[Contact]
    agents: list[Agent]

    def count(self, *statuses: AgentStatus) -> float:
        return float(sum(agent.status in statuses for agent in self.agents))

    def oldest_s(self) -> float:
        now = self.service.clock.time()
        return max((now - (contact.queued_at or now) for contact in self.waiting), default=0.0)


_ON_CONTACT = (AgentStatus.RINGING, AgentStatus.BUSY, AgentStatus.WRAP_UP)
_STAFFED = (AgentStatus.AVAILABLE, AgentStatus.MISSED, *_ON_CONTACT)
_MILLISECONDS_UNLESS_GROUPED = "OLDEST_CONTACT_AGE"
"""Amazon Connect documents it so: without groupings its Unit says SECONDS and its value is in milliseconds."""
_METRICS: dict[str, Callable[[_Moment], float]] = {
    "AGENTS_ONLINE": lambda now: now.count(AgentStatus.BREAK, *_STAFFED),
    "AGENTS_AVAILABLE": lambda now: now.count(AgentStatus.AVAILABLE),
    "AGENTS_ON_CALL": lambda now: now.count(AgentStatus.BUSY),
    "AGENTS_NON_PRODUCTIVE": lambda now: now.count(AgentStatus.BREAK),
    "AGENTS_AFTER_CONTACT_WORK": lambda now: now.count(AgentStatus.WRAP_UP),
    "AGENTS_ERROR": lambda now: now.count(AgentStatus.MISSED),
    "AGENTS_STAFFED": lambda now: now.count(*_STAFFED),
    "AGENTS_ON_CONTACT": lambda now: now.count(*_ON_CONTACT),
    "SLOTS_ACTIVE": lambda now: now.count(*_ON_CONTACT),
    "SLOTS_AVAILABLE": lambda now: now.count(AgentStatus.AVAILABLE),
    "CONTACTS_IN_QUEUE": lambda now: float(len(now.waiting)),
    "CONTACTS_SCHEDULED": lambda now: 0.0,
    "OLDEST_CONTACT_AGE": lambda now: now.oldest_s(),
    "ESTIMATED_WAIT_TIME": lambda now: estimated_wait_s(now.service, len(now.waiting) + 1),
}


@operation("GetCurrentMetricData")
def get_current_metric_data(service: Service, call: Call) -> dict[str, Any]:
    """Metrics of the queues asked for, together or, grouped by QUEUE, one by one."""
    params = call.params
    instance = checked_instance(service, params["InstanceId"])
    groupings = params.get("Groupings", [])
    if not set(groupings) <= _GROUPINGS:
        raise ApiError(Cause.RULE, "Groupings: expected QUEUE and CHANNEL only")
    queues = _queues(instance, params["Filters"])
    if "VOICE" not in (params["Filters"].get("Channels") or ["VOICE"]):
        queues = []
    groups = [[queue] for queue in queues] if "QUEUE" in groupings else [queues] if queues else []
    moments = [_moment(service, group) for group in groups]
    rows = [_row(moment, instance, params) for moment in _sorted(moments, params)]
    page, token = service.paginator.page(call, rows, size=_PAGE, life_s=_TOKEN_LIFE_S)
    return {
        "MetricResults": page,
        "NextToken": token,
        "DataSnapshotTime": service.clock.time(),
        "ApproximateTotalCount": len(rows),
    }


def _queues(instance: Instance, filters: dict[str, Any]) -> list[Queue]:
    named = filters.get("Queues")
    if not named or filters.keys() - {"Queues", "Channels"}:
        raise ApiError(Cause.RULE, "Filters: expected Queues, and beside them only Channels")
    queues = [found_queue(instance, value) for value in named]
    return list({queue.id: queue for queue in queues}.values())


def _moment(service: Service, queues: list[Queue]) -> _Moment:
    ids = {queue.id for queue in queues}
    return _Moment(
        service,
        queues,
        [contact for contact in service.center.routing.waiting if contact.queue.id in ids],
        [
            agent
            for agent in service.center.roster
            if agent.queue_ids is None or agent.queue_ids & ids
        ],
    )


def _sorted(moments: list[_Moment], params: dict[str, Any]) -> list[_Moment]:
    """By the metric asked for; without one by agents online, most first, as documented."""
    [wish] = params.get("SortCriteria") or [{}]
    metric = wish.get("SortByMetric") or "AGENTS_ONLINE"
    if metric in _UNSORTABLE:
        raise ApiError(Cause.RULE, f"SortCriteria: sorting by {metric} is not supported")
    return sorted(moments, key=_METRICS[metric], reverse=wish.get("SortOrder") != "ASCENDING")


def _row(moment: _Moment, instance: Instance, params: dict[str, Any]) -> dict[str, Any]:
    dimensions: dict[str, Any] = {}
    if "QUEUE" in params.get("Groupings", []):
        [queue] = moment.queues
        dimensions["Queue"] = {"Id": queue.id, "Arn": instance.arn_of("queue", queue.id)}
    if "CHANNEL" in params.get("Groupings", []):
        dimensions["Channel"] = "VOICE"
    return {
        "Dimensions": dimensions,
        "Collections": [
            _collection(moment, asked, is_grouped=bool(dimensions))
            for asked in params["CurrentMetrics"]
        ],
    }


def _collection(moment: _Moment, asked: dict[str, Any], *, is_grouped: bool) -> dict[str, Any]:
    name = asked.get("Name")
    if name not in _METRICS:
        raise ApiError(Cause.RULE, "CurrentMetrics: expected metrics by their Name")
    value = _METRICS[name](moment)
    if name == _MILLISECONDS_UNLESS_GROUPED and not is_grouped:
        value *= 1000
    return {"Metric": asked, "Value": value}
