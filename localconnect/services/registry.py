"""What an operation is here, and the table the gateway finds it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from localconnect.aws.call import Call
from localconnect.aws.gateway import Behaviour, Result
from localconnect.aws.pagination import Paginator
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.directory import Directory
from localconnect.message_queues import MessageQueues
from localconnect.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """What the operations work on."""

    center: ContactCenter
    settings: Settings
    clock: Clock
    directory: Directory
    paginator: Paginator
    message_queues: MessageQueues


Operation = Callable[[Service, Call], Result | Awaitable[Result]]
T = TypeVar("T", bound=Operation)
_OPERATIONS: dict[str, Operation] = {}


def operation(key: str) -> Callable[[T], T]:
    """Registers a function as the behaviour of the operation `key`."""

    def register(function: T) -> T:
        _OPERATIONS[key] = function
        return function

    return register


def behaviours(service: Service) -> dict[str, Behaviour]:
    """Every operation registered by now, by key."""
    return {key: partial(function, service) for key, function in _OPERATIONS.items()}
