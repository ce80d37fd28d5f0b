"""Contact events from a message queue, by every client that speaks Amazon SQS's JSON protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conformance.clients.client import Client
from tests.conformance.conftest import ControlApi, start_request

SPEAKERS = pytest.mark.parametrize(
    "resting_client", ["boto3", "aws-cli", "javascript"], indirect=True
)
OTHERS = pytest.mark.parametrize("resting_client", ["boto3-oldest"], indirect=True)


@pytest.fixture
def queues(client: Client, control: ControlApi) -> Iterator[Client]:
    """Each client, of SQS, where contact events go to the queue `contact-events`."""
    control.call("PATCH", "settings", {"events_targets": [{"queue": "contact-events"}]})
    yield client.of("sqs")
    control.call("POST", "reset")


@SPEAKERS
def test_contact_events_are_received_and_deleted(client: Client, queues: Client) -> None:
    """Should find the queue, wait for messages, check their digests and delete them."""
    url = queues.call("GetQueueUrl", QueueName="contact-events")["QueueUrl"]
    contact_id = client.call("StartWebRTCContact", **start_request())["ContactId"]

    received = queues.call(
        "ReceiveMessage",
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=5,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )["Messages"]
    entries = [
        {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
        for number, message in enumerate(received)
    ]
    deleted = queues.call("DeleteMessageBatch", QueueUrl=url, Entries=entries)

    details = [json.loads(message["Body"])["detail"] for message in received]
    assert [detail["eventType"] for detail in details] == ["INITIATED", "QUEUED"]
    assert {detail["contactId"] for detail in details} == {contact_id}
    assert received[0]["Attributes"] == {"ApproximateReceiveCount": "1"}
    assert [entry["Id"] for entry in deleted["Successful"]] == ["0", "1"]


@SPEAKERS
def test_message_goes_there_and_back(queues: Client) -> None:
    """Should carry any text, and the sender's attributes."""
    url = queues.call("CreateQueue", QueueName="notes", Attributes={"VisibilityTimeout": "5"})[
        "QueueUrl"
    ]
    sent = queues.call(
        "SendMessage",
        QueueUrl=url,
        MessageBody="<b>Grüße</b> 🎈",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "note"}},
    )

    [message] = queues.call("ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"])[
        "Messages"
    ]

    assert message["Body"] == "<b>Grüße</b> 🎈"
    assert message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["kind"]["StringValue"] == "note"


@SPEAKERS
def test_unknown_queue_is_told_as_each_client_tells_it(queues: Client) -> None:
    """Should be the class QueueDoesNotExist, or the code it had before."""
    refused = queues.refusal("GetQueueUrl", QueueName="nowhere")

    assert refused.code in ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
    assert refused.message == "The specified queue does not exist."


@OTHERS
def test_client_of_the_query_protocol_is_told_so(queues: Client) -> None:
    """Should say which versions can."""
    assert "JSON protocol" in queues.refusal("ListQueues").message
