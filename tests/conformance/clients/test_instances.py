"""What instances consist of, page by page with each client's own paginator."""

from __future__ import annotations

import pytest

from tests.conformance.clients.client import Client
from tests.servers import LocalConnect

INSTANCE = LocalConnect.instance_id
ARN = f"arn:aws:connect:us-east-1:000000000000:instance/{INSTANCE}"
DRAFT = "22222222-2222-4222-8222-222222222223"


@pytest.mark.parametrize(
    ("operation", "key", "count"),
    [
        ("ListInstances", "InstanceSummaryList", 2),
        ("ListContactFlows", "ContactFlowSummaryList", 3),
        ("ListQueues", "QueueSummaryList", 3),
        ("ListHoursOfOperations", "HoursOfOperationSummaryList", 2),
    ],
)
def test_list_is_read_page_by_page(client: Client, operation: str, key: str, count: int) -> None:
    """Should bring every entry once, whatever the size of a page."""
    address = {} if operation == "ListInstances" else {"InstanceId": INSTANCE}

    whole = client.call(operation, **address)
    entries = client.collect(operation, key, 1, **address)

    assert len(entries) == count
    assert entries == whole[key]
    assert "NextToken" not in whole


def test_instance_is_addressed_by_its_arn(client: Client) -> None:
    """Should find a label with slashes and colons, as each client writes it into a path."""
    by_arn = {"InstanceId": ARN}
    instance = client.call("DescribeInstance", **by_arn)["Instance"]
    attribute = client.call(
        "DescribeInstanceAttribute", **by_arn, AttributeType="MULTI_PARTY_CONFERENCE"
    )
    draft = client.call("DescribeContactFlow", **by_arn, ContactFlowId=f"{DRAFT}:$SAVED")

    assert (instance["Id"], instance["Arn"]) == (INSTANCE, ARN)
    client.moment(instance["CreatedTime"])
    assert attribute["Attribute"]["Value"] == "true"
    assert draft["ContactFlow"]["Name"] == "Draft"


def test_queue_leads_to_its_hours(client: Client) -> None:
    """Should describe both, with the days the hours are for."""
    queues = client.call("ListQueues", InstanceId=INSTANCE, QueueTypes=["STANDARD"])
    second = next(q for q in queues["QueueSummaryList"] if q["Name"] == "Second queue")
    queue = client.call("DescribeQueue", InstanceId=INSTANCE, QueueId=second["Id"])["Queue"]
    where = {"InstanceId": INSTANCE, "HoursOfOperationId": queue["HoursOfOperationId"]}
    hours = client.call("DescribeHoursOfOperation", **where)["HoursOfOperation"]

    if client.model.knows("GetEffectiveHoursOfOperations"):
        span = {"FromDate": "2026-03-01", "ToDate": "2026-03-02"}  # a Sunday and a Monday
        effective = client.call("GetEffectiveHoursOfOperations", **where, **span)
        sunday, monday = effective["EffectiveHoursOfOperationList"]
        assert sunday.get("OperationalHours", []) == []
        assert monday["Date"] == "2026-03-02"
        assert monday["OperationalHours"][0]["Start"] == {"Hours": 9, "Minutes": 0}
    assert hours["TimeZone"] == "Europe/Paris"
    assert [day["Day"] for day in hours["Config"]] == ["MONDAY", "TUESDAY"]
    assert hours["Config"][0]["StartTime"] == {"Hours": 9, "Minutes": 0}
