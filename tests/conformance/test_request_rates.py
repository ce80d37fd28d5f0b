"""How often each operation may be called: Amazon Connect's own rates, refilled as the clock goes."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import ControlApi
from tests.conformance.live_world import make_world
from tests.conformance.model_requests import OPERATIONS
from tests.conformance.wire_client import wire_client, written
from tests.servers import LocalConnect

TEN = {"rate": 10, "burst": 15}
TWENTY = {"rate": 20, "burst": 25}
OTHERS = {"rate": 2, "burst": 5}
RATES = {
    "CreateParticipant": {"rate": 5, "burst": 8},
    "CreateParticipantConnection": {"rate": 6, "burst": 9},
    "DescribeContact": TEN,
    "DescribeQueue": TEN,
    "DisconnectParticipant": {"rate": 3, "burst": 5},
    "GetContactAttributes": TEN,
    "GetCurrentMetricData": {"rate": 5, "burst": 8},
    "ListContactReferences": TEN,
    "ListQueues": TEN,
    "SendEvent": TEN,
    "SendMessage": TEN,
    "StopContact": TEN,
    "TagContact": TWENTY,
    "UntagContact": TWENTY,
    "UpdateContact": TEN,
    "UpdateContactAttributes": TEN,
}
"""What the service quotas say; everything else has the rate that is said of operations not listed."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_keeps_to_its_rate(operation: str, running_connect: LocalConnect) -> None:
    """Should take a burst and refuse the next, as modelled; later, as many more as the rate allows."""
    control = ControlApi(running_connect.url)
    control.call("POST", "reset")
    defaults = control.call("GET", "settings")["rate_limits"]
    limit = RATES.get(operation, OTHERS)
    model = OPERATIONS[operation]
    with wire_client(running_connect) as client:
        request = written(model, make_world(control, client).request(operation))
        # Not refilled meanwhile: a slow machine must not count as waiting.
        slow = {name: {**bucket, "rate": 0} for name, bucket in defaults.items()}
        control.call("PATCH", "settings", {"rate_limits": slow})
        burst = [client.ask(model, request).error for _ in range(limit["burst"] + 1)]

        control.call("PATCH", "settings", {"rate_limits": defaults})
        control.call("POST", "clock", {"advance_s": 1})
        refilled = [client.ask(model, request).error for _ in range(limit["rate"])]

    assert defaults.get(operation, defaults["*"]) == limit
    declared = {shape.name for shape in model.error_shapes}
    name = (
        "ThrottlingException" if "ThrottlingException" in declared else "TooManyRequestsException"
    )
    assert name not in burst[:-1]
    assert burst[-1] == name
    assert name not in refilled
