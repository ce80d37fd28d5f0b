"""Message queues as a whole: made, found, set up, emptied and deleted, by the operations of Amazon SQS."""

from __future__ import annotations

from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ServiceError
from localconnect.message_queue import MessageQueue
from localconnect.services.registry import Service, operation

_MAX_PAGE = 1000


@operation("sqs:CreateQueue")
def create_queue(service: Service, call: Call) -> dict[str, Any]:
    """A new queue, or the address of one that is just so already."""
    queue = service.message_queues.create(
        call.params["QueueName"], call.params.get("Attributes", {})
    )
    return {"QueueUrl": _url(service, call, queue)}


@operation("sqs:GetQueueUrl")
def get_queue_url(service: Service, call: Call) -> dict[str, Any]:
    """The address of a queue."""
    queue = service.message_queues.find(call.params["QueueName"])
    owner = call.params.get("QueueOwnerAWSAccountId", service.directory.account_id)
    if owner != service.directory.account_id:
        raise ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
    return {"QueueUrl": _url(service, call, queue)}


@operation("sqs:ListQueues")
def list_queues(service: Service, call: Call) -> dict[str, Any]:
    """The addresses of the queues whose names begin with a prefix."""
    prefix = call.params.get("QueueNamePrefix", "")
    found = [queue for queue in service.message_queues if queue.name.startswith(prefix)]
    urls, token = _page(service, call, found)
    return {"QueueUrls": urls or None, "NextToken": token}


@operation("sqs:ListDeadLetterSourceQueues")
def list_dead_letter_source_queues(service: Service, call: Call) -> dict[str, Any]:
    """The addresses of the queues whose dead letters come here."""
    sources = service.message_queues.sources_of(addressed_queue(service, call))
    urls, token = _page(service, call, sources)
    return {"queueUrls": urls, "NextToken": token}


@operation("sqs:GetQueueAttributes")
def get_queue_attributes(service: Service, call: Call) -> dict[str, Any]:
    """The attributes asked for, as far as they have a value."""
    queue = addressed_queue(service, call)
    visible, in_flight, delayed = queue.counts()
    every = queue.attributes.shown() | {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "ApproximateNumberOfMessagesNotVisible": str(in_flight),
        "CreatedTimestamp": str(int(queue.created_at)),
        "LastModifiedTimestamp": str(int(queue.changed_at)),
        "QueueArn": queue.arn,
    }
    asked = call.params.get("AttributeNames", [])
    return {
        "Attributes": {
            name: value for name, value in every.items() if "All" in asked or name in asked
        }
    }


@operation("sqs:SetQueueAttributes")
def set_queue_attributes(service: Service, call: Call) -> None:
    """Changes some attributes."""
    queue = addressed_queue(service, call)
    queue.attributes = service.message_queues.checked(queue.attributes, call.params["Attributes"])
    queue.changed_at = service.clock.time()


@operation("sqs:PurgeQueue")
def purge_queue(service: Service, call: Call) -> None:
    """Forgets the messages of a queue."""
    service.message_queues.purge(addressed_queue(service, call))


@operation("sqs:DeleteQueue")
def delete_queue(service: Service, call: Call) -> None:
    """Forgets a queue."""
    service.message_queues.delete(addressed_queue(service, call))


def addressed_queue(service: Service, call: Call) -> MessageQueue:
    """The queue that the request's QueueUrl names: its last segment does, under whatever host the server is known.

    :raises ServiceError: QueueDoesNotExist.
    """
    return service.message_queues.find(call.params["QueueUrl"].rpartition("/")[2])


def invalid_value(name: str, reason: str) -> ServiceError:
    """The error for a parameter that breaks a rule of the service."""
    return ServiceError(
        "InvalidParameterValueException",
        f"Value for parameter {name} is invalid. Reason: {reason}.",
    )


def whole_number(
    params: dict[str, Any], name: str, default: int, lowest: int, highest: int
) -> int:
    """The parameter `name`, or `default` where it is absent.

    :raises ServiceError: it is out of its bounds.
    """
    value: int = params.get(name, default)
    if not lowest <= value <= highest:
        raise invalid_value(name, f"Must be between {lowest} and {highest}, if provided")
    return value


def _url(service: Service, call: Call, queue: MessageQueue) -> str:
    return service.message_queues.url(queue.name, call.base_url)


def _page(
    service: Service, call: Call, queues: list[MessageQueue]
) -> tuple[list[str], str | None]:
    whole_number(call.params, "MaxResults", _MAX_PAGE, 1, _MAX_PAGE)
    page, token = service.paginator.page(call, queues, size=_MAX_PAGE)
    return [_url(service, call, queue) for queue in page], token
