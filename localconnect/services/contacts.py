"""A contact's beginning, its end and how it is: StartWebRTCContact, StopContact, DescribeContact."""

from __future__ import annotations

from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.connection_data import connection_data
from localconnect.contact_center import UnableToStartContact
from localconnect.contacts import Contact, ContactDetails, DisconnectReason
from localconnect.directory import Instance
from localconnect.services.contact_rules import (
    capabilities_of,
    check_attributes,
    check_references,
    references_of,
)
from localconnect.services.contact_views import described_contact
from localconnect.services.registry import Service, operation
from localconnect.services.resources import (
    addressed_contact,
    checked_instance,
    found_contact,
    started_flow,
)


@operation("StartWebRTCContact")
def start_webrtc_contact(service: Service, call: Call) -> dict[str, Any]:
    """Starts a contact, or answers a repeated ClientToken with the contact that it has started."""
    params = call.params
    instance = checked_instance(service, params["InstanceId"])
    now = service.clock.time()
    token = params.get("ClientToken")
    key = ("StartWebRTCContact", instance.id, token or "")
    if token:
        contact_id = service.center.client_tokens.find(key, now)
        if contact_id is not None:
            return _replayed(service, call, contact_id)
    details = _details(service, instance, params)
    flow = started_flow(instance, params["ContactFlowId"])
    try:
        contact = service.center.start_contact(instance, flow, details)
    except UnableToStartContact as error:
        raise ApiError(Cause.QUOTA, str(error)) from error
    if token:
        service.center.client_tokens.remember(
            key, contact.id, now=now, life_s=service.settings.client_token_s
        )
    return _started(service, call, contact)


@operation("StopContact")
def stop_contact(service: Service, call: Call) -> None:
    """Ends a contact for everybody in it."""
    instance = checked_instance(service, call.params["InstanceId"])
    contact = service.center.contacts.find(call.params["ContactId"])
    is_here = contact is not None and contact.instance is instance
    if (
        contact is None
        or not is_here
        or not service.center.end_contact(contact, DisconnectReason.OTHER)
    ):
        raise ApiError(Cause.CONTACT_OVER, "The contact is not active or does not exist")


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


def _replayed(service: Service, call: Call, contact_id: str) -> dict[str, Any]:
    contact = service.center.contacts.find(contact_id)
    if contact is None or service.settings.replay == "contact_id_only":
        return {"ContactId": contact_id}
    return _started(service, call, contact)


def _details(service: Service, instance: Instance, params: dict[str, Any]) -> ContactDetails:
    attributes = params.get("Attributes", {})
    check_attributes(attributes)
    references = references_of(params.get("References", {}))
    check_references(references)
    related = params.get("RelatedContactId")
    if related is not None:
        found_contact(service, instance, related)
    allowed = params.get("AllowedCapabilities", {})
    return ContactDetails(
        display_name=params["ParticipantDetails"]["DisplayName"],
        description=params.get("Description"),
        attributes=attributes,
        references=references,
        segment_attributes=params.get("SegmentAttributes", {}),
        related_contact_id=related,
        customer_capabilities=capabilities_of(allowed.get("Customer")),
        agent_capabilities=capabilities_of(allowed.get("Agent")),
    )
