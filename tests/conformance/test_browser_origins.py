"""What a browser lets pages of other origins do: call `/participant/*` where it is allowed, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, RawClient, Reply, start_request

SHOP, OTHER = "https://shop.example", "https://other.example"
CONNECTION = "/participant/connection"
WANTED = (
    "amz-sdk-invocation-id,amz-sdk-request,content-type,x-amz-bearer,x-amz-date,x-amz-user-agent"
)


def preflight(raw: RawClient, path: str, origin: str, *, method: str = "POST") -> Reply:
    """What a browser asks before it lets a page make the request."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": WANTED,
    }
    return raw.send("OPTIONS", path, b"", headers)


def is_open(reply: Reply) -> bool:
    return any(name.startswith("access-control-allow") for name in reply.headers)


@pytest.fixture
def shop_only(control: ControlApi) -> None:
    control.call("PATCH", "settings", {"browser_origins": [SHOP]})


def test_page_of_any_origin_may_call_at_first(raw: RawClient) -> None:
    """Should work with ChatJS out of the box, since a token of the participant is needed all the same."""
    for origin in (SHOP, OTHER, "http://localhost:8000", "null"):
        assert preflight(raw, CONNECTION, origin).headers["access-control-allow-origin"] == origin


@pytest.mark.usefixtures("shop_only")
def test_preflight_of_an_allowed_origin_is_granted(raw: RawClient) -> None:
    """Should allow what the SDKs send, for this origin, and say that the answer depends on it."""
    reply = preflight(raw, CONNECTION, SHOP)

    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == SHOP
    assert "POST" in reply.headers["access-control-allow-methods"]
    allowed = reply.headers["access-control-allow-headers"].lower().split(", ")
    assert set(WANTED.split(",")) <= set(allowed)
    assert "Origin" in reply.headers["vary"]
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.usefixtures("shop_only")
def test_preflight_of_another_origin_is_refused(raw: RawClient) -> None:
    """Should grant nothing, which the browser takes for a no."""
    reply = preflight(raw, CONNECTION, OTHER)

    assert reply.status == 400
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.usefixtures("shop_only")
def test_page_of_an_allowed_origin_reads_answers_and_refusals(
    connect: Any, control: ControlApi, raw: RawClient
) -> None:
    """Should let the page read both, with the headers in which AWS says what went wrong."""
    control.call("PATCH", "settings", {"browser_origins": [SHOP]})
    token = connect.start_web_rtc_contact(**start_request())["ParticipantToken"]
    body = json.dumps({"Type": ["CONNECTION_CREDENTIALS"], "ConnectParticipant": True}).encode()

    good = raw.send("POST", CONNECTION, body, {"Origin": SHOP, "X-Amz-Bearer": token})
    bad = raw.send("POST", CONNECTION, body, {"Origin": SHOP, "X-Amz-Bearer": "wrong"})
    strange = raw.send("POST", CONNECTION, body, {"Origin": OTHER, "X-Amz-Bearer": token})

    assert (good.status, bad.status) == (200, 403)
    for reply in (good, bad):
        assert reply.headers["access-control-allow-origin"] == SHOP
        assert reply.headers["vary"] == "Origin"
        exposed = reply.headers["access-control-expose-headers"].lower()
        assert {"x-amzn-requestid", "x-amzn-errortype"} == set(exposed.split(", "))
    assert "access-control-allow-origin" not in strange.headers


def test_no_origin_may_call_when_none_is_listed(raw: RawClient, control: ControlApi) -> None:
    """Should be closed to all pages by an empty list."""
    control.call("PATCH", "settings", {"browser_origins": []})

    assert "access-control-allow-origin" not in preflight(raw, CONNECTION, SHOP).headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/contact/webrtc"),
        ("POST", "/contact/create-participant"),
        ("GET", "/contacts/participant/connection"),
        ("POST", "/participant/contact/stop"),
        ("PUT", CONNECTION),
        ("GET", "/_local/state"),
        ("GET", "/agent/"),
    ],
)
def test_everything_else_is_open_to_no_page(raw: RawClient, method: str, path: str) -> None:
    """Should never allow a page what is signed with a secret, nor the desk, nor the control API."""
    assert not is_open(preflight(raw, path, SHOP, method=method))
    assert not is_open(raw.send(method, path, b"{}", {"Origin": SHOP}))


def test_prefix_of_the_endpoint_makes_no_difference(raw: RawClient) -> None:
    """Should know the service by the operation that is meant."""
    assert is_open(preflight(raw, f"/prefix{CONNECTION}", SHOP))
    assert not is_open(preflight(raw, "/participant/contact/webrtc", SHOP, method="PUT"))


def test_order_to_cut_the_connection_holds_for_pages_too(
    raw: RawClient, control: ControlApi
) -> None:
    """Should drop the connection of a page's request as it does any other."""
    fault = {"operation": "CreateParticipantConnection", "drop": "before"}
    control.call("POST", "faults", fault)

    with pytest.raises(ConnectionError):
        raw.send("POST", CONNECTION, b"{}", {"Origin": SHOP})


@pytest.mark.parametrize(
    "origins", ["*", [1], ["shop.example"], ["https://shop.example/"], ["null"], [""]]
)
def test_impossible_origin_is_refused(control: ControlApi, origins: Any) -> None:
    """Should take a list of origins as browsers write them."""
    assert control.refusal("PATCH", "settings", {"browser_origins": origins}) == 400
