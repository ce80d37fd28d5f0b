"""Finding contacts: those that belong together, and those that match criteria."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact
from localconnect.services.contact_views import segment_attributes
from localconnect.services.registry import Service, operation
from localconnect.services.resources import addressed_contact, checked_instance

_PAGE = 100
_TIMES: dict[str, Callable[[Contact], float | None]] = {
    "INITIATION_TIMESTAMP": lambda contact: contact.initiated_at,
    "ENQUEUE_TIMESTAMP": lambda contact: contact.queued_at,
    "CONNECTED_TO_AGENT_TIMESTAMP": lambda contact: contact.connected_at,
    "DISCONNECT_TIMESTAMP": lambda contact: contact.ended_at,
}
"""What the other times (scheduled, expiry) would be, calls have not."""

_NEVER_MET = ("AgentHierarchyGroups", "ContactAnalysis", "RoutingCriteria", "AiAgents")
"""Criteria about what no contact here has."""


@operation("ListAssociatedContacts")
def list_associated_contacts(service: Service, call: Call) -> dict[str, Any]:
    """Every contact that goes back to the same first one, oldest first."""
    contact = addressed_contact(service, call)
    root = contact.initial_contact_id or contact.id
    family = [
        other for other in service.center.contacts if root in (other.id, other.initial_contact_id)
    ]
    family.sort(key=lambda other: other.initiated_at)
    page, token = service.paginator.page(call, family, size=_PAGE)
    return {"ContactSummaryList": [_summary(item) for item in page], "NextToken": token}


@operation("SearchContacts")
def search_contacts(service: Service, call: Call) -> dict[str, Any]:
    """The contacts of a time range that meet every criterion."""
    params = call.params
    instance = checked_instance(service, params["InstanceId"])
    start, end = _range(params["TimeRange"])
    if not start <= end <= start + service.settings.search_range_s:
        raise ApiError(
            Cause.RULE, "TimeRange: expected a start, a later end, and a shorter time between"
        )
    criteria = params.get("SearchCriteria", {})
    found = [
        contact
        for contact in service.center.contacts
        if contact.instance is instance
        and _is_within(contact, params["TimeRange"])
        and _matches(contact, criteria)
    ]
    _sort(found, params.get("Sort", {}))
    page, token = service.paginator.page(call, found, size=_PAGE)
    return {
        "Contacts": [_found(contact) for contact in page],
        "NextToken": token,
        "TotalCount": len(found),
    }


def _summary(contact: Contact) -> dict[str, Any]:
    return {
        "ContactId": contact.id,
        "ContactArn": contact.instance.arn_of("contact", contact.id),
        "InitiationTimestamp": contact.initiated_at,
        "DisconnectTimestamp": contact.ended_at,
        "InitialContactId": contact.initial_contact_id,
        "PreviousContactId": contact.previous_contact_id,
        "RelatedContactId": contact.details.related_contact_id,
        "InitiationMethod": contact.initiation_method,
        "Channel": "VOICE",
    }


def _found(contact: Contact) -> dict[str, Any]:
    queue = {"Id": contact.queue.id, "EnqueueTimestamp": contact.queued_at}
    agent = {"Id": contact.agent_id, "ConnectedToAgentTimestamp": contact.connected_at}
    return {
        "Arn": contact.instance.arn_of("contact", contact.id),
        "Id": contact.id,
        "InitialContactId": contact.initial_contact_id,
        "PreviousContactId": contact.previous_contact_id,
        "InitiationMethod": contact.initiation_method,
        "Channel": "VOICE",
        "QueueInfo": queue if contact.queued_at is not None else None,
        "AgentInfo": agent if contact.connected_at is not None else None,
        "InitiationTimestamp": contact.initiated_at,
        "DisconnectTimestamp": contact.ended_at,
        "SegmentAttributes": segment_attributes(contact),
        "Name": contact.details.display_name,
        "Tags": {"aws:connect:instanceId": contact.instance.id, **contact.tags},
    }


def _range(value: dict[str, Any]) -> tuple[float, float]:
    return _epoch(value["StartTime"]), _epoch(value["EndTime"])


def _epoch(value: float | str) -> float:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return value


def _time_of(contact: Contact, kind: str) -> float | None:
    read = _TIMES.get(kind)
    return None if read is None else read(contact)


def _is_within(contact: Contact, wanted: dict[str, Any]) -> bool:
    at = _time_of(contact, wanted["Type"])
    start, end = _range(wanted)
    return at is not None and start <= at <= end


def _matches(contact: Contact, criteria: dict[str, Any]) -> bool:
    values: dict[str, str | None] = {
        "InitiationMethods": contact.initiation_method,
        "Channels": "VOICE",
        "QueueIds": contact.queue.id if contact.queued_at is not None else None,
        "AgentIds": contact.agent_id,
        "ActiveRegions": contact.instance.region,
    }
    return (
        not any(criteria.get(name) for name in _NEVER_MET)
        and all(
            not criteria.get(name) or value in criteria[name] for name, value in values.items()
        )
        and all(
            check(contact, criteria[name]) for name, check in _CHECKS.items() if name in criteria
        )
    )


def _matches_name(contact: Contact, wanted: dict[str, Any]) -> bool:
    name = contact.details.display_name.casefold()
    texts = [text.casefold() for text in wanted["SearchText"]]
    if wanted["MatchType"] == "MATCH_EXACT":
        return name in texts
    return _is_met(wanted["MatchType"], (text in name for text in texts))


def _matches_attributes(contact: Contact, wanted: dict[str, Any]) -> bool:
    held = contact.details.attributes
    met = (held.get(item["Key"]) in item["Values"] for item in wanted["Criteria"])
    return _is_met(wanted.get("MatchType", "MATCH_ALL"), met)


def _matches_segment(contact: Contact, wanted: dict[str, Any]) -> bool:
    held = segment_attributes(contact)
    met = (
        held.get(item["Key"], {}).get("ValueString") in item["Values"]
        for item in wanted["Criteria"]
    )
    return _is_met(wanted.get("MatchType", "MATCH_ALL"), met)


def _matches_tags(contact: Contact, wanted: dict[str, Any]) -> bool:
    def has(tag: dict[str, str]) -> bool:
        return tag.get("TagKey") in contact.tags and (
            "TagValue" not in tag or contact.tags[tag["TagKey"]] == tag["TagValue"]
        )

    one_of: Sequence[Sequence[dict[str, str]]] = wanted.get("OrConditions", [])
    return (
        ("TagCondition" not in wanted or has(wanted["TagCondition"]))
        and all(has(tag) for tag in wanted.get("AndConditions", []))
        and (not one_of or any(all(has(tag) for tag in tags) for tags in one_of))
    )


def _matches_times(contact: Contact, wanted: dict[str, Any]) -> bool:
    met = (
        ("TimeRange" not in item or _is_within(contact, item["TimeRange"]))
        and (
            "TimestampCondition" not in item
            or _time_of(contact, item["TimestampCondition"]["Type"]) is None
        )
        for item in wanted["Criteria"]
    )
    return _is_met(wanted["MatchType"], met)


def _is_met(match_type: str, met: Iterable[bool]) -> bool:
    if match_type == "MATCH_ANY":
        return any(met)
    if match_type == "MATCH_NONE":
        return not any(met)
    return all(met)


_CHECKS: dict[str, Callable[[Contact, dict[str, Any]], bool]] = {
    "Name": _matches_name,
    "SearchableContactAttributes": _matches_attributes,
    "SearchableSegmentAttributes": _matches_segment,
    "ContactTags": _matches_tags,
    "AdditionalTimeRange": _matches_times,
}


def _sort(contacts: list[Contact], order: dict[str, Any]) -> None:
    """By the field asked for, the newest first unless told otherwise; who lacks the field comes last."""
    field = order.get("FieldName", "INITIATION_TIMESTAMP")
    descending = order.get("Order", "DESCENDING") == "DESCENDING"
    contacts.sort(key=lambda contact: contact.initiated_at, reverse=descending)
    if field == "INITIATION_METHOD":
        contacts.sort(key=lambda contact: contact.initiation_method, reverse=descending)
    elif field in _TIMES:
        sign = -1 if descending else 1
        contacts.sort(key=lambda contact: sign * (_time_of(contact, field) or sign * float("inf")))
