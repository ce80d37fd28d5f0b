"""How each client takes what goes wrong: errors, retries, lost replies, wrong credentials."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.clients.client import Client
from tests.conformance.clients.counting_relay import counting_relay
from tests.conformance.conftest import ControlApi, start_request

INSTANCE = start_request()["InstanceId"]
UNKNOWN = "99999999-9999-4999-8999-999999999999"
ABSENT = {"InstanceId": INSTANCE, "ContactId": UNKNOWN}
INVITATION = {**ABSENT, "ParticipantDetails": {"ParticipantRole": "CUSTOMER", "DisplayName": "B"}}


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "status"),
    [
        ("StartWebRTCContact", start_request(InstanceId="?"), "InvalidParameterException", 400),
        ("DescribeContact", ABSENT, "ResourceNotFoundException", 404),
        ("StopContact", ABSENT, "ContactNotFoundException", 410),
        ("SendMessage", {"ConnectionToken": "x"}, "AccessDeniedException", 403),
    ],
)
def test_refusal_has_its_class(
    client: Client, operation: str, parameters: dict[str, Any], code: str, status: int
) -> None:
    """Should come as the class the service model names, with status, text and request id."""
    if operation == "SendMessage":
        parameters = {**parameters, "ContentType": "audio/dtmf", "Content": "1"}

    refused = client.refusal(operation, **parameters)

    assert refused.code == code
    assert refused.message
    if not client.is_text_only:
        assert refused.status == status
        assert refused.request_id


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "status"),
    [
        ("StartWebRTCContact", start_request(), "InvalidRequestException", 400),
        ("StartWebRTCContact", start_request(), "LimitExceededException", 429),
        ("StartWebRTCContact", start_request(), "InternalServiceException", 500),
        ("CreateParticipant", INVITATION, "ServiceQuotaExceededException", 402),
        ("CreateParticipant", INVITATION, "ConflictException", 409),
        ("CreateParticipant", INVITATION, "ThrottlingException", 429),
    ],
)
def test_ordered_fault_has_its_class(
    client: Client,
    control: ControlApi,
    operation: str,
    parameters: dict[str, Any],
    code: str,
    status: int,
) -> None:
    """Should come like an error of the service's own, without being tried again behind our back."""
    control.call("POST", "faults", {"operation": operation, "error": code, "times": 9})

    refused = client.refusal(operation, **parameters)

    [fault] = control.call("GET", "state")["faults"]
    assert (refused.code, refused.message) == (code, "A fault that was ordered")
    assert fault["times"] == 8
    if not client.is_text_only:
        assert refused.status == status


@pytest.mark.parametrize("code", ["LimitExceededException", "InternalServiceException"])
def test_passing_trouble_is_outlived(client: Client, control: ControlApi, code: str) -> None:
    """Should be tried again by the client itself after 429 and 500, and end in one contact."""
    control.call("POST", "faults", {"operation": "StartWebRTCContact", "error": code})

    reply = client.having(attempts=2).call("StartWebRTCContact", **start_request())

    state = control.call("GET", "state")
    assert [contact["id"] for contact in state["contacts"]] == [reply["ContactId"]]
    assert state["faults"] == []


def test_lasting_trouble_is_reported(client: Client, control: ControlApi) -> None:
    """Should give up after the attempts it was given, with the last error."""
    code = "InternalServiceException"
    control.call("POST", "faults", {"operation": "StopContact", "error": code, "times": 9})

    refused = client.having(attempts=2).refusal("StopContact", **ABSENT)

    assert refused.code == code
    assert control.call("GET", "state")["faults"][0]["times"] == 7


def test_lost_reply_leaves_one_contact(client: Client, control: ControlApi) -> None:
    """Should be recovered by the client's retry: it repeats the ClientToken it has made up."""
    control.call("POST", "faults", {"operation": "StartWebRTCContact", "drop": "after"})

    reply = client.having(attempts=2).call("StartWebRTCContact", **start_request())

    contacts = control.call("GET", "state")["contacts"]
    assert [contact["id"] for contact in contacts] == [reply["ContactId"]]


def test_repeated_client_token_is_replayed(client: Client, control: ControlApi) -> None:
    """Should give the first contact again: all of its reply, or its id alone when set so."""
    request = start_request(ClientToken="one-click")
    first, second = (client.call("StartWebRTCContact", **request) for _ in range(2))
    control.call("PATCH", "settings", {"replay": "contact_id_only"})
    third = client.call("StartWebRTCContact", **request)

    assert first == second
    assert third == {"ContactId": first["ContactId"]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_key": None}, "MissingAuthenticationTokenException"),
        ({"access_key": "nobody"}, "UnrecognizedClientException"),
        ({"secret_key": "wrong"}, "InvalidSignatureException"),
        ({"region": "eu-west-2"}, "InvalidSignatureException"),
        ({"session_token": "old"}, "ExpiredTokenException"),
    ],
)
def test_wrong_credentials_are_refused(
    client: Client, control: ControlApi, changes: dict[str, Any], code: str
) -> None:
    """Should be 403, by the name of what is wrong; a session token that has not expired is fine."""
    control.call("PATCH", "settings", {"expired_session_tokens": ["old"]})

    refused = client.having(**changes).refusal("DescribeInstance", InstanceId=INSTANCE)

    assert refused.code == code
    if not client.is_text_only:
        assert refused.status == 403
        assert refused.request_id


def test_endpoint_may_have_a_prefix_and_a_session(client: Client) -> None:
    """Should be signed and found below a path, for both services, with a session token."""
    below = client.having(url=f"{client.setup.url}/some/prefix", session_token="fresh")

    token = below.call("StartWebRTCContact", **start_request())["ParticipantToken"]
    types = ["CONNECTION_CREDENTIALS"]
    joined = below.call("CreateParticipantConnection", ParticipantToken=token, Type=types)

    assert joined["ConnectionCredentials"]["ConnectionToken"]


def test_connection_is_kept(client: Client) -> None:
    """Should serve several requests, refused ones too, on one connection."""
    with counting_relay(client.setup.url) as relay:
        near = client.having(url=relay.url)
        if client.is_text_only:  # one process a call: pages are its only requests in a row
            assert len(near.collect("ListQueues", "QueueSummaryList", 1, InstanceId=INSTANCE)) == 3
        else:
            for _ in range(3):
                near.call("DescribeInstance", InstanceId=INSTANCE)
                near.refusal("StopContact", **ABSENT)

    assert relay.connections == 1
