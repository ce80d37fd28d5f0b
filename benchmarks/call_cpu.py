"""What one two-party call costs on the server: a customer's and an agent's browser, both with a moving picture.

CPU time of localconnect, and of the portal beside it, as a share of one core while the call goes on. There is no
peer to compare with; the picture's size is printed, since the cost follows from it.
"""

from __future__ import annotations

import time

from playwright.sync_api import sync_playwright

from benchmarks._figures import Figure, quantile, report
from benchmarks._processes import cpu_s
from tests.e2e.crowd import Crowd, Stack
from tests.e2e.media import wait_until_seeing
from tests.servers import LocalConnect, Portal

ROUNDS = 6
ROUND_S = 5.0
_SIZE = """
() => {
  const video = document.querySelector('video[data-tile="remote"]');
  return [video.videoWidth, video.videoHeight];
}
"""


def main() -> None:
    """Measure, print, and remember."""
    connect = LocalConnect()
    portal = Portal(connect_url=connect.url)
    with (
        connect.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
        sync_playwright() as playwright,
    ):
        crowd = Crowd(Stack(connect, portal), playwright)
        customer = crowd.customer()
        customer.open()
        customer.go_on_to("queued")
        agent = crowd.agent()
        agent.wait_for_button("accept")
        agent.press("accept")
        customer.wait_for("connected")
        for side in crowd.browsers:
            wait_until_seeing(side)
        width, height = customer.page.evaluate(_SIZE)
        frames_before = customer.browser.media().frames_decoded
        samples: dict[str, list[float]] = {"localconnect": [], "portal": []}
        started = time.monotonic()
        for _ in range(ROUNDS):
            before = cpu_s(connect.pid), cpu_s(portal.pid)
            begun = time.monotonic()
            customer.page.wait_for_timeout(ROUND_S * 1000)
            passed = time.monotonic() - begun
            samples["localconnect"].append(100 * (cpu_s(connect.pid) - before[0]) / passed)
            samples["portal"].append(100 * (cpu_s(portal.pid) - before[1]) / passed)
        rate = (customer.browser.media().frames_decoded - frames_before) / (
            time.monotonic() - started
        )
        crowd.close()
    report(
        "call-cpu",
        [
            Figure("call-cpu-localconnect", quantile(samples["localconnect"], 0.5), "%core"),
            Figure("call-cpu-portal", quantile(samples["portal"], 0.5), "%core"),
            Figure("call-cpu-picture-width", width, "px"),
            Figure("call-cpu-picture-height", height, "px"),
            Figure("call-cpu-frames-decoded", rate, "fps"),
        ],
        samples=samples,
    )


if __name__ == "__main__":
    main()
