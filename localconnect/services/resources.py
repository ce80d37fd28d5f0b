"""Finds what a request names: its instance, contact, flow, queue and hours, by id or ARN, or refuses it."""

from __future__ import annotations

import re
from typing import TypeVar

from localconnect.agents import Agent
from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact
from localconnect.directory import Flow, Hours, Instance, Queue
from localconnect.services.registry import Service

R = TypeVar("R")

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTANCE = re.compile(rf"(?P<arn>arn:aws[a-z-]*:connect:\S+:instance/)?(?P<id>{_UUID})")


def checked_instance(service: Service, value: str) -> Instance:
    """The instance that `value` (an id or an ARN) names.

    :raises ApiError: MEMBER for neither form, NOT_FOUND for an unknown one.
    """
    match = _INSTANCE.fullmatch(value)
    if match is None:
        raise ApiError(
            Cause.MEMBER, "InstanceId: expected the instance's identifier (a UUID) or its ARN"
        )
    instance = service.directory.find(match["id"])
    if instance is None or (match["arn"] and value != instance.arn):
        raise _not_found("INSTANCE")
    return instance


def found_contact(service: Service, instance: Instance, contact_id: str) -> Contact:
    """The contact of that instance, live or ended.

    :raises ApiError: NOT_FOUND.
    """
    contact = service.center.contacts.find(contact_id)
    if contact is None or contact.instance is not instance:
        raise _not_found("CONTACT")
    return contact


def addressed_contact(service: Service, call: Call, member: str = "ContactId") -> Contact:
    """The contact that a request names by its instance and the member `member`.

    :raises ApiError: as `checked_instance` and `found_contact`.
    """
    instance = checked_instance(service, call.params["InstanceId"])
    return found_contact(service, instance, call.params[member])


def found_flow(instance: Instance, value: str) -> Flow:
    """The flow, published or not.

    :raises ApiError: NOT_FOUND.
    """
    return _present(instance.find_flow(value), "CONTACT_FLOW")


def started_flow(instance: Instance, value: str) -> Flow:
    """The flow, if contacts can be started in it.

    :raises ApiError: NOT_FOUND for an unknown flow, RULE for one that is only saved.
    """
    flow = found_flow(instance, value)
    if not flow.is_published:
        raise ApiError(Cause.RULE, "ContactFlowId: the flow is saved, but not published")
    return flow


def found_queue(instance: Instance, value: str) -> Queue:
    """The queue.

    :raises ApiError: NOT_FOUND.
    """
    return _present(instance.find_queue(value), "QUEUE")


def found_hours(instance: Instance, value: str) -> Hours:
    """The hours of operation.

    :raises ApiError: NOT_FOUND.
    """
    return _present(instance.find_hours(value), "HOURS_OF_OPERATION")


def found_agent(service: Service, instance: Instance, value: str) -> Agent:
    """The agent, at a desk or scripted, whose id or ARN `value` is.

    :raises ApiError: NOT_FOUND.
    """
    agent_id = value.removeprefix(f"{instance.arn}/agent/")
    return _present(service.center.roster.find(agent_id), "USER")


def _present(resource: R | None, kind: str) -> R:
    if resource is None:
        raise _not_found(kind)
    return resource


def _not_found(kind: str) -> ApiError:
    return ApiError(Cause.NOT_FOUND, f"Resource not found of Type: {kind}")
