"""The page before a call: whether one can call, in words that change by themselves, and what to do when one cannot."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.contacts_world import control, upstream_contacts
from tests.e2e.browsers import eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.entry_points import close_until, save_entry_point

pytestmark = pytest.mark.e2e

WITHIN_S = 40.0  # figures are asked for once a second; the machine may be busy
_ONE_PAGE = "() => { window.__loaded ??= performance.now(); return window.__loaded; }"


@pytest.fixture
def customer(crowd: Crowd) -> CallPage:
    """Somebody who comes to the page."""
    return crowd.customer()


def test_open_entry_asks_for_nothing_until_somebody_calls(customer: CallPage) -> None:
    """Should offer the call without a question for devices and without a request to any other host (case 1)."""
    asked: list[str] = []
    customer.page.on("request", lambda request: asked.append(request.url))
    customer.open()
    assert customer.button("start").is_visible()
    assert customer.button("audio-only").is_visible()
    customer.page.wait_for_timeout(500)
    strangers = [url for url in asked if not url.startswith((customer.portal_url, "data:"))]
    assert strangers == []
    live = (
        "() => [...document.querySelectorAll('video')].some((video) => video.srcObject !== null)"
    )
    assert not customer.page.evaluate(live)

    customer.page.context.set_offline(True)
    customer.wait_for_message("entry.offline")
    customer.page.context.set_offline(False)
    customer.wait_for("ready")
    customer.browser.watched.problems.clear()  # the browser complains of sockets that cannot open offline


def test_page_follows_agents_who_come_and_go(crowd: Crowd, customer: CallPage) -> None:
    """Should say that nobody is there, and become ready without reload once somebody is (case 4)."""
    save_entry_point(crowd.stack.portal, "support")
    customer.page.goto(f"{customer.portal_url}/call/support/")
    customer.wait_for("unavailable", within_s=WITHIN_S)
    customer.wait_for_message("entry.unavailable")
    loaded = customer.page.evaluate(_ONE_PAGE)
    control(crowd.stack.connect, "POST", "/_local/agents", {"name": "Robin"})
    customer.wait_for("ready", within_s=WITHIN_S)
    assert customer.page.evaluate(_ONE_PAGE) == loaded


def test_closed_entry_says_when_it_opens_on_both_clocks(crowd: Crowd, customer: CallPage) -> None:
    """Should tell the next opening in the site's and the visitor's zone, and a holiday by name (cases 2 and 3)."""
    portal = crowd.stack.portal
    save_entry_point(portal, "hours")
    opens = close_until(portal, "hours", days=3, time_zone="Europe/Berlin")
    session = customer.page.context.new_cdp_session(customer.page)
    session.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
    customer.page.goto(f"{portal.url}/call/hours/")
    customer.wait_for("closed")
    customer.wait_for_message("entry.closed")
    told = customer.text()
    assert f"{opens:%A}" in told
    assert "Central European" in told
    assert "5:00 PM" in told.replace("\u202f", " "), "08:00 UTC on the visitor's clock"
    assert customer.shows("entry.closed.local")

    close_until(portal, "hours", days=3, time_zone="Europe/Berlin", holiday="Founders' Day")
    customer.wait_for_message("entry.holiday")
    assert "Founders' Day" in customer.text()

    customer.press("remind")
    address = customer.page.locator("#reminder-email")
    address.fill("ana")
    customer.press("send-reminder")
    eventually(
        customer.page,
        lambda: address.get_attribute("aria-invalid"),
        until=lambda invalid: invalid == "true",
        what="the address is refused beside its field",
    )
    address.fill("ana@example.com")
    customer.press("send-reminder")
    customer.wait_for_message("reminder.done")
    customer.press("close-reminder")

    customer.press("callback")
    phone = customer.page.locator("#callback-phone")
    phone.fill("12")
    customer.press("send-callback")
    eventually(
        customer.page,
        lambda: phone.get_attribute("aria-invalid"),
        until=lambda invalid: invalid == "true",
        what="the number is refused beside its field",
    )
    phone.fill("+49 30 1234567")
    customer.press("send-callback")
    customer.wait_for_message("callback.done")
    assert "+49301234567" in customer.page.locator("dialog[open]").inner_text()
    customer.press("cancel-callback")
    customer.wait_for_message("callback.cancelled")
    customer.press("close-callback")
    assert customer.state == "closed"
    customer.browser.watched.problems.clear()  # the browser notes the refused number


def test_browsers_that_cannot_call_are_told_how(crowd: Crowd, customer: CallPage) -> None:
    """Should name what is missing: a secure page (case 21), a browser that can, an app that lets pages."""
    page = customer.page

    def serve(route: Route) -> None:
        url = route.request.url.replace("http://insecure.example", customer.portal_url)
        route.fulfill(response=page.context.request.get(url))

    page.route("http://insecure.example/**", serve)
    page.goto("http://insecure.example/call/demo/")
    customer.wait_for_message("entry.insecure")
    secure = customer.page.locator("a.button").get_attribute("href")
    assert secure == "https://insecure.example/call/demo/"
    customer.browser.watched.problems.clear()  # it notes headers that insecure pages may not have

    page.add_init_script("delete window.RTCPeerConnection")
    page.goto(f"{customer.portal_url}/call/demo/")
    customer.wait_for_message("entry.unsupported")
    assert customer.button("copy-link").is_visible()

    session = page.context.new_cdp_session(page)
    app = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Instagram 300.0"
    session.send("Emulation.setUserAgentOverride", {"userAgent": app})
    page.add_init_script("delete MediaDevices.prototype.getUserMedia")
    page.goto(f"{customer.portal_url}/call/demo/")
    customer.wait_for_message("entry.inapp")


def test_too_many_tries_count_the_seconds_down(customer: CallPage) -> None:
    """Should keep "Try again" out of reach until the time the server named is over."""
    answers = iter([{"status": 429, "headers": {"Retry-After": "3"}}])

    def refuse_once(route: Route) -> None:
        refusal = next(answers, None)
        if refusal is None or route.request.method != "POST":
            route.continue_()
            return
        body = '{"code": "throttled", "status": 429}'
        route.fulfill(**refusal, content_type="application/problem+json", body=body)

    customer.page.route("**/api/v1/contacts/", refuse_once)
    customer.open()
    customer.go_on_to("failed")
    customer.wait_for_message("entry.rate")
    again = customer.button("try-again")
    assert again.is_disabled()
    eventually(customer.page, again.is_enabled, until=bool, what="the wait is over")
    customer.press("try-again")
    customer.wait_for("queued")
    customer.browser.watched.problems.clear()  # the browser notes the refusal


def test_call_needs_answers_and_consent(crowd: Crowd, customer: CallPage) -> None:
    """Should tell beside each field what is missing, move the focus there, make no contact, and never ask twice (case 11)."""
    question = {"key": "order", "label": "Order number", "kind": "text", "required": True}
    save_entry_point(
        crowd.stack.portal,
        "asking",
        **{"ignores_hours": True, "name_required": False, "recording_notice": True},
        consent_text="We keep notes of calls for 30 days.",
        custom_fields=[question],
    )
    sent: list[dict[str, Any]] = []
    customer.page.on(
        "request",
        lambda request: sent.append(request.post_data_json) if request.method == "POST" else None,
    )
    customer.open("/call/asking/")
    customer.press("start")
    customer.wait_for("details")
    focused = "() => document.activeElement?.id"
    customer.press("continue")
    assert customer.page.evaluate(focused) == "call-answer-order"
    customer.page.locator("#call-answer-order").fill("17")
    customer.press("continue")
    assert customer.page.evaluate(focused) == "call-consent"
    assert customer.page.locator("#call-consent-problem").is_visible()
    assert customer.state == "details"
    assert upstream_contacts(crowd.stack.connect) == []

    customer.page.locator("#call-consent").check()
    customer.press("continue")
    customer.go_on_to("queued")
    assert len(upstream_contacts(crowd.stack.connect)) == 1
    assert [(one["attributes"]["order"], one["consent"]) for one in sent] == [("17", 1)]
    assert "camera" in sent[0]["attributes"]["device"]


def test_first_press_is_kept_until_the_rest_of_the_page_is_there(customer: CallPage) -> None:
    """Should say when what a call needs cannot be fetched, try again when asked, and then do what was pressed."""
    page = customer.page
    fetched: list[str] = []
    page.on("requestfinished", lambda request: fetched.append(request.url))
    page.route("**/chunks/calling-*.js", lambda route: route.abort())
    customer.open()
    customer.press("start")
    customer.wait_for_message("start.failed")
    assert customer.state == "failed"
    assert page.evaluate("document.activeElement.dataset.msg") == "start.failed"

    held: list[Route] = []
    page.unroute("**/chunks/calling-*.js")
    page.route("**/sentences/**", lambda route: held.append(route))
    customer.press("try-again")
    customer.wait_for("loading")
    customer.wait_for_message("page.loading")
    for route in held:
        route.continue_()
    customer.wait_for("details")
    assert sum("/chunks/calling-" in url for url in fetched) == 1
    assert customer.text().count("…") == 0, "no sentence is missing or still loading"
    customer.browser.watched.problems.clear()  # the browser notes the file it could not get
