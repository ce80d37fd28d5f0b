"""What can be set of a message queue, with the bounds and defaults that Amazon SQS documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from localconnect.aws.errors import ServiceError

MAX_MESSAGE_BYTES = 1024 * 1024
MAX_VISIBILITY_S = 43_200
MAX_DELAY_S = 900
MAX_WAIT_S = 20
_MAX_TEXT = 32_768

_NUMBERS: dict[str, tuple[int, int, int]] = {
    "DelaySeconds": (0, MAX_DELAY_S, 0),
    "MaximumMessageSize": (1024, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES),
    "MessageRetentionPeriod": (60, 1_209_600, 345_600),
    "ReceiveMessageWaitTimeSeconds": (0, MAX_WAIT_S, 0),
    "VisibilityTimeout": (0, MAX_VISIBILITY_S, 30),
}
"""Lowest, highest and default value of each attribute that is a number."""

_KEPT = frozenset(
    {
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "Policy",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
    }
)
"""Kept and shown, without effect: here is one account, and nothing is stored."""

_FIFO = frozenset(
    {"ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"}
)


@dataclass(frozen=True, slots=True)
class RedrivePolicy:
    """A message received `max_receives` times goes to the queue `target_arn` instead of a further receiver."""

    target_arn: str
    max_receives: int


@dataclass(frozen=True, slots=True)
class QueueAttributes:
    """The attributes of one queue: what was set, by SQS's names and as its texts, over the defaults."""

    texts: Mapping[str, str]
    redrive: RedrivePolicy | None

    def number(self, name: str) -> int:
        """The value of an attribute that is a number."""
        return int(self.texts.get(name, _NUMBERS[name][2]))

    def shown(self) -> dict[str, str]:
        """Every attribute that has a value."""
        return {name: str(bounds[2]) for name, bounds in _NUMBERS.items()} | dict(self.texts)

    def changed(self, changes: Mapping[str, str]) -> QueueAttributes:
        """These attributes with `changes`; an empty text takes one that is no number back.

        :raises ServiceError: InvalidAttributeName or InvalidAttributeValue.
        """
        texts = dict(self.texts)
        for name, text in changes.items():
            _check(name, text)
            texts[name] = text
            if not text:
                del texts[name]
        return QueueAttributes(texts, _redrive_policy(texts.get("RedrivePolicy")))


DEFAULT_ATTRIBUTES = QueueAttributes({}, None)


def _check(name: str, text: str) -> None:
    if name in _NUMBERS:
        lowest, highest, _ = _NUMBERS[name]
        is_number = text.isascii() and text.isdigit() and len(text) <= 10
        if not (is_number and lowest <= int(text) <= highest):
            raise _unusable(name, f"expected a whole number from {lowest} to {highest}")
    elif name in _FIFO:
        raise ServiceError(
            "InvalidAttributeName",
            f"{name}: localconnect has standard queues only, no FIFO queues",
        )
    elif name not in _KEPT and name != "RedrivePolicy":
        raise ServiceError("InvalidAttributeName", f"{name}: not an attribute that can be set")
    elif len(text) > _MAX_TEXT:
        raise _unusable(name, f"expected at most {_MAX_TEXT} characters")


def _redrive_policy(text: str | None) -> RedrivePolicy | None:
    if text is None:
        return None
    try:
        policy = json.loads(text)
        target, receives = policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise _unusable(
            "RedrivePolicy", "expected JSON with deadLetterTargetArn and maxReceiveCount"
        ) from None
    if not isinstance(target, str) or not 1 <= receives <= 1000:
        raise _unusable("RedrivePolicy", "expected an ARN and a maxReceiveCount from 1 to 1000")
    return RedrivePolicy(target, receives)


def _unusable(name: str, reason: str) -> ServiceError:
    return ServiceError(
        "InvalidAttributeValue", f"Invalid value for the parameter {name}. Reason: {reason}."
    )
