"""Whatever is sent to an operation, localconnect answers as its model says, goes on, and keeps a line about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import ControlApi, wait_for
from tests.conformance.live_world import World, make_world
from tests.conformance.model_requests import OPERATIONS
from tests.conformance.model_strategies import requests, written_json
from tests.conformance.reply_checks import problems_of
from tests.conformance.wire_client import WireClient, wire_client, written
from tests.servers import LocalConnect


@pytest.fixture(scope="module")
def server() -> Iterator[LocalConnect]:
    """One whose log has room for a line about each refusal: it bounds how many it writes of a kind."""
    with LocalConnect().running() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: LocalConnect) -> Iterator[WireClient]:
    with wire_client(server) as made:
        yield made


@pytest.fixture
def world(server: LocalConnect, client: WireClient) -> World:
    return make_world(ControlApi(server.url), client)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_any_request_gets_a_modelled_answer(
    operation: str, client: WireClient, world: World, server: LocalConnect
) -> None:
    """Should be 200 or a modelled error below 500, and each refusal a line of the log."""
    model = OPERATIONS[operation]
    refused = []

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=120,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        params = data.draw(requests(model, world.request(operation)))
        reply = client.ask(model, written(model, params, encode=written_json))
        assert reply.status < 500
        assert problems_of(model, reply) == []
        if reply.status != 200:
            refused.append(reply.headers["x-amzn-requestid"])

    ask()

    wait_for(lambda: all(f"[{request_id}]" in server.logs() for request_id in refused[-1:]))
    log = server.logs()
    assert [request_id for request_id in refused if f"[{request_id}]" not in log] == []
    assert "Traceback" not in log
