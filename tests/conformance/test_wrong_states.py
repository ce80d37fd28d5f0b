"""What each operation answers in each state of a contact: the matrix, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, RawClient, start_request
from tests.servers import LocalConnect

INSTANCE = LocalConnect.instance_id
NOBODY = "99999999-9999-4999-8999-999999999999"
STATES = ("unknown", "initiated", "queued", "connected", "ended")
OK = 200
NOT_FOUND = (404, "ResourceNotFoundException")
WRONG = (400, "InvalidRequestException")
GONE = (410, "ContactNotFoundException")
DENIED = (403, "AccessDeniedException")
CONFLICT = (409, "ConflictException")

Answer = int | tuple[int, str]


def _with_contact(method: str, path: str, **more: Any) -> Callable[[str], tuple[str, str, Any]]:
    """A request whose body names the contact."""
    return lambda contact: (
        method,
        path,
        {"InstanceId": INSTANCE, "ContactId": contact, **more},
    )


def _at_contact(method: str, path: str, body: Any = None) -> Callable[[str], tuple[str, str, Any]]:
    """A request whose path names the contact."""
    return lambda contact: (method, path.format(f"{INSTANCE}/{contact}"), body)


_GUEST = {"ParticipantRole": "CUSTOMER", "DisplayName": "Bo"}
_PLACE = [{"Name": "POSITION_IN_QUEUE"}]
_FLOW = LocalConnect.contact_flow_id
_QUEUE = "33333333-3333-4333-8333-333333333333"

MATRIX: dict[
    str,
    tuple[Callable[[str], tuple[str, str, Any]], tuple[Answer, Answer, Answer, Answer, Answer]],
] = {
    "DescribeContact": (
        _at_contact("GET", "/contacts/{}"),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "GetContactAttributes": (
        _at_contact("GET", "/contact/attributes/{}"),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "UpdateContact": (
        _at_contact("POST", "/contacts/{}", {"Name": "Bo"}),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "UpdateContactAttributes": (
        lambda contact: (
            "POST",
            "/contact/attributes",
            {"InstanceId": INSTANCE, "InitialContactId": contact, "Attributes": {"a": "b"}},
        ),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "ListContactReferences": (
        _at_contact("GET", "/contact/references/{}?referenceTypes=URL"),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "TagContact": (
        _with_contact("POST", "/contact/tags", Tags={"a": "b"}),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "UntagContact": (
        _at_contact("DELETE", "/contact/tags/{}?TagKeys=a"),
        (NOT_FOUND, OK, OK, OK, OK),
    ),
    "CreateParticipant": (
        _with_contact("POST", "/contact/create-participant", ParticipantDetails=_GUEST),
        (NOT_FOUND, WRONG, WRONG, OK, CONFLICT),
    ),
    "StopContact": (
        _with_contact("POST", "/contact/stop"),
        (GONE, OK, OK, OK, GONE),
    ),
    "StartScreenSharing": (
        _with_contact("PUT", "/contact/screen-sharing"),
        (NOT_FOUND, WRONG, WRONG, OK, WRONG),
    ),
    "GetContactMetrics": (
        _with_contact("POST", "/metrics/contact", Metrics=_PLACE),
        (NOT_FOUND, WRONG, OK, WRONG, WRONG),
    ),
    "TransferContact": (
        _with_contact("POST", "/contact/transfer", ContactFlowId=_FLOW, QueueId=_QUEUE),
        (NOT_FOUND, WRONG, OK, OK, WRONG),
    ),
}
"""By operation: its request, and the answer in each of `STATES`."""


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


def contact_in(state: str, raw: RawClient, control: ControlApi) -> tuple[str, str]:
    """A contact in that state, and its customer's participant token."""
    waits = {"flow_waits_for_media": state == "initiated", "transfer_calls": True}
    control.call("PATCH", "settings", waits)
    if state == "connected":
        control.add_agent()
    allowed = {"Customer": {"ScreenShare": "SEND"}}
    started = raw.signed("PUT", "/contact/webrtc", start_request(AllowedCapabilities=allowed)).json
    contact_id, token = started["ContactId"], started["ParticipantToken"]
    if state == "ended":
        raw.signed("POST", "/contact/stop", {"InstanceId": INSTANCE, "ContactId": contact_id})
    if state == "unknown":
        return NOBODY, "nobody's"
    control.wait_for_state(contact_id, state)
    return contact_id, token


@pytest.mark.parametrize("operation", MATRIX)
def test_operation_in_a_state_is_answered_as_the_matrix_says(
    operation: str, state: str, raw: RawClient, control: ControlApi
) -> None:
    """Should do it where the state allows it, and else name the modelled error."""
    contact_id, _ = contact_in(state, raw, control)
    request, answers = MATRIX[operation]

    reply = raw.signed(*request(contact_id))

    expected = answers[STATES.index(state)]
    assert (reply.status if expected == OK else (reply.status, reply.error)) == expected


@pytest.mark.parametrize("kind", ["WEBRTC_CONNECTION", "CONNECTION_CREDENTIALS", "WEBSOCKET"])
def test_participant_connects_as_long_as_the_contact_lives(
    kind: str, state: str, raw: RawClient, control: ControlApi
) -> None:
    """Should take the token in every live state, and deny it for no contact or one that is over."""
    _, token = contact_in(state, raw, control)

    reply = raw.send(
        "POST",
        "/participant/connection",
        b'{"Type":["%s"]}' % kind.encode(),
        {"X-Amz-Bearer": token},
    )

    expected = DENIED if state in ("unknown", "ended") else OK
    assert (reply.status if expected == OK else (reply.status, reply.error)) == expected


@pytest.mark.parametrize("operation", MATRIX)
@pytest.mark.parametrize(
    ("instance", "answer"),
    [
        ("11111111-1111-4111-8111-111111111112", (404, "ResourceNotFoundException")),
        ("elsewhere", (400, None)),
    ],
)
def test_operation_of_another_instance_finds_nothing(
    operation: str, instance: str, answer: Answer, raw: RawClient, control: ControlApi
) -> None:
    """Should be 404 for an instance that does not exist and 400 for what cannot be one, whatever the contact."""
    contact_id, _ = contact_in("queued", raw, control)
    method, path, body = MATRIX[operation][0](contact_id)
    if body and "InstanceId" in body:
        body["InstanceId"] = instance

    reply = raw.signed(method, path.replace(INSTANCE, instance), body)

    assert (reply.status, reply.error if reply.status == 404 else None) == answer
