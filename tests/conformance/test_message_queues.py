"""Message queues of localconnect as boto3's `sqs` client meets them: made, found, set up, emptied, deleted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ControlApi, RawClient, make_client
from tests.servers import LocalConnect

ARN = "arn:aws:sqs:us-east-1:000000000000:"


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    """The code of an error, as a client sees it."""
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_queue_is_made_once_and_found_by_name(sqs: Any, running_connect: LocalConnect) -> None:
    """Should answer the same request with the same queue, whose address is on this server."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]

    assert url == f"{running_connect.url}/000000000000/orders"
    assert sqs.create_queue(QueueName="orders")["QueueUrl"] == url
    assert sqs.get_queue_url(QueueName="orders")["QueueUrl"] == url


def test_queue_of_other_attributes_is_refused(sqs: Any) -> None:
    """Should not change an existing queue by creating it again."""
    sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "5"})

    with pytest.raises(sqs.exceptions.QueueNameExists) as refused:
        sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "6"})

    assert code_of(refused) == "QueueAlreadyExists"


def test_queues_are_listed_by_prefix_and_page(sqs: Any) -> None:
    """Should lead through all of them, in pages as large as asked for."""
    for name in ("a1", "a2", "a3", "b1"):
        sqs.create_queue(QueueName=name)

    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix="a", PaginationConfig={"PageSize": 2}
    )

    urls = [page["QueueUrls"] for page in pages]
    assert [[url.rpartition("/")[2] for url in page] for page in urls] == [["a1", "a2"], ["a3"]]


def test_attributes_are_set_and_shown(sqs: Any) -> None:
    """Should show defaults, what was set, and how much is in the queue."""
    url = sqs.create_queue(QueueName="orders", Attributes={"Policy": "{}"})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "Policy": ""})
    for delay in (0, 0, 60):
        sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=url)

    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert int(shown.pop("CreatedTimestamp")) <= int(shown.pop("LastModifiedTimestamp"))
    assert shown == {
        "QueueArn": f"{ARN}orders",
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "ApproximateNumberOfMessagesDelayed": "1",
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "ReceiveMessageWaitTimeSeconds": "0",
        "VisibilityTimeout": "7",
    }
    one = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert one["Attributes"] == {"VisibilityTimeout": "7"}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"DelaySeconds": "-1"}, "InvalidAttributeValue"),
        ({"DelaySeconds": "00000000001"}, "InvalidAttributeValue"),
        ({"MaximumMessageSize": "9" * 400}, "InvalidAttributeValue"),
        ({"MessageRetentionPeriod": ""}, "InvalidAttributeValue"),
        ({"QueueArn": "x"}, "InvalidAttributeName"),
        ({"FifoQueue": "true"}, "InvalidAttributeName"),
        ({"Policy": "x" * 40_000}, "InvalidAttributeValue"),
        ({"RedrivePolicy": "[]"}, "InvalidAttributeValue"),
        ({"RedrivePolicy": "[" * 5000}, "InvalidAttributeValue"),
        (
            {"RedrivePolicy": '{"deadLetterTargetArn": 1, "maxReceiveCount": 1}'},
            "InvalidAttributeValue",
        ),
        (
            {
                "RedrivePolicy": json.dumps(
                    {"deadLetterTargetArn": f"{ARN}nowhere", "maxReceiveCount": 1}
                )
            },
            "InvalidAttributeValue",
        ),
    ],
)
def test_impossible_attributes_are_refused(
    sqs: Any, attributes: dict[str, str], code: str
) -> None:
    """Should name the attribute, and make no queue."""
    with pytest.raises(ClientError, match=next(iter(attributes))) as refused:
        sqs.create_queue(QueueName="orders", Attributes=attributes)

    assert code_of(refused) == code
    assert "QueueUrls" not in sqs.list_queues()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a b", "InvalidParameterValue"),
        ("x" * 81, "InvalidParameterValue"),
        ("orders.fifo", "AWS.SimpleQueueService.UnsupportedOperation"),
    ],
)
def test_impossible_names_are_refused(sqs: Any, name: str, code: str) -> None:
    """Should say so in the words of SQS."""
    with pytest.raises(ClientError) as refused:
        sqs.create_queue(QueueName=name)

    assert code_of(refused) == code


def test_unknown_queue_is_the_error_clients_know(sqs: Any, raw: RawClient) -> None:
    """Should carry both names of the error, in the body and in the header."""
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
        sqs.get_queue_url(QueueName="nowhere")
    assert code_of(refused) == "AWS.SimpleQueueService.NonExistentQueue"

    body = b'{"QueueUrl": "http://x/1/nowhere"}'
    reply = raw.send("POST", "/", body, _signed_with_target(raw, body, "ReceiveMessage"))

    assert reply.status == 400
    assert reply.json == {
        "__type": "com.amazonaws.sqs#QueueDoesNotExist",
        "message": "The specified queue does not exist.",
    }
    assert reply.headers["content-type"] == "application/x-amz-json-1.0"
    assert reply.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"


def test_purge_forgets_everything_once_a_minute(sqs: Any, control: ControlApi) -> None:
    """Should refuse a second purge until a minute has passed."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")

    sqs.purge_queue(QueueUrl=url)

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    with pytest.raises(sqs.exceptions.PurgeQueueInProgress):
        sqs.purge_queue(QueueUrl=url)
    control.call("POST", "clock", {"advance_s": 61})
    sqs.purge_queue(QueueUrl=url)


def test_deleted_queue_is_gone_and_its_name_rests(sqs: Any, control: ControlApi) -> None:
    """Should refuse the name for a minute."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]

    sqs.delete_queue(QueueUrl=url)

    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="orders")
    control.call("PATCH", "settings", {"queue_pause_s": 0})
    assert sqs.create_queue(QueueName="orders")["QueueUrl"] == url


def test_sources_of_dead_letters_are_listed(sqs: Any) -> None:
    """Should name the queues that point here."""
    grave = sqs.create_queue(QueueName="grave")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": f"{ARN}grave", "maxReceiveCount": "3"})
    source = sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": policy})["QueueUrl"]

    found = sqs.list_dead_letter_source_queues(QueueUrl=grave)

    assert found["queueUrls"] == [source]


def test_request_must_be_signed_for_sqs(running_connect: LocalConnect, raw: RawClient) -> None:
    """Should refuse a signature of another service, and a wrong key, in the protocol's own shape."""
    reply = raw.send("POST", "/", b"{}", _signed_with_target(raw, b"{}", "ListQueues", "connect"))
    assert (reply.status, reply.json["__type"]) == (
        403,
        "com.amazonaws.sqs#InvalidSignatureException",
    )

    client = make_client(running_connect, service="sqs")
    client._request_signer._credentials.secret_key = "wrong"
    with pytest.raises(ClientError) as refused:
        client.list_queues()
    client.close()
    assert code_of(refused) == "InvalidSignatureException"


def test_fault_and_rate_limit_are_by_the_services_name(sqs: Any, control: ControlApi) -> None:
    """Should tell SendMessage of SQS from that of participants."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    control.call("POST", "faults", {"operation": "SendMessage", "error": "ThrottlingException"})
    sqs.send_message(QueueUrl=url, MessageBody="m")
    control.call("DELETE", "faults")

    limit = {"sqs:SendMessage": {"rate": 0, "burst": 1}}
    control.call("PATCH", "settings", {"rate_limits": limit})
    sqs.send_message(QueueUrl=url, MessageBody="m")
    with pytest.raises(sqs.exceptions.RequestThrottled):
        sqs.send_message(QueueUrl=url, MessageBody="m")

    wish = {"operation": "sqs:ReceiveMessage", "error": "OverLimit"}
    control.call("POST", "faults", wish)
    with pytest.raises(sqs.exceptions.OverLimit):
        sqs.receive_message(QueueUrl=url)


def test_operation_not_there_says_so(sqs: Any) -> None:
    """Should answer 501, which no client retries."""
    with pytest.raises(ClientError) as refused:
        sqs.list_queue_tags(QueueUrl="http://x/1/orders")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_query_protocol_is_refused(raw: RawClient) -> None:
    """Should tell a client that is too old for the JSON protocol that nothing is here."""
    body = urlencode({"Action": "ListQueues", "Version": "2012-11-05"}).encode()

    reply = raw.signed("POST", "/", body, service="sqs")

    assert reply.status == 404
    assert "JSON protocol" in reply.json["message"]


def test_reset_takes_queues_back(sqs: Any, control: ControlApi) -> None:
    """Should leave only what was there at the start."""
    sqs.create_queue(QueueName="orders")

    control.call("POST", "reset")

    assert control.call("GET", "state")["message_queues"] == []


def _signed_with_target(
    raw: RawClient, body: bytes, operation: str, service: str = "sqs"
) -> dict[str, str]:
    headers = {"X-Amz-Target": f"AmazonSQS.{operation}"}
    return raw.sign("POST", "/", body, service=service, headers=headers)
