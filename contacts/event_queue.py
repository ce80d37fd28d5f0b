"""The adapter to the queue in which Amazon Connect's contact events wait: Amazon SQS, or one that the embedded Connect hosts.

Beside contacts.connect_client the only importer of boto3: another service, with long polls instead of short deadlines, and
polled by a process of its own. Knows nothing of rows, nor of what the messages say. Logs no body.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from contacts.connect_answers import bound_answers

logger = logging.getLogger(__name__)

WAIT_S = 20  # for the first message: the longest that SQS allows
BATCH = 10  # messages of one request: the most that SQS allows
REGION_IN_HOST = re.compile(r"(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com")


class QueueUnavailable(Exception):
    """The queue could not be reached, or refused; the message is the error's code."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that was received, and is ours until its visibility timeout."""

    message_id: str
    body: str
    receipt: str
    times_received: int


class EventQueue:
    """One queue, by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        address = urlsplit(url)
        client = boto3.session.Session().client(
            "sqs",
            # The host of a queue's URL is its region's endpoint on AWS, and the embedded Connect elsewhere.
            endpoint_url=f"{address.scheme}://{address.netloc}",
            region_name=region_of(url) or settings.CONNECT_REGION,
            config=Config(
                connect_timeout=settings.CONNECT_CONNECT_TIMEOUT_S,
                read_timeout=WAIT_S + settings.CONNECT_READ_TIMEOUT_S,
                retries={"mode": "standard", "total_max_attempts": settings.CONNECT_ATTEMPTS},
            ),
        )
        self._client = bound_answers(client)

    def receive(self, *, wait_s: int = WAIT_S) -> list[QueuedMessage]:
        """Return up to `BATCH` messages; wait up to `wait_s` seconds for the first.

        :raises QueueUnavailable: the queue could not be reached, or refused.
        """
        reply = self._ask(
            "receive_message",
            MaxNumberOfMessages=BATCH,
            WaitTimeSeconds=wait_s,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return [
            QueuedMessage(
                message_id=message["MessageId"],
                body=message["Body"],
                receipt=message["ReceiptHandle"],
                times_received=int(message["Attributes"]["ApproximateReceiveCount"]),
            )
            for message in reply.get("Messages", ())
        ]

    def delete(self, messages: Sequence[QueuedMessage]) -> None:
        """Delete messages of one batch. Those that cannot be deleted come again.

        :raises QueueUnavailable: the queue could not be reached, or refused.
        """
        self._ask_of_each("delete_message_batch", messages)

    def put_back(self, messages: Sequence[QueuedMessage], *, after_s: int) -> None:
        """Have messages of one batch come again after some seconds.

        :raises QueueUnavailable: the queue could not be reached, or refused.
        """
        self._ask_of_each("change_message_visibility_batch", messages, VisibilityTimeout=after_s)

    def close(self) -> None:
        """Close the connections to the queue."""
        self._client.close()

    def _ask_of_each(self, method: str, messages: Sequence[QueuedMessage], **more: Any) -> None:
        if not messages:
            return
        entries = [
            {"Id": str(position), "ReceiptHandle": message.receipt, **more}
            for position, message in enumerate(messages)
        ]
        failed = self._ask(method, Entries=entries).get("Failed") or []
        if failed:
            codes = sorted({str(entry.get("Code")) for entry in failed})
            logger.warning(
                "event_queue_entries_failed",
                extra={"operation": method, "count": len(failed), "codes": codes},
            )

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._client, method)(QueueUrl=self._url, **parameters)
        except ClientError as error:
            raise QueueUnavailable(str(error.response.get("Error", {}).get("Code"))) from None
        except BotoCoreError as error:
            raise QueueUnavailable(type(error).__name__) from None
        return reply


def region_of(url: str) -> str | None:
    """Return the region that the host of a queue's URL on AWS names, or None elsewhere."""
    named = REGION_IN_HOST.search(urlsplit(url).hostname or "")
    return named.group(1) if named else None


def url_problem(url: str) -> str | None:
    """Say what is wrong with the URL of a queue, or None."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.netloc:
        return "no address"
    if len(address.path.strip("/").split("/")) != 2:
        return "not the address of a queue"
    if address.path.endswith(".fifo"):
        return "a FIFO queue, which EventBridge's contact events need not be in"
    return None
