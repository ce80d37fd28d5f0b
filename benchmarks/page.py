"""What the customer's page costs: bytes, paint, other hosts, the call's bundle, and the main thread in a call.

A fresh browser profile opens the call page of the demo entry point as it is served in production. The peer of the landing
is the bare page of `first-frame`, which loads the SDK at once; the peer of the main thread is the same page in a call.
How soon the first picture comes is `bench first-frame`; how many calls one page lasts is `bench soak`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from benchmarks._bare import BareSite
from benchmarks._figures import Figure, quantile, report
from benchmarks._portal_calls import AS_IN_PRODUCTION, add_scripted_agent
from tests.e2e.browsers import Browser, eventually
from tests.e2e.call_page import CallPage
from tests.servers import LocalConnect, Portal

ROUNDS = 6
"""Of each landing; the first of each warms up and does not count."""

IN_CALL_S = 20
CHUNKS = Path(__file__).resolve().parent.parent / "static" / "dist" / "chunks"

_WATCH = """
(() => {
  const seen = window.__seen = { paint: 0, tasks: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.paint = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push([entry.startTime, entry.duration]);
  }).observe({ type: "longtask", buffered: true });
})();
"""


def main() -> None:
    """Measure, print, and remember."""
    connect = LocalConnect()
    portal = Portal(connect_url=connect.url, extra_env=AS_IN_PRODUCTION)
    samples: dict[str, list[float]] = {"paint": [], "peer_paint": []}
    with (
        connect.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
        BareSite(connect.url) as bare,
        sync_playwright() as playwright,
    ):
        add_scripted_agent(connect)
        for number in range(ROUNDS):
            ours = _landing(playwright, f"{portal.url}/call/demo/")
            theirs = _landing(playwright, bare.url)
            if number:
                samples["paint"].append(ours["paint"])
                samples["peer_paint"].append(theirs["paint"])
        samples["long_tasks"] = _tasks_of_the_portal(playwright, portal)
        samples["peer_long_tasks"] = _tasks_of_the_bare_page(playwright, bare)
    paint, peer_paint = quantile(samples["paint"], 0.5), quantile(samples["peer_paint"], 0.5)
    figures = [
        Figure("page-landing-compressed", ours["kib"], "KiB", ours["kib"] / theirs["kib"]),
        Figure("page-landing-other-hosts", ours["other_hosts"], "requests"),
        Figure("page-landing-lcp-p50", paint, "ms", paint / peer_paint),
        Figure("page-call-scripts-brotli", _call_scripts_kb(), "kB"),
        Figure("page-meeting-bundle-brotli", _meeting_bundle_kb(), "kB"),
        Figure("page-in-call-long-tasks", len(samples["long_tasks"]), "tasks"),
        Figure("page-in-call-long-tasks-bare", len(samples["peer_long_tasks"]), "tasks"),
    ]
    report("page", figures, samples=samples)


def _landing(playwright: Any, url: str) -> dict[str, float]:
    """Open `url` with an empty cache; return what it took until nothing more was asked for."""
    browser = Browser(playwright)
    try:
        return _loaded(browser.page, url)
    finally:
        browser.close()


def _loaded(page: Page, url: str) -> dict[str, float]:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received = {"bytes": 0.0, "other_hosts": 0.0}
    host = urlsplit(url).netloc

    def count_request(event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme.startswith("http") and address.netloc != host:
            received["other_hosts"] += 1

    def count_bytes(event: dict[str, Any]) -> None:
        received["bytes"] += event["encodedDataLength"]

    network.on("Network.requestWillBeSent", count_request)
    network.on("Network.loadingFinished", count_bytes)
    page.add_init_script(_WATCH)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return {
        "kib": received["bytes"] / 1024,
        "other_hosts": received["other_hosts"],
        "paint": page.evaluate("window.__seen.paint"),
    }


def _call_scripts_kb() -> float:
    """Return what is fetched, beside the sentences, once somebody seems to mean to call."""
    files = json.loads((CHUNKS.parent / "preloads.json").read_text())
    more = set(files["calling"]) - set(files["call"])
    return sum((CHUNKS.parent / f"{file}.br").stat().st_size for file in more) / 1000


def _meeting_bundle_kb() -> float:
    """Return the size of the one large chunk, with the SDK, as it goes over the wire to a browser of today."""
    return max(file.stat().st_size for file in CHUNKS.glob("*.js.br")) / 1000


def _tasks_of_the_portal(playwright: Any, portal: Portal) -> list[float]:
    browser = Browser(playwright)
    browser.page.add_init_script(_WATCH)
    customer = CallPage(browser, portal.url)
    customer.open()
    customer.go_on_to("connected")
    durations = _long_tasks_in_call(browser.page)
    customer.press("leave")
    customer.wait_for("ended")
    browser.close()
    return durations


def _tasks_of_the_bare_page(playwright: Any, bare: BareSite) -> list[float]:
    browser = Browser(playwright)
    browser.page.add_init_script(_WATCH)
    browser.page.goto(bare.url)
    browser.page.locator('[data-action="start"]:enabled').click()
    durations = _long_tasks_in_call(browser.page)
    browser.page.locator('[data-action="leave"]').first.click()
    browser.close()
    return durations


def _long_tasks_in_call(page: Page) -> list[float]:
    """Return the durations (ms) of tasks over 50 ms in a call whose pictures have been moving for 3 s."""
    remote = page.locator('video[data-tile="remote"]').first
    eventually(
        page,
        lambda: remote.count() and remote.evaluate("video => video.videoWidth"),
        until=bool,
        what="the agent's picture",
    )
    page.wait_for_timeout(3000)
    since = page.evaluate("performance.now()")
    page.wait_for_timeout(IN_CALL_S * 1000)
    tasks: list[tuple[float, float]] = page.evaluate("window.__seen.tasks")
    return [duration for started, duration in tasks if started >= since]


if __name__ == "__main__":
    main()
