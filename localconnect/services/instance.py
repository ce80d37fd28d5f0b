"""What an instance consists of: itself and its settings, flows, queues and hours of operation."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.directory import DAY_MINUTES, DAYS, Flow, Instance, Override, days_between
from localconnect.services.registry import Service, operation
from localconnect.services.resources import (
    checked_instance,
    found_flow,
    found_hours,
    found_queue,
)

_PAGE, _INSTANCES_PAGE = 100, 10
_CREATED_AT = 1_767_225_600.0
"""2026-01-01: everything declared has been there since."""

_FLOW_TYPE = "CONTACT_FLOW"


@operation("ListInstances")
def list_instances(service: Service, call: Call) -> dict[str, Any]:
    """Every instance."""
    page, token = service.paginator.page(call, service.directory.instances, size=_INSTANCES_PAGE)
    return {"InstanceSummaryList": [_instance_view(item) for item in page], "NextToken": token}


@operation("DescribeInstance")
def describe_instance(service: Service, call: Call) -> dict[str, Any]:
    """One instance."""
    return {"Instance": _instance_view(checked_instance(service, call.params["InstanceId"]))}


@operation("DescribeInstanceAttribute")
def describe_instance_attribute(service: Service, call: Call) -> dict[str, Any]:
    """One setting of an instance, as text: true or false."""
    instance = checked_instance(service, call.params["InstanceId"])
    kind = call.params["AttributeType"]
    value = str(instance.attributes.get(kind, False)).lower()
    return {"Attribute": {"AttributeType": kind, "Value": value}}


@operation("ListContactFlows")
def list_contact_flows(service: Service, call: Call) -> dict[str, Any]:
    """The flows of an instance; all of them are inbound flows."""
    instance = checked_instance(service, call.params["InstanceId"])
    is_asked_for = _FLOW_TYPE in call.params.get("ContactFlowTypes", [_FLOW_TYPE])
    page, token = service.paginator.page(call, instance.flows if is_asked_for else (), size=_PAGE)
    summaries = [
        {
            "Id": flow.id,
            "Arn": instance.arn_of("contact-flow", flow.id),
            "Name": flow.name,
            "ContactFlowType": _FLOW_TYPE,
            "ContactFlowState": "ACTIVE",
            "ContactFlowStatus": _status(flow),
        }
        for flow in page
    ]
    return {"ContactFlowSummaryList": summaries, "NextToken": token}


@operation("DescribeContactFlow")
def describe_contact_flow(service: Service, call: Call) -> dict[str, Any]:
    """One flow; its draft when `:$SAVED` is appended to the id."""
    instance = checked_instance(service, call.params["InstanceId"])
    value = call.params["ContactFlowId"]
    flow = found_flow(instance, value.removesuffix(":$SAVED"))
    if not flow.is_published and not value.endswith(":$SAVED"):
        raise ApiError(Cause.NOT_PUBLISHED, "The flow is saved, but not published")
    content = _content(instance, flow)
    return {
        "ContactFlow": {
            "Arn": instance.arn_of("contact-flow", flow.id),
            "Id": flow.id,
            "Name": flow.name,
            "Type": _FLOW_TYPE,
            "State": "ACTIVE",
            "Status": "SAVED" if value.endswith(":$SAVED") else "PUBLISHED",
            "Content": content,
            "FlowContentSha256": hashlib.sha256(content.encode()).hexdigest(),
            "LastModifiedTime": _CREATED_AT,
            "LastModifiedRegion": instance.region,
        }
    }


@operation("ListQueues")
def list_queues(service: Service, call: Call) -> dict[str, Any]:
    """The queues of an instance; all of them are standard queues."""
    instance = checked_instance(service, call.params["InstanceId"])
    is_asked_for = "STANDARD" in call.params.get("QueueTypes", ["STANDARD"])
    page, token = service.paginator.page(call, instance.queues if is_asked_for else (), size=_PAGE)
    summaries = [
        {
            "Id": queue.id,
            "Arn": instance.arn_of("queue", queue.id),
            "Name": queue.name,
            "QueueType": "STANDARD",
            "LastModifiedTime": _CREATED_AT,
            "LastModifiedRegion": instance.region,
        }
        for queue in page
    ]
    return {"QueueSummaryList": summaries, "NextToken": token}


@operation("DescribeQueue")
def describe_queue(service: Service, call: Call) -> dict[str, Any]:
    """One queue."""
    instance = checked_instance(service, call.params["InstanceId"])
    queue = found_queue(instance, call.params["QueueId"])
    return {
        "Queue": {
            "Name": queue.name,
            "QueueArn": instance.arn_of("queue", queue.id),
            "QueueId": queue.id,
            "HoursOfOperationId": queue.hours.id,
            "Status": "ENABLED",
            "LastModifiedTime": _CREATED_AT,
            "LastModifiedRegion": instance.region,
        }
    }


@operation("ListHoursOfOperations")
def list_hours_of_operations(service: Service, call: Call) -> dict[str, Any]:
    """The hours of operation of an instance."""
    instance = checked_instance(service, call.params["InstanceId"])
    page, token = service.paginator.page(call, instance.hours, size=_PAGE)
    summaries = [
        {
            "Id": hours.id,
            "Arn": instance.arn_of("operating-hours", hours.id),
            "Name": hours.name,
            "LastModifiedTime": _CREATED_AT,
            "LastModifiedRegion": instance.region,
        }
        for hours in page
    ]
    return {"HoursOfOperationSummaryList": summaries, "NextToken": token}


@operation("DescribeHoursOfOperation")
def describe_hours_of_operation(service: Service, call: Call) -> dict[str, Any]:
    """One set of hours, weekday by weekday; a whole day runs from midnight to midnight."""
    instance = checked_instance(service, call.params["InstanceId"])
    hours = found_hours(instance, call.params["HoursOfOperationId"])
    openings = sorted(hours.openings, key=lambda item: (DAYS.index(item.day), item.start))
    return {
        "HoursOfOperation": {
            "HoursOfOperationId": hours.id,
            "HoursOfOperationArn": instance.arn_of("operating-hours", hours.id),
            "Name": hours.name,
            "TimeZone": hours.time_zone,
            "Config": [
                {"Day": item.day, "StartTime": _time(item.start), "EndTime": _time(item.end)}
                for item in openings
            ],
            "LastModifiedTime": _CREATED_AT,
            "LastModifiedRegion": instance.region,
        }
    }


@operation("GetEffectiveHoursOfOperations")
def get_effective_hours_of_operations(service: Service, call: Call) -> dict[str, Any]:
    """The hours of each day of a range, and the overrides they come from."""
    instance = checked_instance(service, call.params["InstanceId"])
    hours = found_hours(instance, call.params["HoursOfOperationId"])
    first, last = _date(call, "FromDate"), _date(call, "ToDate")
    if not 0 <= (last - first).days < service.settings.effective_hours_days:
        raise ApiError(
            Cause.RULE,
            f"ToDate: expected FromDate or later, within {service.settings.effective_hours_days} days",
        )
    days = [
        {
            "Date": day.isoformat(),
            "OperationalHours": [
                {"Start": _time(item.start), "End": _time(item.end)} for item in hours.on(day)
            ],
        }
        for day in days_between(first, last)
    ]
    return {
        "EffectiveHoursOfOperationList": days,
        "EffectiveOverrideHoursList": [
            {"Date": day.isoformat(), "OverrideHours": _override_hours(override)}
            for day in days_between(first, last)
            if (override := hours.override_on(day)) is not None
        ],
        "TimeZone": hours.time_zone,
    }


def _instance_view(instance: Instance) -> dict[str, Any]:
    return {
        "Id": instance.id,
        "Arn": instance.arn,
        "IdentityManagementType": "CONNECT_MANAGED",
        "InstanceAlias": instance.alias,
        "CreatedTime": _CREATED_AT,
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": instance.attributes["INBOUND_CALLS"],
        "OutboundCallsEnabled": instance.attributes["OUTBOUND_CALLS"],
    }


def _status(flow: Flow) -> str:
    return "PUBLISHED" if flow.is_published else "SAVED"


def _content(instance: Instance, flow: Flow) -> str:
    """The flow in Amazon Connect's flow language: greet, choose the queue, wait in it, and at its end disconnect."""
    target = {"QueueId": instance.arn_of("queue", flow.queue.id)}
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("greet", "MessageParticipant", {"Text": flow.greeting or " "}),
        ("choose", "UpdateContactTargetQueue", target),
        ("wait", "TransferContactToQueue", {}),
        ("end", "DisconnectParticipant", {}),
    ]
    actions = [
        {
            "Identifier": name,
            "Type": kind,
            "Parameters": parameters,
            "Transitions": {"NextAction": following[0]} if following else {},
        }
        for (name, kind, parameters), following in zip(steps, [*steps[1:], None], strict=True)
    ]
    return json.dumps({"Version": "2019-10-30", "StartAction": "greet", "Actions": actions})


def _override_hours(override: Override) -> list[dict[str, Any]]:
    """A closed day is one stretch from midnight to midnight."""
    status = "OPEN" if override.openings else "CLOSED"
    return [
        {
            "Start": _time(start),
            "End": _time(end),
            "OverrideName": override.name,
            "OperationalStatus": status,
        }
        for start, end in override.openings or ((0, DAY_MINUTES),)
    ]


def _time(minute: int) -> dict[str, int]:
    hours, minutes = divmod(minute % DAY_MINUTES, 60)
    return {"Hours": hours, "Minutes": minutes}


def _date(call: Call, member: str) -> date:
    try:
        return date.fromisoformat(call.params[member])
    except ValueError:
        raise ApiError(Cause.MEMBER, f"{member}: expected a day, YYYY-MM-DD") from None
