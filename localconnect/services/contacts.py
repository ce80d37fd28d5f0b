"""A contact's beginning, its end and how it is: StartWebRTCContact, StopContact, DescribeContact."""

from __future__ import annotations

from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.connection_data import connection_data
from localconnect.contact_center import UnableToStartContact
from localconnect.contacts import NOTHING, Contact, ContactDetails, DisconnectReason
from localconnect.directory import Instance
from localconnect.services.contact_rules import (
    capabilities_of,
    check_attributes,
    check_references,
    references_of,
)
from localconnect.services.contact_views import described_contact
from localconnect.services.idempotency import made_once
from localconnect.services.registry import Service, operation
from localconnect.services.resources import (
    addressed_contact,
    checked_instance,
    found_contact,
    started_flow,
)

_ENDED_BY_AGENTS_ALONE = frozenset({"TRANSFER", "MONITOR"})
"""Of the initiation methods there are here, those whose voice contacts StopContact documents not to work for."""


@operation("StartWebRTCContact")
def start_webrtc_contact(service: Service, call: Call) -> dict[str, Any]:
    """Starts a contact, or answers a repeated ClientToken with the contact that it has started."""
    instance = checked_instance(service, call.params["InstanceId"])
    contact_id, is_new = made_once(
        service, call, instance.id, lambda: _begun(service, instance, call.params).id
    )
    contact = service.center.contacts.find(contact_id)
    is_whole = is_new or service.settings.replay == "full"
    if contact is None or not is_whole:
        return {"ContactId": contact_id}
    return _started(service, call, contact)


@operation("StopContact")
def stop_contact(service: Service, call: Call) -> None:
    """Ends a contact for everybody in it."""
    instance = checked_instance(service, call.params["InstanceId"])
    contact = service.center.contacts.find(call.params["ContactId"])
    if contact is None or contact.instance is not instance or contact.is_over:
        raise ApiError(Cause.CONTACT_OVER, "The contact is not active or does not exist")
    if contact.initiation_method in _ENDED_BY_AGENTS_ALONE:
        raise ApiError(
            Cause.RULE, f"A contact initiated by {contact.initiation_method} cannot be stopped"
        )
    service.center.end_contact(contact, DisconnectReason.OTHER)


@operation("DescribeContact")
def describe_contact(service: Service, call: Call) -> dict[str, Any]:
    """Shows a contact, live or ended."""
    return {"Contact": described_contact(addressed_contact(service, call))}


def _started(service: Service, call: Call, contact: Contact) -> dict[str, Any]:
    customer = contact.customer
    return {
        "ContactId": contact.id,
        "ParticipantId": customer.id,
        "ParticipantToken": customer.token,
        "ConnectionData": connection_data(
            contact, customer, base_url=call.base_url, settings=service.settings
        ),
    }


def _begun(service: Service, instance: Instance, params: dict[str, Any]) -> Contact:
    details = _details(service, instance, params)
    flow = started_flow(instance, params["ContactFlowId"])
    try:
        return service.center.start_contact(instance, flow, details)
    except UnableToStartContact as error:
        raise ApiError(Cause.QUOTA, str(error)) from error


def _details(service: Service, instance: Instance, params: dict[str, Any]) -> ContactDetails:
    attributes = params.get("Attributes", NOTHING)
    check_attributes(attributes)
    references = references_of(params.get("References", NOTHING))
    check_references(references)
    related = params.get("RelatedContactId")
    if related is not None:
        found_contact(service, instance, related)
    allowed = params.get("AllowedCapabilities", NOTHING)
    return ContactDetails(
        display_name=params["ParticipantDetails"]["DisplayName"],
        description=params.get("Description"),
        attributes=attributes,
        references=references,
        segment_attributes=params.get("SegmentAttributes", NOTHING),
        related_contact_id=related,
        customer_capabilities=capabilities_of(allowed.get("Customer")),
        agent_capabilities=capabilities_of(allowed.get("Agent")),
    )
