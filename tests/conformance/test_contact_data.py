"""Attributes, references, tags, name and description of contacts, live and ended."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, start, start_request

INSTANCE = start_request()["InstanceId"]
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def attributes_of(connect: Any, contact_id: str) -> dict[str, str]:
    held: dict[str, str] = connect.get_contact_attributes(
        InstanceId=INSTANCE, InitialContactId=contact_id
    )["Attributes"]
    return held


def update_attributes(connect: Any, contact_id: str, attributes: dict[str, str]) -> None:
    connect.update_contact_attributes(
        InstanceId=INSTANCE, InitialContactId=contact_id, Attributes=attributes
    )


def describe(connect: Any, contact_id: str) -> dict[str, Any]:
    contact: dict[str, Any] = connect.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)[
        "Contact"
    ]
    return contact


@pytest.mark.parametrize("ended", [False, True])
def test_attributes_are_merged(connect: Any, ended: bool) -> None:
    """Should add and overwrite, on ongoing and on completed contacts."""
    contact_id = start(connect, Attributes={"plan": "gold", "lang": "en"})
    if ended:
        connect.stop_contact(InstanceId=INSTANCE, ContactId=contact_id)

    update_attributes(connect, contact_id, {"plan": "silver", "new": ""})

    expected = {"plan": "silver", "lang": "en", "new": ""}
    assert attributes_of(connect, contact_id) == expected
    assert describe(connect, contact_id)["Attributes"] == expected


def test_attributes_keep_their_limits_when_merged(connect: Any) -> None:
    """Should count what is there already, and change nothing when it is too much."""
    contact_id = start(connect, Attributes={"a": "v" * 32_000})

    with pytest.raises(connect.exceptions.InvalidRequestException):
        update_attributes(connect, contact_id, {"b": "v" * 1000})
    with pytest.raises(connect.exceptions.InvalidParameterException):
        update_attributes(connect, contact_id, {"has space": "v"})

    assert attributes_of(connect, contact_id).keys() == {"a"}


def test_contact_is_updated_and_described(connect: Any) -> None:
    """Should change name and description, and merge references and segment attributes."""
    contact_id = start(connect, References={"Order": {"Type": "NUMBER", "Value": "1"}})
    before = describe(connect, contact_id)["LastUpdateTimestamp"]

    connect.update_contact(
        InstanceId=INSTANCE,
        ContactId=contact_id,
        Name="Ana Maria",
        Description="Another matter",
        References={"Page": {"Type": "URL", "Value": "https://example.com"}},
        SegmentAttributes={"own": {"ValueString": "x"}},
    )

    contact = describe(connect, contact_id)
    assert (contact["Name"], contact["Description"]) == ("Ana Maria", "Another matter")
    assert contact["SegmentAttributes"]["own"] == {"ValueString": "x"}
    assert contact["SegmentAttributes"]["connect:Subtype"] == {"ValueString": "connect:WebRTC"}
    assert contact["LastUpdateTimestamp"] >= before
    listed = connect.list_contact_references(
        InstanceId=INSTANCE, ContactId=contact_id, ReferenceTypes=["URL", "NUMBER"]
    )
    assert listed["ReferenceSummaryList"] == [
        {"Number": {"Name": "Order", "Value": "1"}},
        {"Url": {"Name": "Page", "Value": "https://example.com"}},
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"QueueInfo": {"Id": "q"}},
        {"UserInfo": {"UserId": "u"}, "Name": "n"},
        {"References": {"r": {"Type": "ATTACHMENT", "Value": "1"}}},
        {"References": {"r": {"Type": "STRING", "Value": "v" * 4096}}},
    ],
)
def test_contact_update_that_makes_no_sense_is_refused(
    connect: Any, changes: dict[str, Any]
) -> None:
    """Should want something to change, and nothing that belongs to external audio."""
    contact_id = start(connect)

    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.update_contact(InstanceId=INSTANCE, ContactId=contact_id, **changes)

    assert describe(connect, contact_id)["Name"] == "Ana"


def test_references_are_listed_by_type(connect: Any) -> None:
    """Should name each summary after its type, and leave the other types out."""
    values = {
        "URL": "https://x",
        "STRING": "s",
        "NUMBER": "2",
        "DATE": "1700000000",
        "EMAIL": "a@b",
    }
    references = {kind: {"Type": kind, "Value": value} for kind, value in values.items()}
    contact_id = start(connect, References=references)

    listed = connect.list_contact_references(
        InstanceId=INSTANCE,
        ContactId=contact_id,
        ReferenceTypes=["STRING", "DATE", "EMAIL", "ATTACHMENT"],
    )

    assert listed["ReferenceSummaryList"] == [
        {kind.title(): {"Name": kind, "Value": values[kind]}}
        for kind in ("STRING", "DATE", "EMAIL")
    ]
    assert "NextToken" not in listed


def test_contact_is_tagged_and_untagged(connect: Any) -> None:
    """Should keep Amazon Connect's own tag, and at most six others."""
    contact_id = start(connect)
    address = {"InstanceId": INSTANCE, "ContactId": contact_id}

    connect.tag_contact(**address, Tags={f"k{number}": "v" for number in range(6)})
    with pytest.raises(connect.exceptions.InvalidRequestException):
        connect.tag_contact(**address, Tags={"k7": "v"})
    connect.untag_contact(**address, TagKeys=["k0", "k1", "k2", "k3", "k4", "absent"])

    assert describe(connect, contact_id)["Tags"] == {
        "aws:connect:instanceId": INSTANCE,
        "k5": "v",
    }


@pytest.mark.parametrize("key", ["aws:mine", "has space", "a@b", "k" * 129])
def test_tag_of_a_forbidden_key_is_refused(connect: Any, key: str) -> None:
    """Should hold keys to the model's pattern."""
    with pytest.raises(connect.exceptions.InvalidParameterException):
        connect.tag_contact(InstanceId=INSTANCE, ContactId=start(connect), Tags={key: "v"})


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_contact_attributes", {"InitialContactId": UNKNOWN}),
        ("update_contact_attributes", {"InitialContactId": UNKNOWN, "Attributes": {"a": "b"}}),
        ("update_contact", {"ContactId": UNKNOWN, "Name": "n"}),
        ("list_contact_references", {"ContactId": UNKNOWN, "ReferenceTypes": ["URL"]}),
        ("list_associated_contacts", {"ContactId": UNKNOWN}),
        ("tag_contact", {"ContactId": UNKNOWN, "Tags": {"a": "b"}}),
        ("untag_contact", {"ContactId": UNKNOWN, "TagKeys": ["a"]}),
        ("start_screen_sharing", {"ContactId": UNKNOWN}),
        (
            "get_contact_metrics",
            {"ContactId": UNKNOWN, "Metrics": [{"Name": "POSITION_IN_QUEUE"}]},
        ),
        ("transfer_contact", {"ContactId": UNKNOWN, "ContactFlowId": UNKNOWN}),
    ],
)
def test_unknown_contact_is_not_found(
    connect: Any, operation: str, parameters: dict[str, Any]
) -> None:
    """Should be 404 for each operation on a contact, and for each in another instance."""
    for instance in (INSTANCE, UNKNOWN):
        with pytest.raises(ClientError) as refused:
            getattr(connect, operation)(InstanceId=instance, **parameters)
        assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_untag_contact_reads_repeated_keys(
    connect: Any, raw: RawClient, control: ControlApi
) -> None:
    """Should take the keys from the query, as other SDKs write it."""
    contact_id = start(connect)
    connect.tag_contact(InstanceId=INSTANCE, ContactId=contact_id, Tags={"a": "1", "b": "2"})

    reply = raw.signed("DELETE", f"/contact/tags/{INSTANCE}/{contact_id}?TagKeys=a&TagKeys=b")

    assert reply.status == 200
    assert describe(connect, contact_id)["Tags"].keys() == {"aws:connect:instanceId"}
