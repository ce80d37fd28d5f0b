"""The operations of the service `connect`: one function each, found by the operation's name.

Parameters arrive parsed and within the service model's limits. Behaviour here never awaits, so that two requests with
the same ClientToken cannot overlap.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.aws.gateway import Behaviour
from localconnect.clock import Clock
from localconnect.connection_data import connection_data
from localconnect.contact_center import ContactCenter, UnableToStartContact
from localconnect.contacts import Capabilities, Contact, DisconnectReason, NewContact, Reference
from localconnect.services.contact_rules import check_attributes, check_references
from localconnect.services.contact_views import described_contact
from localconnect.settings import Identity, Settings

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTANCE = re.compile(
    rf"(?:arn:aws[a-z-]*:connect:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{{12}}):instance/)?(?P<id>{_UUID})"
)
_FLOW = re.compile(
    rf"(?:(?P<instance>arn:aws[a-z-]*:connect:\S+:instance/{_UUID})/contact-flow/)?(?P<id>{_UUID})"
)


@dataclass(frozen=True, slots=True)
class ConnectService:
    """What the operations work on."""

    center: ContactCenter
    settings: Settings
    clock: Clock
    identity: Identity


Operation = Callable[[ConnectService, Call], dict[str, Any] | None]
_OPERATIONS: dict[str, Operation] = {}


def behaviours(service: ConnectService) -> dict[str, Behaviour]:
    """Every operation implemented here, by name."""
    return {name: partial(operation, service) for name, operation in _OPERATIONS.items()}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Registers a function as the behaviour of the operation `name`."""

    def register(function: Operation) -> Operation:
        _OPERATIONS[name] = function
        return function

    return register


@operation("StartWebRTCContact")
def start_webrtc_contact(service: ConnectService, call: Call) -> dict[str, Any]:
    """Starts a contact, or answers a repeated ClientToken with the contact that it has started."""
    params = call.params
    instance_id = _checked_instance(service, params["InstanceId"])
    now = service.clock.time()
    token = params.get("ClientToken")
    key = ("StartWebRTCContact", instance_id, token or "")
    if token:
        contact_id = service.center.client_tokens.find(key, now)
        if contact_id is not None:
            return _replayed(service, call, contact_id)
    asked = _asked(service, params)
    _check_flow(service, params["ContactFlowId"])
    try:
        contact = service.center.start_contact(asked)
    except UnableToStartContact as error:
        raise ApiError(Cause.QUOTA, str(error)) from error
    if token:
        service.center.client_tokens.remember(
            key, contact.id, now=now, life_s=service.settings.client_token_s
        )
    return _started(service, call, contact)


@operation("StopContact")
def stop_contact(service: ConnectService, call: Call) -> None:
    """Ends a contact for everybody in it."""
    _checked_instance(service, call.params["InstanceId"])
    contact = service.center.contacts.find(call.params["ContactId"])
    if contact is None or not service.center.end_contact(contact, DisconnectReason.OTHER):
        raise ApiError(Cause.CONTACT_OVER, "The contact is not active or does not exist")


@operation("DescribeContact")
def describe_contact(service: ConnectService, call: Call) -> dict[str, Any]:
    """Shows a contact, live or ended."""
    _checked_instance(service, call.params["InstanceId"])
    return {
        "Contact": described_contact(
            _found_contact(service, call.params["ContactId"]), service.identity
        )
    }


def _started(service: ConnectService, call: Call, contact: Contact) -> dict[str, Any]:
    customer = contact.customer
    return {
        "ContactId": contact.id,
        "ParticipantId": customer.id,
        "ParticipantToken": customer.token,
        "ConnectionData": connection_data(
            contact, customer, base_url=call.base_url, settings=service.settings
        ),
    }


def _replayed(service: ConnectService, call: Call, contact_id: str) -> dict[str, Any]:
    contact = service.center.contacts.find(contact_id)
    if contact is None or service.settings.replay == "contact_id_only":
        return {"ContactId": contact_id}
    return _started(service, call, contact)


def _asked(service: ConnectService, params: dict[str, Any]) -> NewContact:
    attributes = params.get("Attributes", {})
    check_attributes(attributes)
    references = {name: _reference(value) for name, value in params.get("References", {}).items()}
    check_references(references)
    related = params.get("RelatedContactId")
    if related is not None:
        _found_contact(service, related)
    allowed = params.get("AllowedCapabilities", {})
    return NewContact(
        display_name=params["ParticipantDetails"]["DisplayName"],
        description=params.get("Description"),
        attributes=attributes,
        references=references,
        segment_attributes=params.get("SegmentAttributes", {}),
        related_contact_id=related,
        customer_capabilities=_capabilities(allowed.get("Customer")),
        agent_capabilities=_capabilities(allowed.get("Agent")),
    )


def _reference(value: dict[str, Any]) -> Reference:
    return Reference(
        value["Type"],
        value.get("Value") or "",
        value.get("Status"),
        value.get("Arn"),
        value.get("StatusReason"),
    )


def _capabilities(value: dict[str, Any] | None) -> Capabilities:
    value = value or {}
    return Capabilities(
        video=value.get("Video") == "SEND", screen_share=value.get("ScreenShare") == "SEND"
    )


def _found_contact(service: ConnectService, contact_id: str) -> Contact:
    contact = service.center.contacts.find(contact_id)
    if contact is None:
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT")
    return contact


def _checked_instance(service: ConnectService, value: str) -> str:
    """The id of the instance that `value` (an id or an ARN) names."""
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


def _check_flow(service: ConnectService, value: str) -> None:
    match = _FLOW.fullmatch(value)
    identity = service.identity
    if match is None or match["instance"] not in (None, identity.instance_arn):
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT_FLOW")
    if match["id"] == identity.saved_flow_id:
        raise ApiError(Cause.RULE, "ContactFlowId: the flow is saved, but not published")
    if match["id"] != identity.flow_id:
        raise ApiError(Cause.NOT_FOUND, "Resource not found of Type: CONTACT_FLOW")
