"""What an operation is here, and the table the gateway finds it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.gateway import Behaviour
from localconnect.aws.pagination import Paginator
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.directory import Directory
from localconnect.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """What the operations work on."""

    center: ContactCenter
    settings: Settings
    clock: Clock
    directory: Directory
    paginator: Paginator


Operation = Callable[[Service, Call], dict[str, Any] | None]
_OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Registers a function as the behaviour of the operation `name`."""

    def register(function: Operation) -> Operation:
        _OPERATIONS[name] = function
        return function

    return register


def behaviours(service: Service) -> dict[str, Behaviour]:
    """Every operation registered by now, by name."""
    return {name: partial(function, service) for name, function in _OPERATIONS.items()}
