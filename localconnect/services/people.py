"""Further people in a call: CreateParticipant, and what participants themselves may do with the tokens they hold.

The second half is the service `connectparticipant`: its callers are known by `X-Amz-Bearer` alone, a participant token
for CreateParticipantConnection and the connection token that comes from it for everything else.
"""

from __future__ import annotations

import re
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.connection_data import connection_data, websocket_address
from localconnect.contacts import Contact, ContactState
from localconnect.people import Bearer, Purpose, make_key
from localconnect.random_ids import new_id
from localconnect.services.contact_rules import capabilities_of
from localconnect.services.idempotency import made_once
from localconnect.services.registry import Service, operation
from localconnect.services.resources import addressed_contact, found_contact
from localconnect.timestamps import iso_time
from localconnect.visits import UnableToInvite

DTMF = "audio/dtmf"
_EVENT = "application/vnd.amazonaws.connect.event."
EVENT_TYPES = frozenset(
    _EVENT + name
    for name in ("typing", "connection.acknowledged", "message.delivered", "message.read")
)
_DIGITS = re.compile(r"[0-9*#,]+")


@operation("CreateParticipant")
def create_participant(service: Service, call: Call) -> dict[str, Any]:
    """Invites one more customer into a call that an agent has answered; they get a contact of their own."""
    host = addressed_contact(service, call)
    details = call.params["ParticipantDetails"]
    made, _ = made_once(service, call, host.id, lambda: _invited(service, host, details).id)
    guest = found_contact(service, host.instance, made)
    return {
        "ParticipantCredentials": {
            "ParticipantToken": guest.customer.token,
            "Expiry": iso_time(host.ends_by(service.settings.max_call_s)),
        },
        "ParticipantId": guest.customer.id,
    }


@operation("CreateParticipantConnection")
def create_participant_connection(service: Service, call: Call) -> dict[str, Any]:
    """Hands a participant what they asked for: a way into the meeting, a token for messages, a socket's address."""
    bearer = service.center.people.with_token(call.params["ParticipantToken"])
    if bearer is None:
        raise _denied()
    types = call.params.get("Type", [])
    if not types and not call.params.get("ConnectParticipant"):
        raise ApiError(Cause.RULE, "Type: name at least one, or set ConnectParticipant")
    makers = {
        "WEBRTC_CONNECTION": ("WebRTCConnection", _meeting_connection),
        "CONNECTION_CREDENTIALS": ("ConnectionCredentials", _credentials),
        "WEBSOCKET": ("Websocket", _websocket),
    }
    return {makers[kind][0]: makers[kind][1](service, call, bearer) for kind in types}


@operation("DisconnectParticipant")
def disconnect_participant(service: Service, call: Call) -> None:
    """Takes a participant out of the call; their credentials are of no more use."""
    service.center.customer_left(_connected(service, call).contact)


@operation("SendMessage")
def send_message(service: Service, call: Call) -> dict[str, Any]:
    """Takes the digits that somebody keys in; a call has no other messages."""
    contact = _connected(service, call).contact
    kind, content = call.params["ContentType"], call.params["Content"]
    if kind != DTMF:
        raise ApiError(Cause.RULE, f"ContentType: a call takes {DTMF} only")
    if not _DIGITS.fullmatch(content) or len(content) > service.settings.dtmf_digits:
        raise ApiError(
            Cause.RULE,
            f"Content: expected 1 to {service.settings.dtmf_digits} of the keys 0 to 9, *, # and the pause (,)",
        )
    sent, is_new = _sent(service, call, contact)
    if is_new:
        contact.key_in(content)
        service.center.contact_changed(contact)
    return sent


@operation("SendEvent")
def send_event(service: Service, call: Call) -> dict[str, Any]:
    """Takes note of an event; in a call nobody is shown any."""
    contact = _connected(service, call).contact
    if call.params["ContentType"] not in EVENT_TYPES:
        raise ApiError(
            Cause.RULE, f"ContentType: expected one of {', '.join(sorted(EVENT_TYPES))}"
        )
    return _sent(service, call, contact)[0]


def _invited(service: Service, host: Contact, details: dict[str, Any]) -> Contact:
    _check_call(host)
    if details.get("ParticipantRole") != "CUSTOMER":
        raise ApiError(
            Cause.RULE, "ParticipantDetails.ParticipantRole: a call takes further CUSTOMERs only"
        )
    capabilities = capabilities_of(details.get("ParticipantCapabilities"))
    if capabilities.video and not host.details.customer_capabilities.video:
        raise ApiError(
            Cause.RULE,
            "ParticipantDetails.ParticipantCapabilities.Video: the contact was started without customer video",
        )
    try:
        return service.center.visits.add_guest(
            host, details.get("DisplayName") or "", capabilities
        )
    except UnableToInvite as error:
        raise ApiError(Cause.QUOTA, str(error)) from error


def _check_call(host: Contact) -> None:
    if host.host is not None:
        raise ApiError(Cause.RULE, "ContactId: expected the call's initial contact")
    if host.is_over:
        raise ApiError(Cause.STATE, "The contact has ended")
    if not host.instance.attributes["MULTI_PARTY_CONFERENCE"]:
        raise ApiError(Cause.RULE, "The instance does not allow multi-party calls")
    if host.state is not ContactState.CONNECTED:
        raise ApiError(Cause.RULE, "The contact is not connected to an agent yet")


def _connected(service: Service, call: Call) -> Bearer:
    bearer = service.center.people.with_key(
        call.params["ConnectionToken"], Purpose.CONNECTION, service.clock.time()
    )
    if bearer is None:
        raise _denied()
    return bearer


def _denied() -> ApiError:
    return ApiError(Cause.DENIED, "Access denied")


def _meeting_connection(service: Service, call: Call, bearer: Bearer) -> dict[str, Any]:
    contact = bearer.contact
    if contact.host is None and not service.settings.first_customer_may_reconnect:
        raise _denied()
    connection = connection_data(
        contact, bearer.person, base_url=call.base_url, settings=service.settings
    )
    return {"Attendee": connection["Attendee"], "Meeting": connection["Meeting"]}


def _credentials(service: Service, _call: Call, bearer: Bearer) -> dict[str, Any]:
    expires_at = service.clock.time() + service.settings.connection_token_s
    return {
        "ConnectionToken": make_key(bearer.person, Purpose.CONNECTION, expires_at),
        "Expiry": iso_time(expires_at),
    }


def _websocket(service: Service, call: Call, bearer: Bearer) -> dict[str, Any]:
    now = service.clock.time()
    key = make_key(bearer.person, Purpose.SOCKET, now + service.settings.websocket_open_s)
    base = websocket_address(base_url=call.base_url, settings=service.settings)
    return {
        "Url": f"{base}/participant/socket/{key}",
        "ConnectionExpiry": iso_time(now + service.settings.connection_token_s),
    }


def _sent(service: Service, call: Call, contact: Contact) -> tuple[dict[str, Any], bool]:
    """The receipt of a message or event, and whether it was sent for the first time."""
    at = iso_time(service.clock.time())
    receipt, is_new = made_once(service, call, contact.id, lambda: f"{new_id()} {at}")
    message_id, _, sent_at = receipt.partition(" ")
    return {"Id": message_id, "AbsoluteTime": sent_at}, is_new
