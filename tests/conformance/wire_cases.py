"""One request for each error that localconnect can answer: what is recorded in `wire/`, and compared with it.

Names in angle brackets stand for what differs from run to run; `wire_recordings` fills them in, and puts them back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.conftest import start_request
from tests.servers import LocalConnect

INSTANCE = LocalConnect.instance_id
NOBODY = "99999999-9999-4999-8999-999999999999"
TOO_LONG = 1024 * 1024
NOTHING = {"rate": 0, "burst": 0}
SAVED_FLOW = "22222222-2222-4222-8222-222222222223"
_BEARER = {"X-Amz-Bearer": "<connection token>"}


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and what must be so beforehand; `signing` are changes to its signature, None for none at all."""

    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    signing: dict[str, str] | None = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] | None = None


def _describe(contact_id: str = "<waiting>", **changes: Any) -> Case:
    return Case("GET", f"/contacts/{INSTANCE}/{contact_id}", **changes)


def _start(params: dict[str, Any] | None = None, **changes: Any) -> Case:
    return Case("PUT", "/contact/webrtc", json.dumps(start_request(**params or {})), **changes)


def _stop(contact_id: str) -> Case:
    return Case(
        "POST", "/contact/stop", json.dumps({"InstanceId": INSTANCE, "ContactId": contact_id})
    )


def _invite(contact_id: str, role: str = "CUSTOMER", **changes: Any) -> Case:
    details = {"ParticipantRole": role, "DisplayName": "Bo"}
    params = {"InstanceId": INSTANCE, "ContactId": contact_id, "ParticipantDetails": details}
    return Case("POST", "/contact/create-participant", json.dumps(params), **changes)


def _send(content: str = "1", bearer: dict[str, str] | None = None, **changes: Any) -> Case:
    body = json.dumps({"ContentType": "audio/dtmf", "Content": content})
    headers = _BEARER if bearer is None else bearer
    return Case("POST", "/participant/message", body, headers, signing=None, **changes)


def _ordered(operation: str, error: str) -> dict[str, Any]:
    return {"fault": {"operation": operation, "error": error}}


CASES = {
    "400-SerializationException": Case("PUT", "/contact/webrtc", '{"InstanceId":'),
    "403-MissingAuthenticationTokenException": _describe(signing=None),
    "403-IncompleteSignatureException": _describe(
        signing=None, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=localconnect"}
    ),
    "403-UnrecognizedClientException": _describe(signing={"access_key": "nobody"}),
    "403-InvalidSignatureException": _describe(signing={"secret": "wrong"}),
    "403-InvalidSignatureException-scope": _describe(signing={"region": "eu-west-2"}),
    "403-ExpiredTokenException": _describe(
        signing={"token": "old"}, settings={"expired_session_tokens": ["old"]}
    ),
    "404-UnknownOperationException": Case("GET", "/nothing/here"),
    "413-RequestEntityTooLargeException": _start({"Description": "<mebibyte>"}),
    "429-TooManyRequestsException": _start(
        settings={"rate_limits": {"StartWebRTCContact": NOTHING}}
    ),
    "501-UnknownOperationException": Case("GET", f"/users-summary/{INSTANCE}"),
    "400-InvalidParameterException": _start({"ParticipantDetails": {"DisplayName": ""}}),
    "400-InvalidParameterException-several": _start(
        {"InstanceId": "i" * 101, "AllowedCapabilities": {"Agent": {"Video": "BOTH"}}}
    ),
    "400-InvalidRequestException": _start({"ContactFlowId": SAVED_FLOW}),
    "400-InvalidRequestException-member": _invite("<connected>", "NOBODY"),
    "400-InvalidActiveRegionException": Case(
        "POST",
        "/contact/stop",
        _stop("<waiting>").body,
        **_ordered("StopContact", "InvalidActiveRegionException"),
    ),
    "402-ServiceQuotaExceededException": _invite(
        "<connected>", settings={"invitations_per_call": 0}
    ),
    "403-AccessDeniedException": _start(**_ordered("StartWebRTCContact", "AccessDeniedException")),
    "404-ContactFlowNotPublishedException": Case("GET", f"/contact-flows/{INSTANCE}/{SAVED_FLOW}"),
    "404-ResourceNotFoundException": _describe(NOBODY),
    "409-ConflictException": _invite("<ended>"),
    "409-IdempotencyException": Case(
        "POST",
        "/contact/transfer",
        json.dumps({"InstanceId": INSTANCE, "ContactId": "<waiting>", "ContactFlowId": "f"}),
        **_ordered("TransferContact", "IdempotencyException"),
    ),
    "410-ContactNotFoundException": _stop("<ended>"),
    "429-LimitExceededException": _start(settings={"concurrent_calls": 2}),
    "429-ThrottlingException": _describe(settings={"rate_limits": {"DescribeContact": NOTHING}}),
    "500-InternalServiceException": _describe(
        **_ordered("DescribeContact", "InternalServiceException")
    ),
    "503-ServiceUnavailableException": _describe(
        **_ordered("DescribeContact", "ServiceUnavailableException")
    ),
    "400-ValidationException": _send("x"),
    "400-ValidationException-member": _send(""),
    "403-AccessDeniedException-participant": _send(bearer={"X-Amz-Bearer": "nobody"}),
    "409-ConflictException-participant": Case(
        "POST",
        "/participant/event",
        json.dumps({"ContentType": "application/vnd.amazonaws.connect.event.typing"}),
        _BEARER,
        signing=None,
        **_ordered("SendEvent", "ConflictException"),
    ),
    "429-ThrottlingException-participant": _send(
        settings={"rate_limits": {"SendMessage": NOTHING}}
    ),
    "500-InternalServerException": _send(**_ordered("SendMessage", "InternalServerException")),
}
"""By the name of the recording: status, class, and what tells it from others of that class."""
