"""How long from the click on "start" to the agent's first picture.

The subject is the portal's page, by way of the portal's API and Channels. The peer is the least that can be
built with the same SDK: a page that asks a server, which calls StartWebRTCContact through boto3, and joins at
once. Both have the camera open and the SDK loaded before the click, and take turns within one run. A scripted
agent answers at once. Milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from benchmarks._bare import BareSite
from benchmarks._figures import Figure, quantile, report
from benchmarks._portal_calls import AS_IN_PRODUCTION, add_scripted_agent
from tests.e2e.browsers import Browser, eventually
from tests.e2e.call_page import CallPage
from tests.servers import LocalConnect, Portal

ROUNDS = 16
"""Of each; the first of each warms up and does not count."""

_WATCH = """
(() => {
  const seen = window.__timings = {};
  addEventListener("click", (event) => {
    const action = event.target.closest?.("[data-action]")?.dataset.action;
    if (action === "start" && !seen.frame) seen.click = performance.now();
  }, true);
  const look = () => {
    for (const video of document.querySelectorAll('video[data-tile="remote"]')) {
      if (video.__watched) continue;
      video.__watched = true;
      video.requestVideoFrameCallback(() => { seen.frame ??= performance.now(); });
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true });
})();
"""
_READ = """
() => {
  const { click, frame } = window.__timings;
  if (!click || !frame) return null;
  const calls = performance.getEntriesByType("resource").filter((entry) => entry.startTime >= click - 1);
  const api = calls.find((entry) => /\\/(api\\/v1\\/contacts|start)\\/$/.test(entry.name));
  return { total: frame - click, api: api ? api.duration : 0 };
}
"""


def main() -> None:
    """Measure, print, and remember."""
    connect = LocalConnect()
    portal = Portal(connect_url=connect.url, extra_env=AS_IN_PRODUCTION)
    with (
        connect.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
        BareSite(connect.url) as bare,
        sync_playwright() as playwright,
    ):
        add_scripted_agent(connect)
        ours, theirs = Browser(playwright), Browser(playwright)
        for browser in (ours, theirs):
            browser.page.add_init_script(_WATCH)
        samples: dict[str, list[float]] = {
            "total": [],
            "api": [],
            "peer_total": [],
            "peer_api": [],
        }
        for number in range(ROUNDS):
            subject = _timed(ours.page, lambda: _through_the_portal(ours, portal))
            peer = _timed(theirs.page, lambda: _through_the_bare_page(theirs.page, bare))
            if number:
                samples["total"].append(subject["total"])
                samples["api"].append(subject["api"])
                samples["peer_total"].append(peer["total"])
                samples["peer_api"].append(peer["api"])
        ours.close()
        theirs.close()
    report("first-frame", _figures(samples), samples=samples)


def _figures(samples: dict[str, list[float]]) -> list[Figure]:
    figures = []
    for name, key, share in (
        ("first-frame-p50", "total", 0.5),
        ("first-frame-p95", "total", 0.95),
        ("first-frame-api-p50", "api", 0.5),
    ):
        value, peer = quantile(samples[key], share), quantile(samples[f"peer_{key}"], share)
        figures.append(Figure(name, value, "ms", value / peer))
    return figures


def _timed(page: Page, call: Callable[[], None]) -> dict[str, float]:
    """Make one call, return its times, and end it."""
    call()
    timings: dict[str, float] | None = eventually(
        page, lambda: page.evaluate(_READ), until=bool, what="the first remote frame", within_s=30
    )
    assert timings is not None
    page.locator('[data-action="leave"]').first.click()
    page.wait_for_timeout(1500)  # the agent is free again
    return timings


def _through_the_portal(browser: Browser, portal: Portal) -> None:
    customer = CallPage(browser, portal.url)
    customer.open()
    customer.press("start")
    customer.go_on_to("device_check")
    if customer.button("continue").count():
        customer.press("continue")
    start = customer.button("start")
    start.wait_for()
    customer.page.wait_for_timeout(500)
    start.click()


def _through_the_bare_page(page: Page, bare: BareSite) -> None:
    page.goto(bare.url)
    start = page.locator('[data-action="start"]:enabled')
    start.wait_for()
    page.wait_for_timeout(500)
    start.click()


if __name__ == "__main__":
    main()
