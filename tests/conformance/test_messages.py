"""Messages of localconnect's message queues as boto3's `sqs` client sends, receives and deletes them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.conformance.conftest import ControlApi, make_client, wait_for
from tests.servers import LocalConnect


@pytest.fixture
def url(sqs: Any) -> str:
    """The address of an empty queue."""
    address: str = sqs.create_queue(QueueName="orders")["QueueUrl"]
    return address


def bodies(reply: dict[str, Any]) -> list[str]:
    """What was received."""
    return [message["Body"] for message in reply.get("Messages", [])]


def waiting_at(control: ControlApi) -> int:
    """How many receivers wait at the one queue there is."""
    [queue] = control.call("GET", "state")["message_queues"]
    count: int = queue["waiting"]
    return count


def in_background(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """`work` on a thread of its own, and where its result will be."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    return thread, results


def test_message_is_received_with_what_was_asked_for(sqs: Any, url: str) -> None:
    """Should carry body, digests, the sender's attributes and the system's."""
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="Grüße",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "greeting"},
            "raw": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"},
        },
    )

    [message] = sqs.receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
    )["Messages"]

    assert message["Body"] == "Grüße"
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"] == md5("Grüße".encode()).hexdigest()
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["MessageAttributes"]["raw"]["BinaryValue"] == b"\x00\xff"
    told = message["Attributes"]
    assert told["ApproximateReceiveCount"] == "1"
    assert told["SenderId"] == "000000000000"
    assert int(told["SentTimestamp"]) <= int(told["ApproximateFirstReceiveTimestamp"])
    assert abs(int(told["SentTimestamp"]) / 1000 - time.time()) < 60


def test_digest_of_attributes_is_the_documented_one(sqs: Any, url: str) -> None:
    """Should be what Amazon's SDKs compute: name, type, kind and value, each with its length, sorted by name."""
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="m",
        MessageAttributes={
            "b": {"DataType": "Number", "StringValue": "1"},
            "a": {"DataType": "String", "StringValue": "x"},
        },
    )

    parts = [b"a", b"String", b"\1", b"x", b"b", b"Number", b"\1", b"1"]
    told = b"".join(
        part if part == b"\1" else len(part).to_bytes(4, "big") + part for part in parts
    )
    assert sent["MD5OfMessageAttributes"] == md5(told).hexdigest()


def test_attributes_are_selected_by_name_and_prefix(sqs: Any, url: str) -> None:
    """Should return those asked for, and none when none are."""
    value = {"DataType": "String", "StringValue": "x"}
    attributes = dict.fromkeys(("call.id", "call.state", "other"), value)
    sqs.send_message(QueueUrl=url, MessageBody="m", MessageAttributes=attributes)

    def named(*names: str) -> set[str]:
        [message] = sqs.receive_message(
            QueueUrl=url,
            VisibilityTimeout=0,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=list(names),
        )["Messages"]
        assert message["Attributes"].keys() == {"SentTimestamp"}
        return set(message.get("MessageAttributes", {}))

    assert named() == set()
    assert named("other") == {"other"}
    assert named("call.*") == {"call.id", "call.state"}
    assert named(".*") == set(attributes)


def test_message_comes_back_unless_it_is_deleted(sqs: Any, url: str, control: ControlApi) -> None:
    """Should be hidden for the visibility timeout by the server's clock, and counted each time."""
    sqs.send_message(QueueUrl=url, MessageBody="m")
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=100)
    control.call("POST", "clock", {"advance_s": 90})
    assert bodies(sqs.receive_message(QueueUrl=url)) == []

    control.call("POST", "clock", {"advance_s": 15})
    [message] = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "2"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    control.call("POST", "clock", {"advance_s": 100})
    assert bodies(sqs.receive_message(QueueUrl=url)) == []


def test_visibility_can_be_changed(sqs: Any, url: str, control: ControlApi) -> None:
    """Should hide for longer, or show at once."""
    sqs.send_message(QueueUrl=url, MessageBody="m")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    handle = message["ReceiptHandle"]

    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=500)
    control.call("POST", "clock", {"advance_s": 400})
    assert bodies(sqs.receive_message(QueueUrl=url)) == []

    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert bodies(sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)) == ["m"]
    [message] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=1
        )


def test_long_poll_ends_with_the_first_message(sqs: Any, url: str, control: ControlApi) -> None:
    """Should answer as soon as something is sent."""
    thread, results = in_background(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20))
    wait_for(lambda: waiting_at(control) == 1)

    sqs.send_message(QueueUrl=url, MessageBody="m")

    thread.join(10)
    assert bodies(results[0]) == ["m"]


def test_long_poll_ends_empty_when_its_time_is_up(sqs: Any, url: str, control: ControlApi) -> None:
    """Should wait by the server's clock."""
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"ReceiveMessageWaitTimeSeconds": "20"})
    thread, results = in_background(lambda: sqs.receive_message(QueueUrl=url))
    wait_for(lambda: control.call("POST", "clock", {"advance_s": 5}) and results)
    thread.join(10)

    assert "Messages" not in results[0]


def test_who_leaves_takes_no_message_along(
    running_connect: LocalConnect, sqs: Any, url: str, control: ControlApi
) -> None:
    """Should not hand a message to a client that has hung up while it waited."""
    impatient = make_client(running_connect, service="sqs", read_timeout=0.3)
    with pytest.raises(ReadTimeoutError):
        impatient.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    impatient.close()
    wait_for(lambda: waiting_at(control) == 0)

    sqs.send_message(QueueUrl=url, MessageBody="m")

    assert bodies(sqs.receive_message(QueueUrl=url)) == ["m"]


def test_dead_letters_go_to_their_queue(sqs: Any, url: str) -> None:
    """Should move a message that was received too often, and say where from."""
    grave = sqs.create_queue(QueueName="grave")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    policy = json.dumps({"deadLetterTargetArn": f"{arn}grave", "maxReceiveCount": 2})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    sent = sqs.send_message(QueueUrl=url, MessageBody="m")

    received = [bodies(sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)) for _ in range(3)]

    assert received == [["m"], ["m"], []]
    [message] = sqs.receive_message(QueueUrl=grave, AttributeNames=["All"])["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == f"{arn}orders"


def test_batches_do_what_they_can(sqs: Any, url: str) -> None:
    """Should send, hide and delete entry by entry, and report each that failed."""
    sent = sqs.send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "good", "MessageBody": "m1"},
            {"Id": "bad", "MessageBody": "m2", "DelaySeconds": 901},
            {"Id": "fine", "MessageBody": "m3"},
        ],
    )
    assert [entry["Id"] for entry in sent["Successful"]] == ["good", "fine"]
    [failed] = sent["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == (
        "bad",
        "InvalidParameterValue",
        True,
    )

    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    handles = [message["ReceiptHandle"] for message in messages]
    hidden = sqs.change_message_visibility_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "a", "ReceiptHandle": handles[0], "VisibilityTimeout": 60},
            {"Id": "b", "ReceiptHandle": "nonsense", "VisibilityTimeout": 60},
            {"Id": "c", "ReceiptHandle": handles[1]},
        ],
    )
    assert [entry["Code"] for entry in hidden["Failed"]] == [
        "ReceiptHandleIsInvalid",
        "InvalidParameterValue",
    ]
    deleted = sqs.delete_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)
        ],
    )
    assert len(deleted["Successful"]) == 2
    assert "Failed" not in deleted


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([("a", "m")] * 2, "BatchEntryIdsNotDistinct"),
        ([(str(number), "m") for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([("a b", "m")], "InvalidBatchEntryId"),
        ([("a", "x" * 600), ("b", "x" * 600)], "BatchRequestTooLong"),
    ],
)
def test_impossible_batches_are_refused(
    sqs: Any, url: str, entries: list[tuple[str, str]], code: str
) -> None:
    """Should send none of them."""
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "1024"})
    wish = [{"Id": entry_id, "MessageBody": body} for entry_id, body in entries]

    with pytest.raises(getattr(sqs.exceptions, code)):
        sqs.send_message_batch(QueueUrl=url, Entries=wish)

    assert bodies(sqs.receive_message(QueueUrl=url)) == []


VALUE = {"DataType": "String", "StringValue": "x"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"MessageBody": ""}, "InvalidParameterValue"),
        ({"MessageBody": "\x01"}, "InvalidMessageContents"),
        ({"MessageBody": "\ufffe"}, "InvalidMessageContents"),
        ({"MessageBody": "é" * 513}, "InvalidParameterValue"),
        ({"DelaySeconds": 901}, "InvalidParameterValue"),
        ({"MessageDeduplicationId": "d"}, "InvalidParameterValue"),
        ({"MessageGroupId": "g" * 129}, "InvalidParameterValue"),
        (
            {"MessageAttributes": {str(number): VALUE for number in range(11)}},
            "InvalidParameterValue",
        ),
        ({"MessageAttributes": {"aws.x": VALUE}}, "InvalidParameterValue"),
        ({"MessageAttributes": {"a..b": VALUE}}, "InvalidParameterValue"),
        (
            {"MessageAttributes": {"a": {"DataType": "Date", "StringValue": "x"}}},
            "InvalidParameterValue",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
            "InvalidParameterValue",
        ),
        (
            {"MessageAttributes": {"a": {"DataType": "Binary", "StringValue": "x"}}},
            "InvalidParameterValue",
        ),
        ({"MessageAttributes": {"a" * 1024: VALUE}}, "InvalidParameterValue"),
    ],
)
def test_impossible_messages_are_refused(
    sqs: Any, url: str, changes: dict[str, Any], code: str
) -> None:
    """Should keep to the limits of the queue and of Amazon SQS."""
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "1024"})

    with pytest.raises(ClientError) as refused:
        sqs.send_message(**({"QueueUrl": url, "MessageBody": "m"} | changes))

    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    "wish",
    [
        {"MaxNumberOfMessages": 0},
        {"MaxNumberOfMessages": 11},
        {"WaitTimeSeconds": 21},
        {"VisibilityTimeout": 43_201},
    ],
)
def test_impossible_receptions_are_refused(sqs: Any, url: str, wish: dict[str, int]) -> None:
    """Should name the parameter and its bounds."""
    with pytest.raises(ClientError, match=f"{next(iter(wish))}.* Must be between") as refused:
        sqs.receive_message(QueueUrl=url, **wish)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


@pytest.mark.parametrize("handle", ["nonsense", "", "é", "eCB5IHo="])
def test_made_up_handle_is_refused(sqs: Any, url: str, handle: str) -> None:
    """Should say so in the class that clients know."""
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)


def test_state_counts_messages_and_shows_none(sqs: Any, url: str, control: ControlApi) -> None:
    """Should tell how many there are, never what they say."""
    for body in ("secret one", "secret two"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url)

    state = control.call("GET", "state")

    counts = {"visible": 1, "in_flight": 1, "delayed": 0, "lost": 0, "waiting": 0}
    assert state["message_queues"] == [{"name": "orders", **counts}]
    assert "secret" not in json.dumps(state)
