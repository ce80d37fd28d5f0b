"""Whatever is sent to an operation of SQS, localconnect answers in the protocol's shape, and not with a failure."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import RawClient
from tests.conformance.model_strategies import requests, written_json

MODEL = botocore.session.get_session().get_service_model("sqs")
ABSENT = {
    *("AddPermission", "RemovePermission", "TagQueue", "UntagQueue", "ListQueueTags"),
    *("StartMessageMoveTask", "CancelMessageMoveTask", "ListMessageMoveTasks"),
}
HERE = sorted(set(MODEL.operation_names) - ABSENT)


class World:
    """A queue with a message that was received, and good parameters for every operation."""

    def __init__(self, sqs: Any) -> None:
        url = sqs.create_queue(QueueName="any")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="m")
        handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
        entry = {"Id": "a", "MessageBody": "m", "ReceiptHandle": handle, "VisibilityTimeout": 9}
        self._every = {
            "QueueUrl": url,
            "QueueName": "any",
            "MessageBody": "m",
            "ReceiptHandle": handle,
            "VisibilityTimeout": 9,
            "Attributes": {"VisibilityTimeout": "9"},
            "Entries": [entry],
        }

    def request(self, model: Any) -> dict[str, Any]:
        """Parameters that are right."""
        required = model.input_shape.required_members
        return {name: self._every[name] for name in required}


@pytest.fixture
def world(sqs: Any) -> World:
    return World(sqs)


def ask(raw: RawClient, operation: str, params: Any) -> Any:
    """The reply to parameters, however they may look."""
    body = written_json(params).encode("utf-8", "surrogatepass")
    target = {"X-Amz-Target": f"AmazonSQS.{operation}"}
    return raw.send("POST", "/", body, raw.sign("POST", "/", body, service="sqs", headers=target))


@pytest.mark.parametrize("operation", HERE)
def test_any_request_gets_an_answer_of_the_protocol(
    operation: str, raw: RawClient, world: World
) -> None:
    """Should be 200, or an error below 500 that names itself in the body and in the header."""
    model = MODEL.operation_model(operation)

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=60,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def send(data: st.DataObject) -> None:
        params = data.draw(requests(model, world.request(model)))
        if params.get("WaitTimeSeconds") in range(1, 21):
            del params["WaitTimeSeconds"]  # nobody has that much time
        reply = ask(raw, operation, params)
        assert reply.status < 500
        assert reply.headers["content-type"] == "application/x-amz-json-1.0"
        document = json.loads(reply.body)
        if reply.status != 200:
            assert document["__type"].startswith("com.amazonaws.sqs#")
            assert reply.headers["x-amzn-query-error"].endswith(";Sender")

    send()


@pytest.mark.parametrize("operation", HERE)
def test_good_request_succeeds(operation: str, raw: RawClient, world: World) -> None:
    """Should be 200: what the other test starts from is right."""
    reply = ask(raw, operation, world.request(MODEL.operation_model(operation)))

    assert reply.status == 200, reply.body
