"""StartWebRTCContact through boto3: its reply, its limits, its idempotency, its quotas."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, make_client, start_request
from tests.servers import LocalConnect

EVERYTHING = {
    "ClientToken": "one-click",
    "Description": "About an order",
    "Attributes": {"plan": "gold", "empty": ""},
    "AllowedCapabilities": {
        "Customer": {"Video": "SEND", "ScreenShare": "SEND"},
        "Agent": {"Video": "SEND"},
    },
    "References": {
        "Order": {"Type": "URL", "Value": "https://example.com/1", "Status": "AVAILABLE"},
        "Since": {"Type": "DATE", "Value": "1767322800"},
        "Bare": {"Type": "STRING"},
    },
    "SegmentAttributes": {"connect:X": {"ValueMap": {"a": {"ValueInteger": 1}}}},
}


def test_start_contact_reply_points_at_this_server(
    running_connect: LocalConnect, connect: Any
) -> None:
    """Should hand out everything needed to join, at addresses of this server only."""
    reply = connect.start_web_rtc_contact(**start_request(**EVERYTHING))

    meeting = reply["ConnectionData"]["Meeting"]
    here = urlsplit(running_connect.url).netloc
    assert (
        meeting["MediaPlacement"]["SignalingUrl"] == f"ws://{here}/control/{meeting['MeetingId']}"
    )
    for url in meeting["MediaPlacement"].values():
        assert here in url
    assert reply["ConnectionData"]["Attendee"].keys() == {"AttendeeId", "JoinToken"}
    assert reply["ParticipantId"]
    assert reply["ParticipantToken"]


def test_start_contact_reply_uses_public_url(connect: Any, control: ControlApi) -> None:
    """Should name the public address when there is one."""
    control.call("PATCH", "settings", {"public_url": "https://calls.example/"})

    placement = connect.start_web_rtc_contact(**start_request())["ConnectionData"]["Meeting"][
        "MediaPlacement"
    ]

    assert placement["SignalingUrl"].startswith("wss://calls.example/control/")
    assert placement["EventIngestionUrl"] == "https://calls.example/v1/client-events"


def test_start_contact_is_described_as_asked(connect: Any) -> None:
    """Should give back name, description, attributes and capabilities."""
    request = start_request(**EVERYTHING)
    contact_id = connect.start_web_rtc_contact(**request)["ContactId"]

    contact = connect.describe_contact(InstanceId=request["InstanceId"], ContactId=contact_id)[
        "Contact"
    ]

    assert contact["Name"] == "Ana"
    assert contact["Description"] == "About an order"
    assert contact["Attributes"] == EVERYTHING["Attributes"]
    assert contact["Customer"]["Capabilities"] == {"Video": "SEND", "ScreenShare": "SEND"}
    assert contact["SegmentAttributes"]["connect:Subtype"] == {"ValueString": "connect:WebRTC"}
    assert (
        contact["SegmentAttributes"]["connect:X"] == EVERYTHING["SegmentAttributes"]["connect:X"]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"ParticipantDetails": {"DisplayName": "é" * 256}},
        {"Description": "d" * 4096},
        {"ClientToken": "t" * 500},
        {"Attributes": {"k": "é" * 16_383}},
        {"Attributes": {"a" * 32_767: "v"}},
        {"References": {"r": {"Type": "STRING", "Value": "v" * 4095}}},
        {
            "References": {
                "r": {
                    "Type": "URL",
                    "Value": "v",
                    "Arn": "arn:aws:connect:x/1234567",
                    "StatusReason": "s" * 100,
                }
            }
        },
        {"AllowedCapabilities": {}},
    ],
)
def test_start_contact_at_its_limits_is_accepted(connect: Any, changes: dict[str, Any]) -> None:
    """Should take the longest value of each member."""
    assert connect.start_web_rtc_contact(**start_request(**changes))["ContactId"]


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        (
            {"ParticipantDetails": {"DisplayName": "n" * 257}},
            "InvalidParameter",
            "ParticipantDetails.DisplayName",
        ),
        ({"InstanceId": "i" * 101}, "InvalidParameter", "InstanceId"),
        ({"InstanceId": "not-an-id"}, "InvalidParameter", "InstanceId"),
        ({"ContactFlowId": "f" * 501}, "InvalidParameter", "ContactFlowId"),
        ({"ClientToken": "t" * 501}, "InvalidParameter", "ClientToken"),
        ({"Description": "d" * 4097}, "InvalidParameter", "Description"),
        ({"RelatedContactId": "r" * 257}, "InvalidParameter", "RelatedContactId"),
        (
            {"AllowedCapabilities": {"Agent": {"Video": "NONE"}}},
            "InvalidParameter",
            "AllowedCapabilities.Agent.Video",
        ),
        ({"Attributes": {"has space": "v"}}, "InvalidParameter", "has space"),
        ({"Attributes": {"a": "v" * 32_768}}, "InvalidParameter", "Attributes.a"),
        ({"Attributes": {"k": "é" * 16_384}}, "InvalidRequest", "32769"),
        (
            {"References": {"r": {"Type": "PHONE", "Value": "1"}}},
            "InvalidParameter",
            "References.r.Type",
        ),
        (
            {"References": {"r": {"Type": "ATTACHMENT", "Value": "1"}}},
            "InvalidRequest",
            "ATTACHMENT",
        ),
        (
            {"References": {"r": {"Type": "DATE", "Value": "2026-01-02"}}},
            "InvalidRequest",
            "References.r.Value",
        ),
        ({"References": {"r": {"Type": "STRING", "Value": "é" * 2048}}}, "InvalidRequest", "4097"),
        (
            {"References": {"r": {"Type": "URL", "Value": "v", "Arn": "a" * 257}}},
            "InvalidParameter",
            "References.r.Arn",
        ),
        (
            {
                "References": {
                    "r": {"Type": "URL", "Value": "v", "Arn": "has a space in it, sadly"}
                }
            },
            "InvalidParameter",
            "Arn",
        ),
        (
            {"References": {"r": {"Type": "URL", "StatusReason": "s" * 101}}},
            "InvalidParameter",
            "StatusReason",
        ),
        (
            {"ContactFlowId": "22222222-2222-4222-8222-222222222223"},
            "InvalidRequest",
            "ContactFlowId",
        ),
    ],
)
def test_start_contact_beyond_a_limit_is_refused(
    connect: Any, control: ControlApi, changes: dict[str, Any], code: str, named: str
) -> None:
    """Should answer 400 with the member's name, and start nothing."""
    with pytest.raises(ClientError) as refused:
        connect.start_web_rtc_contact(**start_request(**changes))

    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Code"] == f"{code}Exception"
    assert named in error["Message"]
    assert control.call("GET", "state")["contacts"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"InstanceId": "11111111-1111-4111-8111-111111111112"},
        {
            "InstanceId": "arn:aws:connect:eu-west-2:000000000000:instance/11111111-1111-4111-8111-111111111111"
        },
        {"ContactFlowId": "22222222-2222-4222-8222-22222222222f"},
        {"ContactFlowId": "nonsense"},
        {"RelatedContactId": "22222222-2222-4222-8222-22222222222f"},
    ],
)
def test_start_contact_of_unknown_resource_is_refused(
    connect: Any, changes: dict[str, Any]
) -> None:
    """Should answer 404."""
    with pytest.raises(connect.exceptions.ResourceNotFoundException):
        connect.start_web_rtc_contact(**start_request(**changes))


@pytest.mark.parametrize("missing", ["InstanceId", "ContactFlowId", "ParticipantDetails"])
def test_start_contact_without_required_member_is_refused(raw: RawClient, missing: str) -> None:
    """Should check itself what botocore would not let through."""
    body = start_request()
    del body[missing]

    reply = raw.signed("PUT", "/contact/webrtc", body)

    assert (reply.status, reply.error) == (400, "InvalidParameterException")
    assert missing in reply.json["Message"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"InstanceId": NaN}',
        b'{"ClientToken": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
)
def test_start_contact_with_unreadable_body_is_refused(raw: RawClient, body: bytes) -> None:
    """Should answer 400 to anything that is not one sound JSON object."""
    reply = raw.signed("PUT", "/contact/webrtc", body)

    assert (reply.status, reply.error) == (400, "SerializationException")
    assert reply.json["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ParticipantDetails": "Ana"},
        {"ParticipantDetails": {"DisplayName": 7}},
        {"ParticipantDetails": {"DisplayName": None}},
        {"Attributes": [1]},
        {"Attributes": {"k": None}},
        {"Attributes": {"k": True}},
        {"References": {"r": "text"}},
        {"References": {"r": {}}},
        {"SegmentAttributes": {"s": {"ValueInteger": 1.5}}},
        {"SegmentAttributes": {"s": {"ValueInteger": 2**31}}},
        {"SegmentAttributes": {"s": {"ValueList": {}}}},
    ],
)
def test_start_contact_with_wrong_type_is_refused(raw: RawClient, changes: dict[str, Any]) -> None:
    """Should name the member whose type is wrong."""
    reply = raw.signed("PUT", "/contact/webrtc", start_request(**changes))

    assert (reply.status, reply.error) == (400, "InvalidParameterException")
    assert next(iter(changes)) in reply.json["Message"]


def test_start_contact_with_bottomless_attributes_is_refused(raw: RawClient) -> None:
    """Should stop at a depth of its own before Python does."""
    nested: dict[str, Any] = {"ValueString": "v"}
    for _ in range(100):
        nested = {"ValueMap": {"k": nested}}

    reply = raw.signed("PUT", "/contact/webrtc", start_request(SegmentAttributes={"s": nested}))

    assert (reply.status, reply.error) == (400, "InvalidParameterException")


def test_start_contact_over_a_mebibyte_is_refused(raw: RawClient) -> None:
    """Should answer 413 although the client is still writing."""
    body = json.dumps(start_request(Description="d" * 2_000_000)).encode()

    reply = raw.signed("PUT", "/contact/webrtc", body)

    assert (reply.status, reply.error) == (413, "RequestEntityTooLargeException")


def test_start_contact_unknown_members_are_ignored(raw: RawClient) -> None:
    """Should let members pass that a newer client may send."""
    assert raw.signed("PUT", "/contact/webrtc", start_request(Novelty=1)).status == 200


def test_repeated_client_token_is_answered_with_the_first_contact(
    connect: Any, control: ControlApi
) -> None:
    """Should replay the whole first reply, or only the id when set so, and start no second contact."""
    first = connect.start_web_rtc_contact(**start_request(ClientToken="t"))
    second = connect.start_web_rtc_contact(
        **start_request(ClientToken="t", ParticipantDetails={"DisplayName": "B"})
    )
    control.call("PATCH", "settings", {"replay": "contact_id_only"})
    third = connect.start_web_rtc_contact(**start_request(ClientToken="t"))

    for reply in (first, second, third):
        del reply["ResponseMetadata"]
    assert first == second
    assert third == {"ContactId": first["ContactId"]}
    assert len(control.call("GET", "state")["contacts"]) == 1


def test_repeated_client_token_is_forgotten_after_a_week(
    connect: Any, control: ControlApi
) -> None:
    """Should keep a token for seven days, even beyond its contact's end."""
    first = connect.start_web_rtc_contact(**start_request(ClientToken="t"))["ContactId"]
    control.call("POST", "clock", {"advance_s": 7 * 86_400 - 60})
    assert connect.start_web_rtc_contact(**start_request(ClientToken="t"))["ContactId"] == first

    control.call("POST", "clock", {"advance_s": 120})

    assert connect.start_web_rtc_contact(**start_request(ClientToken="t"))["ContactId"] != first


def test_concurrent_duplicates_make_one_contact(
    running_connect: LocalConnect, control: ControlApi
) -> None:
    """Should serialise twenty requests with one token."""
    client = make_client(running_connect)
    with ThreadPoolExecutor(20) as pool:
        replies = list(
            pool.map(
                lambda _: client.start_web_rtc_contact(**start_request(ClientToken="t")), range(20)
            )
        )
    client.close()

    assert len({reply["ContactId"] for reply in replies}) == 1
    assert len({reply["ParticipantToken"] for reply in replies}) == 1
    assert len(control.call("GET", "state")["contacts"]) == 1


def test_concurrent_calls_quota_is_enforced(connect: Any, control: ControlApi) -> None:
    """Should refuse one contact too many, and take it once another has ended."""
    control.call("PATCH", "settings", {"concurrent_calls": 2})
    first = connect.start_web_rtc_contact(**start_request())["ContactId"]
    connect.start_web_rtc_contact(**start_request(ClientToken="t"))

    with pytest.raises(connect.exceptions.LimitExceededException):
        connect.start_web_rtc_contact(**start_request())
    assert connect.start_web_rtc_contact(**start_request(ClientToken="t"))["ContactId"]

    connect.stop_contact(InstanceId=start_request()["InstanceId"], ContactId=first)
    assert connect.start_web_rtc_contact(**start_request())["ContactId"]


def test_request_rate_is_limited_by_operation(connect: Any, control: ControlApi) -> None:
    """Should answer 429 once the burst is used, by the name the operation's model knows."""
    slow = {"rate": 0.001, "burst": 2}
    control.call(
        "PATCH", "settings", {"rate_limits": {"StartWebRTCContact": slow, "DescribeContact": slow}}
    )
    _, contact_id = (
        connect.start_web_rtc_contact(**start_request())["ContactId"] for _ in range(2)
    )
    where = {"InstanceId": start_request()["InstanceId"], "ContactId": contact_id}
    for _ in range(2):
        connect.describe_contact(**where)

    with pytest.raises(ClientError, match="TooManyRequestsException") as refused:
        connect.start_web_rtc_contact(**start_request())
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    with pytest.raises(connect.exceptions.ThrottlingException):
        connect.describe_contact(**where)


def test_lost_reply_is_recovered_by_the_clients_own_retry(
    running_connect: LocalConnect, control: ControlApi
) -> None:
    """Should end with one contact when the first answer never arrives: botocore repeats its token."""
    control.call("POST", "faults", {"operation": "StartWebRTCContact", "drop": "after"})
    client = make_client(running_connect, retries={"mode": "standard", "total_max_attempts": 2})

    reply = client.start_web_rtc_contact(**start_request())
    client.close()

    contacts = control.call("GET", "state")["contacts"]
    assert [contact["id"] for contact in contacts] == [reply["ContactId"]]
