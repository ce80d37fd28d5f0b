"""The call inside another site's page, in a real browser: another origin, another site, no cookies."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.host_page import HostPage, shop_of

pytestmark = pytest.mark.e2e

ATTRIBUTES = """
import json
from contacts.models import Contact
print(json.dumps(Contact.objects.latest("requested_at").attributes))
"""
NO_THIRD_PARTY_COOKIES = "--test-third-party-cookie-phaseout"


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[str]:
    """The shop's origin, which the demo entry point allows."""
    with shop_of(stack.portal.url) as origin:
        stack.portal.manage("create_demo", "--website", origin)
        yield origin


def host_page(crowd: Crowd, origin: str) -> HostPage:
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        NO_THIRD_PARTY_COOKIES,
    )
    return HostPage(crowd.browser(flags=flags), origin)


def test_button_in_a_page_leads_to_a_whole_call(crowd: Crowd, shop: str) -> None:
    """Should open the frame, talk, come back after a reload of the frame, and tell the page each step (cases 5, 8, 57)."""
    customer, agent = host_page(crowd, shop), crowd.agent()
    customer.open()
    customer.watch_events()
    customer.page.locator("[data-video-call-place] button.call").click()
    assert customer.wait_for("ready") == "ready"
    customer.wait_for_event("ready")

    customer.go_on_to("queued")
    customer.wait_for_event("queued")
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    customer.wait_for_event("connected")
    remote = customer.frame().locator('video[data-tile="remote"]')
    eventually(
        customer.page,
        lambda: remote.evaluate("video => video.videoWidth") if remote.count() else 0,
        until=bool,
        what="the agent is seen",
    )

    assert customer.page.context.cookies() == []
    customer.page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    customer.frame().evaluate("location.reload()")
    back = customer.frame().locator('[data-action="rejoin"]')
    back.wait_for(timeout=20_000)
    back.click()
    customer.wait_for("connected")

    agent.press("leave")
    customer.wait_for("ended")
    ended = customer.wait_for_event("ended")
    assert ended["reference"]
    kept = customer.frame().evaluate("JSON.stringify([history.state, location.href])")
    assert "video-call-contact" not in kept
    assert "video-call-customer" not in kept
    assert "JoinToken" not in kept


def test_page_opens_sizes_and_closes_the_call(crowd: Crowd, shop: str) -> None:
    """Should bind an element of the page's own, obey the script's functions and give the focus back."""
    customer = host_page(crowd, shop)
    customer.open("/launcher")
    customer.watch_events()
    launcher = customer.page.locator("[data-video-call]")
    panel = customer.page.locator("[data-video-call-place] section")

    launcher.click()
    customer.wait_for("ready")
    large = panel.bounding_box()
    customer.page.evaluate("VideoCall.minimise()")
    small = panel.bounding_box()
    assert large
    assert small
    assert small["height"] < large["height"] / 2
    customer.page.evaluate("VideoCall.open()")
    assert panel.bounding_box() == large
    customer.page.locator("[data-video-call-place] header button").last.click()
    customer.wait_for_event("closed")
    assert panel.is_hidden()
    assert customer.page.evaluate("document.activeElement.hasAttribute('data-video-call')")
    state = customer.page.evaluate("VideoCall.availability().then((one) => one.state)")
    assert state == "open", "the demo is open at all hours"


def test_page_that_blocks_devices_leads_to_a_tab_that_knows_the_caller(
    crowd: Crowd, shop: str, stack: Stack
) -> None:
    """Should say so in the frame, and go on in a tab of the portal's own with what the page had said (case 7)."""
    customer = host_page(crowd, shop)
    customer.open("/blocked")
    customer.watch_events()
    customer.page.locator("[data-video-call-place] button.call").click()
    eventually(
        customer.page,
        lambda: customer.shows("embed.blocked"),
        until=bool,
        what="the frame says that it is blocked",
    )
    with customer.page.context.expect_page() as opened:
        customer.frame().locator('[data-action="new-tab"]').click()
    tab = CallPage(crowd.browsers[0], stack.portal.url)
    tab.page = opened.value
    tab.wait_for("ready")
    tab.press("start")
    tab.wait_for("details")
    assert tab.page.locator('input[name="name"]').input_value() == "Ana Lima"

    tab.go_on_to("queued", name="Ana Lima")
    customer.wait_for_event("queued")
    attributes = stack.portal.manage("shell", "--no-imports", "--command", ATTRIBUTES)
    assert json.loads(attributes.splitlines()[-1])["web_basket"] == "3 cameras"


def test_site_that_is_not_allowed_gets_no_call(crowd: Crowd, stack: Stack) -> None:
    """Should refuse the frame, and say on the page which origin to add (case 6)."""
    with shop_of(stack.portal.url) as other:
        customer = host_page(crowd, other)
        customer.open("/launcher")
        customer.watch_events()
        customer.page.locator("[data-video-call]").click()

        assert customer.wait_for_event("error") == {"code": "origin_not_allowed"}
        refusal = customer.page.locator("[data-video-call-place] .refusal")
        assert other in refusal.inner_text()
        customer.open("/frame")
        eventually(
            customer.page,
            lambda: [frame.url for frame in customer.page.frames[1:]],
            until=lambda urls: any(url.startswith("chrome-error:") for url in urls),
            what="the frame is refused",
        )
    expected = ("403", "frame-ancestors", "Video call button")
    problems = crowd.browsers[0].watched.problems
    problems[:] = [one for one in problems if not any(part in one for part in expected)]
