"""Messages of a message queue: sent, received, deleted and hidden for longer, one by one or in batches of ten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import QUERY_CODES, ServiceError
from localconnect.message_queue import Message, MessageQueue
from localconnect.message_queue_attributes import MAX_DELAY_S, MAX_VISIBILITY_S, MAX_WAIT_S
from localconnect.services.message_attributes import (
    check_attributes,
    md5_of_attributes,
    selected_attributes,
    size_of_attributes,
)
from localconnect.services.message_queues import addressed_queue, invalid_value, whole_number
from localconnect.services.registry import Service, operation

_MAX_RECEIVED = 10
_MAX_BATCH = 10
_MAX_GROUP_ID = 128
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0, and so none of a message."""


@operation("sqs:SendMessage")
def send_message(service: Service, call: Call) -> dict[str, Any]:
    """Adds one message."""
    return _send(addressed_queue(service, call), call.params)


@operation("sqs:SendMessageBatch")
def send_message_batch(service: Service, call: Call) -> dict[str, Any]:
    """Adds up to ten messages that fit into one together."""
    queue = addressed_queue(service, call)
    limit = queue.attributes.number("MaximumMessageSize")
    entries = _checked_entries(call)
    if sum(_size(entry) for entry in entries) > limit:
        raise ServiceError(
            "BatchRequestTooLong",
            f"Batch requests cannot be longer than {limit} bytes.",
        )
    return _batch(entries, lambda entry: _send(queue, entry))


@operation("sqs:ReceiveMessage")
async def receive_message(service: Service, call: Call) -> dict[str, Any]:
    """Up to ten messages; where there are none it may wait for the first, up to twenty seconds."""
    params = call.params
    queue = addressed_queue(service, call)
    usual = queue.attributes.number
    messages = await queue.poll(
        whole_number(params, "MaxNumberOfMessages", 1, 1, _MAX_RECEIVED),
        whole_number(params, "VisibilityTimeout", usual("VisibilityTimeout"), 0, MAX_VISIBILITY_S),
        whole_number(
            params, "WaitTimeSeconds", usual("ReceiveMessageWaitTimeSeconds"), 0, MAX_WAIT_S
        ),
    )
    system = {
        *params.get("AttributeNames", ()),
        *params.get("MessageSystemAttributeNames", ()),
    }
    named = params.get("MessageAttributeNames", ())
    sender = service.directory.account_id
    return {"Messages": [_told(message, sender, system, named) for message in messages] or None}


@operation("sqs:DeleteMessage")
def delete_message(service: Service, call: Call) -> None:
    """Forgets a message that has been received."""
    addressed_queue(service, call).delete(call.params["ReceiptHandle"])


@operation("sqs:DeleteMessageBatch")
def delete_message_batch(service: Service, call: Call) -> dict[str, Any]:
    """Forgets up to ten messages that have been received."""
    queue = addressed_queue(service, call)
    return _batch(_checked_entries(call), lambda entry: queue.delete(entry["ReceiptHandle"]))


@operation("sqs:ChangeMessageVisibility")
def change_message_visibility(service: Service, call: Call) -> None:
    """Sets when a message that has been received comes back."""
    _change_visibility(addressed_queue(service, call), call.params)


@operation("sqs:ChangeMessageVisibilityBatch")
def change_message_visibility_batch(service: Service, call: Call) -> dict[str, Any]:
    """Sets when up to ten messages that have been received come back."""
    queue = addressed_queue(service, call)
    return _batch(_checked_entries(call), lambda entry: _change_visibility(queue, entry))


def _send(queue: MessageQueue, params: dict[str, Any]) -> dict[str, Any]:
    body = params["MessageBody"]
    limit = queue.attributes.number("MaximumMessageSize")
    if not body:
        raise invalid_value("MessageBody", "Must not be empty")
    if _FORBIDDEN.search(body):
        raise ServiceError(
            "InvalidMessageContents", "Invalid characters were found in the message body."
        )
    if _size(params) > limit:
        raise invalid_value("MessageBody", f"Message must be shorter than {limit} bytes")
    if "MessageDeduplicationId" in params:
        raise invalid_value(
            "MessageDeduplicationId",
            "The request includes a parameter that is not valid for this queue type",
        )
    delay = (
        whole_number(params, "DelaySeconds", 0, 0, MAX_DELAY_S)
        if "DelaySeconds" in params
        else None
    )
    attributes = params.get("MessageAttributes", {})
    system = params.get("MessageSystemAttributes", {})
    check_attributes(attributes)
    check_attributes(system)
    kept = {name: value["StringValue"] for name, value in system.items() if "StringValue" in value}
    if "MessageGroupId" in params:
        if not 1 <= len(params["MessageGroupId"]) <= _MAX_GROUP_ID:
            raise invalid_value("MessageGroupId", f"Must have 1 to {_MAX_GROUP_ID} characters")
        kept["MessageGroupId"] = params["MessageGroupId"]
    message = queue.send(
        body,
        delay_s=delay,
        attributes=attributes,
        system=kept,
        attribute_bytes=size_of_attributes(attributes) + size_of_attributes(system),
    )
    return {
        "MessageId": message.id,
        "MD5OfMessageBody": message.md5,
        "MD5OfMessageAttributes": md5_of_attributes(attributes),
        "MD5OfMessageSystemAttributes": md5_of_attributes(system),
    }


def _change_visibility(queue: MessageQueue, params: dict[str, Any]) -> None:
    if "VisibilityTimeout" not in params:
        raise invalid_value("VisibilityTimeout", "Must be given")
    seconds = whole_number(params, "VisibilityTimeout", 0, 0, MAX_VISIBILITY_S)
    queue.change_visibility(params["ReceiptHandle"], seconds)


def _told(message: Message, sender: str, system: set[str], named: Iterable[str]) -> dict[str, Any]:
    attributes = selected_attributes(message.attributes, named)
    every = {
        "SenderId": sender,
        "SentTimestamp": str(int(message.sent_at * 1000)),
        "ApproximateReceiveCount": str(message.receive_count),
        "ApproximateFirstReceiveTimestamp": str(int(message.first_received_at * 1000)),
        **message.system,
    }
    if message.dead_letter_source is not None:
        every["DeadLetterQueueSourceArn"] = message.dead_letter_source
    asked = {name: text for name, text in every.items() if "All" in system or name in system}
    return {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": message.md5,
        "Attributes": asked or None,
        "MessageAttributes": attributes or None,
        "MD5OfMessageAttributes": md5_of_attributes(attributes),
    }


def _size(params: dict[str, Any]) -> int:
    attributes = params.get("MessageAttributes", {})
    return len(params["MessageBody"].encode()) + size_of_attributes(attributes)


def _checked_entries(call: Call) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = call.params["Entries"]
    ids = [entry["Id"] for entry in entries]
    if not entries:
        raise ServiceError("EmptyBatchRequest", "There should be at least one entry.")
    if len(entries) > _MAX_BATCH:
        raise ServiceError(
            "TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {_MAX_BATCH}. You have sent {len(entries)}.",
        )
    if not all(_ENTRY_ID.fullmatch(entry_id) for entry_id in ids):
        raise ServiceError(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 "
            "letters long.",
        )
    if len(set(ids)) < len(ids):
        raise ServiceError("BatchEntryIdsNotDistinct", "Two entries have the same Id.")
    return entries


def _batch(
    entries: list[dict[str, Any]], act: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> dict[str, Any]:
    """Acts on each entry, whatever becomes of the others."""
    successful, failed = [], []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **(act(entry) or {})})
        except ServiceError as error:
            failed.append(
                {
                    "Id": entry["Id"],
                    "SenderFault": True,
                    "Code": QUERY_CODES.get(error.code, error.code),
                    "Message": error.message,
                }
            )
    # Both are required by the model, but SQS leaves out the one that is empty, and clients ask `"Failed" in reply`.
    return {"Successful": successful or None, "Failed": failed or None}
