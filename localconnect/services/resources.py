"""Finds what a request names: its instance, flow and contact, by id or ARN, or refuses it."""

from __future__ import annotations

import re

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact
from localconnect.services.registry import Service

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTANCE = re.compile(
    rf"(?:arn:aws[a-z-]*:connect:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{{12}}):instance/)?(?P<id>{_UUID})"
)
_FLOW = re.compile(
    rf"(?:(?P<instance>arn:aws[a-z-]*:connect:\S+:instance/{_UUID})/contact-flow/)?(?P<id>{_UUID})"
)


def checked_instance(service: Service, value: str) -> str:
    """The id of the instance that `value` (an id or an ARN) names.

    :raises ApiError: MEMBER for neither form, NOT_FOUND for another instance.
    """
    match = _INSTANCE.fullmatch(value)
    if match is None:
        raise ApiError(
            Cause.MEMBER, "InstanceId: expected the instance's identifier (a UUID) or its ARN"
        )
    identity = service.identity
    is_local = match["region"] in (None, identity.region) and match["account"] in (
        None,
        identity.account_id,
    )
    if match["id"] != identity.instance_id or not is_local:
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: INSTANCE")
    return identity.instance_id


def found_contact(service: Service, contact_id: str) -> Contact:
    """The contact, live or ended.

    :raises ApiError: NOT_FOUND.
    """
    contact = service.center.contacts.find(contact_id)
    if contact is None:
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT")
    return contact


def check_flow(service: Service, value: str) -> None:
    """Accept the id or ARN of a published flow.

    :raises ApiError: NOT_FOUND for an unknown flow, RULE for one that is only saved.
    """
    match = _FLOW.fullmatch(value)
    identity = service.identity
    if match is None or match["instance"] not in (None, identity.instance_arn):
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT_FLOW")
    if match["id"] == identity.saved_flow_id:
        raise ApiError(Cause.RULE, "ContactFlowId: the flow is saved, but not published")
    if match["id"] != identity.flow_id:
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT_FLOW")


def addressed_contact(service: Service, call: Call, member: str = "ContactId") -> Contact:
    """The contact that a request names by its instance and the member `member`.

    :raises ApiError: as `checked_instance` and `found_contact`.
    """
    checked_instance(service, call.params["InstanceId"])
    return found_contact(service, call.params[member])


def check_queue(service: Service, value: str) -> None:
    """Accept the id or ARN of the queue.

    :raises ApiError: NOT_FOUND for any other.
    """
    identity = service.identity
    if value not in (identity.queue_id, f"{identity.instance_arn}/queue/{identity.queue_id}"):
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: QUEUE")
