"""What an instance consists of, and how its queues are doing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, start, start_request
from tests.servers import LocalConnect

INSTANCE = start_request()["InstanceId"]
QUEUE = "33333333-3333-4333-8333-333333333333"
SAVED_FLOW = "22222222-2222-4222-8222-222222222223"
UNKNOWN = "99999999-9999-4999-8999-999999999999"


def refusal(connect: Any, operation: str, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        getattr(connect, operation)(**{"InstanceId": INSTANCE, **parameters})
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_instance_is_listed_and_described(connect: Any) -> None:
    """Should be one, by id or ARN, with its settings as text."""
    [listed] = connect.list_instances()["InstanceSummaryList"]
    described = connect.describe_instance(InstanceId=listed["Arn"])["Instance"]

    assert described["Id"] == listed["Id"] == INSTANCE
    assert described["InstanceStatus"] == "ACTIVE"
    for kind, value in (("MULTI_PARTY_CONFERENCE", "true"), ("ENHANCED_CHAT_MONITORING", "false")):
        attribute = connect.describe_instance_attribute(InstanceId=INSTANCE, AttributeType=kind)
        assert attribute["Attribute"] == {"AttributeType": kind, "Value": value}
    assert (
        refusal(connect, "describe_instance_attribute", AttributeType="NONE")
        == "InvalidParameterException"
    )


def test_flows_are_listed_and_described(connect: Any) -> None:
    """Should tell published from saved, and show a draft only when asked for it."""
    flows = connect.list_contact_flows(InstanceId=INSTANCE)["ContactFlowSummaryList"]
    statuses = {flow["Id"]: flow["ContactFlowStatus"] for flow in flows}
    described = connect.describe_contact_flow(
        InstanceId=INSTANCE, ContactFlowId=LocalConnect.contact_flow_id
    )["ContactFlow"]
    draft = connect.describe_contact_flow(
        InstanceId=INSTANCE, ContactFlowId=f"{SAVED_FLOW}:$SAVED"
    )["ContactFlow"]

    assert statuses == {LocalConnect.contact_flow_id: "PUBLISHED", SAVED_FLOW: "SAVED"}
    assert described["Status"] == "PUBLISHED"
    assert QUEUE in described["Content"]
    assert json.loads(described["Content"])["StartAction"]
    assert draft["Status"] == "SAVED"
    assert (
        refusal(connect, "describe_contact_flow", ContactFlowId=SAVED_FLOW)
        == "ContactFlowNotPublishedException"
    )
    assert (
        connect.list_contact_flows(InstanceId=INSTANCE, ContactFlowTypes=["CUSTOMER_HOLD"])[
            "ContactFlowSummaryList"
        ]
        == []
    )


def test_lists_go_page_by_page(connect: Any, raw: RawClient) -> None:
    """Should give each entry once, through boto3's paginator too, and bind tokens to their list."""
    pages = list(
        connect.get_paginator("list_contact_flows").paginate(
            InstanceId=INSTANCE, PaginationConfig={"PageSize": 1}
        )
    )
    reply = raw.signed("GET", f"/contact-flows-summary/{INSTANCE}?maxResults=1").json

    assert [len(page["ContactFlowSummaryList"]) for page in pages] == [1, 1]
    assert "NextToken" not in pages[1]
    assert (
        refusal(connect, "list_queues", NextToken=reply["NextToken"])
        == "InvalidParameterException"
    )
    assert (
        refusal(
            connect,
            "list_contact_flows",
            NextToken=reply["NextToken"],
            ContactFlowTypes=["CONTACT_FLOW"],
        )
        == "InvalidParameterException"
    )
    assert refusal(connect, "list_queues", MaxResults=1001) == "InvalidParameterException"


def test_queue_and_hours_are_listed_and_described(connect: Any) -> None:
    """Should lead from the queue to its hours, which are always."""
    [listed] = connect.list_queues(InstanceId=INSTANCE)["QueueSummaryList"]
    queue = connect.describe_queue(InstanceId=INSTANCE, QueueId=listed["Id"])["Queue"]
    [summary] = connect.list_hours_of_operations(InstanceId=INSTANCE)[
        "HoursOfOperationSummaryList"
    ]
    hours = connect.describe_hours_of_operation(
        InstanceId=INSTANCE, HoursOfOperationId=queue["HoursOfOperationId"]
    )["HoursOfOperation"]

    assert listed["Id"] == QUEUE
    assert queue["Status"] == "ENABLED"
    assert hours["HoursOfOperationId"] == summary["Id"]
    assert len(hours["Config"]) == 7
    assert hours["Config"][0] == {
        "Day": "MONDAY",
        "StartTime": {"Hours": 0, "Minutes": 0},
        "EndTime": {"Hours": 0, "Minutes": 0},
    }
    assert connect.list_queues(InstanceId=INSTANCE, QueueTypes=["AGENT"])["QueueSummaryList"] == []


def test_effective_hours_are_given_day_by_day(connect: Any) -> None:
    """Should cover both ends of the range, and refuse one that runs backwards, too far, or nowhere."""
    [summary] = connect.list_hours_of_operations(InstanceId=INSTANCE)[
        "HoursOfOperationSummaryList"
    ]
    address = {"InstanceId": INSTANCE, "HoursOfOperationId": summary["Id"]}
    first = date(2026, 2, 27)

    reply = connect.get_effective_hours_of_operations(
        **address, FromDate=first.isoformat(), ToDate="2026-03-01"
    )

    days = [item["Date"] for item in reply["EffectiveHoursOfOperationList"]]
    assert days == [(first + timedelta(days=number)).isoformat() for number in range(3)]
    assert reply["TimeZone"] == "UTC"
    for last, code in (
        ("2026-02-26", "InvalidRequestException"),
        ("2036-02-26", "InvalidRequestException"),
        ("2026-02-30", "InvalidParameterException"),
        ("tomorrow", "InvalidParameterException"),
    ):
        assert (
            refusal(
                connect,
                "get_effective_hours_of_operations",
                **{**address, "FromDate": first.isoformat(), "ToDate": last},
            )
            == code
        )


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_instance", {"InstanceId": UNKNOWN}),
        ("list_queues", {"InstanceId": UNKNOWN}),
        ("describe_contact_flow", {"ContactFlowId": UNKNOWN}),
        ("describe_queue", {"QueueId": UNKNOWN}),
        ("describe_hours_of_operation", {"HoursOfOperationId": UNKNOWN}),
    ],
)
def test_unknown_resource_is_not_found(
    connect: Any, operation: str, parameters: dict[str, str]
) -> None:
    """Should be 404."""
    assert refusal(connect, operation, **parameters) == "ResourceNotFoundException"


def metrics(connect: Any, *names: str, **changes: Any) -> dict[str, Any]:
    request = {
        "InstanceId": INSTANCE,
        "Filters": {"Queues": [QUEUE]},
        "CurrentMetrics": [{"Name": name, "Unit": "COUNT"} for name in names],
        **changes,
    }
    reply: dict[str, Any] = connect.get_current_metric_data(**request)
    return reply


def test_metrics_tell_who_waits_and_who_works(connect: Any, control: ControlApi) -> None:
    """Should count contacts and agents of this moment."""
    for _ in range(3):
        start(connect)
    control.call("POST", "clock", {"advance_s": 30})
    control.add_agent()

    reply = metrics(
        connect,
        "CONTACTS_IN_QUEUE",
        "AGENTS_ONLINE",
        "AGENTS_ON_CALL",
        "AGENTS_AVAILABLE",
        "OLDEST_CONTACT_AGE",
        Groupings=["QUEUE", "CHANNEL"],
    )

    [row] = reply["MetricResults"]
    assert row["Dimensions"]["Queue"]["Id"] == QUEUE
    assert row["Dimensions"]["Channel"] == "VOICE"
    values = {item["Metric"]["Name"]: item["Value"] for item in row["Collections"]}
    assert 30 <= values["OLDEST_CONTACT_AGE"] < 3_000
    del values["OLDEST_CONTACT_AGE"]
    assert values == {
        "CONTACTS_IN_QUEUE": 2,
        "AGENTS_ONLINE": 1,
        "AGENTS_ON_CALL": 1,
        "AGENTS_AVAILABLE": 0,
    }


def test_age_of_the_oldest_contact_is_in_milliseconds_without_groupings(
    connect: Any, control: ControlApi
) -> None:
    """Should be as odd as the API reference has it: such a value under a Unit of SECONDS."""
    start(connect)
    control.call("POST", "clock", {"advance_s": 30})

    [row] = metrics(connect, "OLDEST_CONTACT_AGE")["MetricResults"]

    assert 30_000 <= row["Collections"][0]["Value"] < 3_000_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Filters": {}}, "InvalidRequestException"),
        ({"Filters": {"Queues": [UNKNOWN]}}, "ResourceNotFoundException"),
        ({"Filters": {"Queues": [QUEUE], "RoutingProfiles": ["r"]}}, "InvalidRequestException"),
        ({"Groupings": ["ROUTING_PROFILE"]}, "InvalidRequestException"),
        ({"CurrentMetrics": [{"Name": "NONE"}]}, "InvalidParameterException"),
        ({"NextToken": "nonsense"}, "InvalidParameterException"),
        ({"SortCriteria": [{"SortByMetric": "SLOTS_ACTIVE"}]}, "InvalidRequestException"),
    ],
)
def test_metrics_that_make_no_sense_are_refused(
    connect: Any, changes: dict[str, Any], code: str
) -> None:
    """Should want queues that exist, and groupings that mean something here."""
    with pytest.raises(ClientError) as refused:
        metrics(connect, "AGENTS_ONLINE", **changes)

    assert refused.value.response["Error"]["Code"] == code


def test_queue_named_twice_is_one_row(connect: Any) -> None:
    """Should take an id and the ARN of the same queue for one."""
    arn = connect.describe_queue(InstanceId=INSTANCE, QueueId=QUEUE)["Queue"]["QueueArn"]

    rows = metrics(
        connect, "AGENTS_ONLINE", Filters={"Queues": [QUEUE, arn]}, Groupings=["QUEUE"]
    )["MetricResults"]

    assert len(rows) == 1


def test_metrics_of_other_channels_are_none(connect: Any) -> None:
    """Should have no row for chats."""
    filters = {"Queues": [QUEUE], "Channels": ["CHAT"]}

    assert metrics(connect, "AGENTS_ONLINE", Filters=filters)["MetricResults"] == []
