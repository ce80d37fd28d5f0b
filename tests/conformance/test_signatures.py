"""Who may speak to the API: SigV4 as boto3 signs it, and every way of getting it wrong."""

from __future__ import annotations

import datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, start_request
from tests.servers import LocalConnect

START = ("PUT", "/contact/webrtc")


def test_request_unsigned_is_refused(raw: RawClient) -> None:
    """Should say that the authentication token is missing."""
    reply = raw.send(*START, b"{}")

    assert (reply.status, reply.error) == (403, "MissingAuthenticationTokenException")
    assert reply.json == {"message": "Missing Authentication Token"}
    assert reply.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"access_key": "nobody"}, "UnrecognizedClientException"),
        ({"region": "eu-west-2"}, "InvalidSignatureException"),
        ({"service": "execute-api"}, "InvalidSignatureException"),
    ],
)
def test_request_wrongly_signed_is_refused(
    raw: RawClient, changes: dict[str, str], error: str
) -> None:
    """Should tell an unknown key from a wrong signature or scope."""
    reply = raw.signed(*START, start_request(), **changes)

    assert (reply.status, reply.error) == (403, error)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 Credential=localconnect/20260102/us-east-1/connect/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential, SignedHeaders, Signature",
    ],
)
def test_request_with_malformed_authorization_is_refused(raw: RawClient, header: str) -> None:
    """Should name what the header lacks."""
    reply = raw.send(*START, b"{}", {"Authorization": header, "X-Amz-Date": "20260102T030405Z"})

    assert (reply.status, reply.error) == (403, "IncompleteSignatureException")


def test_request_changed_after_signing_is_refused(raw: RawClient) -> None:
    """Should cover the body, the query and every x-amz header."""
    body = b'{"InstanceId":"i"}'
    headers = raw.sign(*START, body)

    for path, sent, extra in [
        (START[1], b'{"InstanceId":"j"}', {}),
        (f"{START[1]}?x=1", body, {}),
        (START[1], body, {"x-amz-target": "other"}),
        (START[1], body, {"x-amz-content-sha256": "0" * 64}),
    ]:
        reply = raw.send(START[0], path, sent, headers | extra)
        assert (reply.status, reply.error) == (403, "InvalidSignatureException")


@pytest.mark.parametrize(
    ("days", "text"), [(-1, "Signature expired"), (1, "Signature not yet current")]
)
def test_request_of_another_day_is_refused(
    raw: RawClient, monkeypatch: pytest.MonkeyPatch, days: int, text: str
) -> None:
    """Should accept signatures of fifteen minutes around now only."""
    import botocore.auth

    moment = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(
        days=days
    )
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: moment)

    reply = raw.signed(*START, start_request())

    assert (reply.status, reply.error) == (403, "InvalidSignatureException")
    assert reply.json["message"].startswith(text)


def test_request_with_expired_session_token_is_refused(
    raw: RawClient, control: ControlApi
) -> None:
    """Should take session tokens, but not one that is said to be expired."""
    control.call("PATCH", "settings", {"expired_session_tokens": ["old"]})

    assert raw.signed(*START, start_request(), token="fresh").status == 200
    reply = raw.signed(*START, start_request(), token="old")
    assert (reply.status, reply.error) == (403, "ExpiredTokenException")


def test_advanced_clock_does_not_make_signatures_stale(connect: Any, control: ControlApi) -> None:
    """Should hold a signature against the machine's clock, which its client has as well."""
    control.call("POST", "clock", {"advance_s": 8 * 86_400})

    assert connect.start_web_rtc_contact(**start_request())["ContactId"]


def test_endpoint_with_path_prefix_is_served(
    running_connect: LocalConnect, connect: Any, control: ControlApi
) -> None:
    """Should find operations below a prefix, which is part of what is signed."""
    client = boto3.client(
        "connect",
        endpoint_url=f"{running_connect.url}/some/prefix/",
        region_name=running_connect.region,
        aws_access_key_id=running_connect.access_key,
        aws_secret_access_key=running_connect.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )

    contact_id = client.start_web_rtc_contact(**start_request())["ContactId"]

    assert connect.describe_contact(InstanceId=running_connect.instance_id, ContactId=contact_id)
    client.close()


def test_instance_given_as_arn_is_one_path_segment(
    running_connect: LocalConnect, connect: Any
) -> None:
    """Should decode labels only after the path is split."""
    arn = f"arn:aws:connect:us-east-1:000000000000:instance/{running_connect.instance_id}"
    contact_id = connect.start_web_rtc_contact(**start_request(InstanceId=arn))["ContactId"]

    assert (
        connect.describe_contact(InstanceId=arn, ContactId=contact_id)["Contact"]["Id"]
        == contact_id
    )
    with pytest.raises(ClientError, match="ResourceNotFound"):
        connect.describe_contact(InstanceId=arn, ContactId="../../odd %2F id")
