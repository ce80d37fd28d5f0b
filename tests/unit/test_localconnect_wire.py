"""Routing, parsing, validation and serialisation on the real service models."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localconnect.aws import parser, serializer, validation
from localconnect.aws.errors import (
    CLASSES,
    STATUSES,
    ApiError,
    Cause,
    ServiceError,
    as_service_error,
    modelled_error,
)
from localconnect.aws.router import Router
from localconnect.aws.service_model import Operation, load_operations

OPERATIONS = {
    operation.name: operation
    for service in ("connect", "connectparticipant")
    for operation in load_operations(service)
}
ROUTER = Router(OPERATIONS.values())
START = OPERATIONS["StartWebRTCContact"]


def good_start() -> dict[str, Any]:
    return {"InstanceId": "i", "ContactFlowId": "f", "ParticipantDetails": {"DisplayName": "Ana"}}


def test_router_finds_every_operation() -> None:
    """Should lead the path of each operation of both services to that operation."""
    for operation in OPERATIONS.values():
        path = "/".join(
            "X" if part.startswith("{") else part
            for part in operation.uri.partition("?")[0].split("/")
        )
        route = ROUTER.find(operation.method, path)
        assert route is not None
        assert route.operation is operation


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("/contacts/i/c", {"InstanceId": "i", "ContactId": "c"}),
        (
            "/contacts/arn%3Aaws%3Aconnect%2Fx/c",
            {"InstanceId": "arn:aws:connect/x", "ContactId": "c"},
        ),
        ("/a/prefix/contacts/i/c%20d/", {"InstanceId": "i", "ContactId": "c d"}),
        ("/contacts/i/%ff", {"InstanceId": "i", "ContactId": "\ufffd"}),
    ],
)
def test_router_decodes_labels_after_splitting(path: str, labels: dict[str, str]) -> None:
    """Should keep an encoded slash inside its segment, and tolerate a prefix."""
    route = ROUTER.find("GET", path)

    assert route is not None
    assert (route.operation.name, route.labels) == ("DescribeContact", labels)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", ""), ("POST", "/contacts/i/c/x/y"), ("GET", "/x" * 100)],
)
def test_router_finds_nothing_elsewhere(method: str, path: str) -> None:
    """Should return None rather than guess."""
    assert ROUTER.find(method, path) is None


def parse(
    operation: Operation, body: bytes = b"", query: str = "", **headers: str
) -> dict[str, Any]:
    return parser.parse(
        operation,
        labels={"InstanceId": "i", "ContactId": "c"},
        query=query,
        headers=headers,
        body=body,
    )


def test_parser_gathers_members_from_everywhere() -> None:
    """Should read labels, repeated query keys, headers and body by the model."""
    listed = parse(
        OPERATIONS["ListContactReferences"],
        query="referenceTypes=URL&referenceTypes=STRING&nextToken=a%2Bb",
    )
    joined = parser.parse(
        OPERATIONS["CreateParticipantConnection"],
        labels={},
        query="",
        headers={"x-amz-bearer": "token"},
        body=b'{"ConnectParticipant":true,"Other":1,"Type":null}',
    )
    paged = parse(OPERATIONS["ListInstances"], query="maxResults=5")

    assert listed == {
        "InstanceId": "i",
        "ContactId": "c",
        "ReferenceTypes": ["URL", "STRING"],
        "NextToken": "a+b",
    }
    assert joined == {"ParticipantToken": "token", "ConnectParticipant": True}
    assert paged["MaxResults"] == 5


def test_parser_reads_a_plus_sign_as_it_was_signed() -> None:
    """Should not make a space of what the canonical query takes for a plus sign."""
    listed = parse(OPERATIONS["ListContactReferences"], query="nextToken=a+b%2Bc%20d")

    assert listed["NextToken"] == "a+b+c d"


def test_parameter_given_twice_is_refused() -> None:
    """Should name the parameter, since the order of equal names is not signed."""
    operation = OPERATIONS["ListContactReferences"]
    given = parse(operation, query="referenceTypes=URL&nextToken=a&nextToken=b")

    with pytest.raises(ApiError, match="'NextToken'"):
        validation.validate(given, operation.input)


@pytest.mark.parametrize("text", ["1_0", "%D9%A3", "%201", "+1", "1.0", ""])
def test_query_takes_decimal_digits_only(text: str) -> None:
    """Should refuse what Python would read as a number and Amazon Connect would not."""
    operation = OPERATIONS["ListInstances"]

    with pytest.raises(ApiError, match="'MaxResults'"):
        validation.validate(parse(operation, query=f"maxResults={text}"), operation.input)


def test_router_goes_where_the_signed_path_goes() -> None:
    """Should leave out dots and empty segments, as the canonical path does."""
    dotted = ROUTER.find("GET", "/contacts//i/x/.././c")

    assert dotted is not None
    assert dotted.labels == {"InstanceId": "i", "ContactId": "c"}
    assert ROUTER.find("GET", "/contacts/i/c/..") is None


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"1",
        b"\xff",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\\uDEAD"}',
        b"[" * 50_000,
    ],
)
def test_parser_refuses_what_is_no_json_object(body: bytes) -> None:
    """Should name the reason in one SerializationException."""
    with pytest.raises(ServiceError) as refused:
        parse(START, body)

    assert (refused.value.code, refused.value.status) == ("SerializationException", 400)


@given(
    st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: json.dumps({text: text}).encode())
)
def test_parser_and_validation_survive_any_body(body: bytes) -> None:
    """Should end in parameters or in a refusal, whatever the bytes."""
    with contextlib.suppress(ServiceError, ApiError):
        validation.validate(parse(START, body), START.input)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(START.input.members)), json_values)
def test_validation_survives_any_value(member: str, value: Any) -> None:
    """Should never fail on a value of the wrong type, anywhere."""
    with contextlib.suppress(ApiError):
        validation.validate(good_start() | {member: value}, START.input)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"InstanceId": ""}, "InstanceId"),
        ({"ParticipantDetails": {}}, "ParticipantDetails.DisplayName"),
        ({"References": {"r": {"Type": "URL", "Status": "LOST"}}}, "References.r.Status"),
        ({"References": {"": {"Type": "URL"}}}, "References (key)"),
        (
            {"SegmentAttributes": {"s": {"ValueInteger": 2**31}}},
            "SegmentAttributes.s.ValueInteger",
        ),
        (
            {"SegmentAttributes": {"s": {"ValueList": [{"ValueString": 1}]}}},
            "SegmentAttributes.s.ValueList[0].ValueString",
        ),
    ],
)
def test_validation_names_the_member(changes: dict[str, Any], where: str) -> None:
    """Should say where, and never repeat the value."""
    with pytest.raises(ApiError) as refused:
        validation.validate(good_start() | changes, START.input)

    assert f"'{where}'" in refused.value.message


def test_validation_reports_several_members_at_once() -> None:
    """Should count what is wrong, up to ten."""
    with pytest.raises(ApiError, match=r"^3 validation errors detected"):
        validation.validate({}, START.input)
    attributes = {f"k{number}": 1 for number in range(50)}
    with pytest.raises(ApiError, match=r"^10 validation errors detected"):
        validation.validate(good_start() | {"Attributes": attributes}, START.input)


def test_serializer_writes_times_and_leaves_out_the_unknown() -> None:
    """Should write epoch seconds, drop None and members the shape lacks, and keep maps whole."""
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    result = {
        "Contact": {
            "Id": "c",
            "InitiationTimestamp": moment,
            "DisconnectTimestamp": 1.23456,
            "Name": None,
            "Nonsense": 1,
            "Attributes": {"ключ": "значение"},
        }
    }

    reply = serializer.serialize(result, OPERATIONS["DescribeContact"], "request-id")

    assert json.loads(reply.body) == {
        "Contact": {
            "Id": "c",
            "InitiationTimestamp": 1767323045.679,
            "DisconnectTimestamp": 1.235,
            "Attributes": {"ключ": "значение"},
        }
    }
    assert (b"x-amzn-requestid", b"request-id") in reply.headers
    assert (b"content-length", b"%d" % len(reply.body)) in reply.headers


def test_serializer_writes_errors_of_service_and_front_end() -> None:
    """Should spell the message as each of the two does."""
    service = serializer.serialize_error(ServiceError("ResourceNotFoundException", "gone"), "r")
    front_end = serializer.serialize_error(ServiceError("InvalidSignatureException", "no"), "r")

    assert (service.status, json.loads(service.body)) == (404, {"Message": "gone"})
    assert (front_end.status, json.loads(front_end.body)) == (403, {"message": "no"})
    assert (b"x-amzn-errortype", b"ResourceNotFoundException") in service.headers


@pytest.mark.parametrize(
    ("cause", "operation", "code", "status"),
    [
        (Cause.MEMBER, "StartWebRTCContact", "InvalidParameterException", 400),
        (Cause.MEMBER, "CreateParticipant", "InvalidRequestException", 400),
        (Cause.MEMBER, "SendMessage", "ValidationException", 400),
        (Cause.THROTTLED, "StartWebRTCContact", "TooManyRequestsException", 429),
        (Cause.THROTTLED, "DescribeContact", "ThrottlingException", 429),
        (Cause.QUOTA, "StartWebRTCContact", "LimitExceededException", 429),
        (Cause.QUOTA, "CreateParticipant", "ServiceQuotaExceededException", 402),
        (Cause.CONTACT_OVER, "StopContact", "ContactNotFoundException", 410),
        (Cause.STATE, "CreateParticipant", "ConflictException", 409),
        (Cause.FAILURE, "StopContact", "InternalServiceException", 500),
        (Cause.FAILURE, "SendEvent", "InternalServerException", 500),
    ],
)
def test_cause_becomes_the_class_the_operation_declares(
    cause: Cause, operation: str, code: str, status: int
) -> None:
    """Should choose by the one table."""
    error = as_service_error(ApiError(cause, "why"), OPERATIONS[operation])

    assert (error.code, error.status, error.message) == (code, status, "why")


def test_every_class_of_the_table_has_its_status() -> None:
    """Should know the status of each class, and agree with the models."""
    for classes in CLASSES.values():
        assert set(classes) <= STATUSES.keys()
    for operation in OPERATIONS.values():
        for declared in operation.errors.values():
            if declared.code in STATUSES:
                assert modelled_error(declared.code, "", operation).status == declared.status
