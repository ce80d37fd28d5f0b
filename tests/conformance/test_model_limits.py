"""Every limit of every member of every operation served, taken from the service models themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, Reply
from tests.conformance.live_world import CONSUMING, make_world
from tests.conformance.model_limits import Variant
from tests.conformance.model_requests import MODELS, OPERATIONS, SERVED, variants
from tests.conformance.reply_checks import problems_of
from tests.conformance.wire_client import WireClient, wire_client, written
from tests.servers import LocalConnect


@pytest.fixture(scope="module")
def client(running_connect: LocalConnect) -> Iterator[WireClient]:
    with wire_client(running_connect) as made:
        yield made


@pytest.fixture(scope="module")
def controlled(running_connect: LocalConnect) -> ControlApi:
    return ControlApi(running_connect.url)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_limits_of_every_member_are_kept(
    operation: str, client: WireClient, controlled: ControlApi
) -> None:
    """Should refuse what is beyond a limit as modelled, by the member's name, and nothing that is at it."""
    model = OPERATIONS[operation]
    world = make_world(controlled, client)
    first = client.ask(model, written(model, world.request(operation)))
    assert (first.status, problems_of(model, first)) == (200, []), first

    wrong = []
    for variant in _variants(operation, controlled, client):
        reply = client.ask(model, written(model, variant.params))
        problem = "; ".join([*problems_of(model, reply), *_misjudged(model, variant, reply)])
        if problem:
            wrong.append(f"{variant}: {problem}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVED)
def test_operation_not_served_says_so(
    service: str, client: WireClient, controlled: ControlApi
) -> None:
    """Should answer 501 to every other operation of the model, whatever is asked of it."""
    make_world(controlled, client)
    wrong = []
    for name in set(MODELS[service].operation_names).difference(SERVED[service]):
        model = MODELS[service].operation_model(name)
        labels = [
            member
            for member, shape in model.input_shape.members.items()
            if shape.serialization.get("location") == "uri"
        ]
        reply = client.ask(model, written(model, dict.fromkeys(labels, "x")))
        if (reply.status, reply.error) != (501, "UnknownOperationException"):
            wrong.append(f"{name}: {reply.status} {reply.error}")
    assert not wrong, "\n".join(wrong)


def _variants(operation: str, control: ControlApi, client: WireClient) -> Iterator[Variant]:
    """Each variant, in a new world where the one before may have used up what there was."""
    model = OPERATIONS[operation]
    made = list(variants(model, make_world(control, client).request(operation)))
    for number, variant in enumerate(made):
        if operation in CONSUMING and variant.is_allowed:
            world = make_world(control, client)
            yield list(variants(model, world.request(operation)))[number]
        else:
            yield variant


def _misjudged(model: Any, variant: Variant, reply: Reply) -> list[str]:
    """Whether the model's own limits were misapplied; a business rule may still refuse what they allow."""
    text = "" if reply.status == 200 else str(reply.json)
    is_refused = "validation error" in text
    if variant.is_allowed:
        is_fine = reply.status < 500 and not is_refused
        return [] if is_fine else [f"refused: {reply.status} {text[:300]}"]
    if reply.status == 200 or not is_refused:
        return [f"not refused, or not as a limit: {reply.status} {text[:300]}"]
    found = []
    if reply.error != _class_for_members(model):
        found.append(f"{reply.error} instead of {_class_for_members(model)}")
    if f"'{variant.member}'" not in reply.json["Message"]:
        found.append(f"the member is not named: {text[:300]}")
    return found


def _class_for_members(model: Any) -> str:
    names = {shape.name for shape in model.error_shapes}
    ranked = ("InvalidParameterException", "InvalidRequestException", "ValidationException")
    return next(name for name in ranked if name in names)
