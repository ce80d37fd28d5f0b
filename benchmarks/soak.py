"""Whether one page lasts: fifty calls in a row in one document, and what is left of each afterwards.

After every call the garbage is collected and what is alive is counted: tracks of camera and microphone, peer connections,
sockets, DOM nodes, and the memory of the script's heap. The peer of each count is the same count after the first ten
calls, when everything has been loaded and compiled: the ratio tells of growth.
"""

from __future__ import annotations

from playwright.sync_api import CDPSession, sync_playwright

from benchmarks._figures import Figure, quantile, report
from benchmarks._portal_calls import AS_IN_PRODUCTION, add_scripted_agent
from tests.e2e.browsers import Browser
from tests.e2e.call_page import CallPage
from tests.servers import LocalConnect, Portal

CALLS = 50
WARM_UP = 10
IN_CALL_MS = 2_000

_COUNT_ALIVE = """
(() => {
  const tracks = [], peers = [], sockets = [];
  const alive = (list, is) => list.filter((ref) => { const one = ref.deref(); return one && is(one); }).length;
  window.__alive = () => ({
    tracks: alive(tracks, (track) => track.readyState === "live"),
    peers: alive(peers, (peer) => peer.connectionState !== "closed"),
    sockets: alive(sockets, (socket) => socket.readyState <= WebSocket.OPEN),
  });
  const native = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await native(wanted);
    for (const track of stream.getTracks()) tracks.push(new WeakRef(track));
    return stream;
  };
  const watched = (Native, list) => class extends Native {
    constructor(...given) { super(...given); list.push(new WeakRef(this)); }
  };
  window.RTCPeerConnection = watched(window.RTCPeerConnection, peers);
  window.WebSocket = watched(window.WebSocket, sockets);
})();
"""


def main() -> None:
    """Measure, print, and remember."""
    connect = LocalConnect()
    portal = Portal(connect_url=connect.url, extra_env=AS_IN_PRODUCTION)
    samples: dict[str, list[float]] = {}
    with (
        connect.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
        sync_playwright() as playwright,
    ):
        add_scripted_agent(connect)
        browser = Browser(playwright)
        browser.page.add_init_script(_COUNT_ALIVE)
        customer = CallPage(browser, portal.url)
        customer.open()
        inspector = browser.page.context.new_cdp_session(browser.page)
        inspector.send("Performance.enable")
        for number in range(CALLS):
            _one_call(customer, again=number > 0)
            for name, value in _alive(customer, inspector).items():
                samples.setdefault(name, []).append(value)
        browser.close()
    report("soak", [_growth(name, values) for name, values in samples.items()], samples=samples)


def _one_call(customer: CallPage, *, again: bool) -> None:
    if again:
        customer.press("call-again")
    customer.go_on_to("connected")
    customer.page.wait_for_timeout(IN_CALL_MS)
    customer.press("leave")
    customer.wait_for("ended")
    customer.page.wait_for_timeout(
        1_500
    )  # the agent is free again, and what closes late has closed


def _alive(customer: CallPage, inspector: CDPSession) -> dict[str, float]:
    # The watch over peers that every test's browser carries would keep them all.
    customer.page.evaluate("window.__peers.length = 0")
    inspector.send("HeapProfiler.collectGarbage")
    metrics = {
        metric["name"]: metric["value"]
        for metric in inspector.send("Performance.getMetrics")["metrics"]
    }
    counts: dict[str, float] = customer.page.evaluate("window.__alive()")
    return {
        **counts,
        "nodes": metrics["Nodes"],
        "heap": metrics["JSHeapUsedSize"] / 1024 / 1024,
    }


def _growth(name: str, values: list[float]) -> Figure:
    early = quantile(values[WARM_UP : 2 * WARM_UP], 0.5)
    late = quantile(values[-WARM_UP:], 0.5)
    unit = "MiB" if name == "heap" else name
    return Figure(f"soak-{name}-after-{CALLS}-calls", late, unit, late / early if early else None)


if __name__ == "__main__":
    main()
