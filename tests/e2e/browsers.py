"""Chromium, one process per person, and what a test can learn from its pages.

Owns how the browser is started and what is counted as wrong in it. Knows nothing of calls.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, WebSocket

T = TypeVar("T")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_S = 20.0
BASE_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
FAKE_DEVICES = "--use-fake-device-for-media-stream"
ALLOW_DEVICES = "--use-fake-ui-for-media-stream"
DENY_DEVICES = "--deny-permission-prompts"

WATCH_PEERS = """
(() => {
  const Native = window.RTCPeerConnection;
  window.__peers = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); window.__peers.push(this); }
  };
})();
"""
LOCAL_CANDIDATES = """
() => window.__peers.flatMap((peer) =>
  (peer.localDescription?.sdp ?? "").split("\\r\\n").filter((line) => line.startsWith("a=candidate:")))
"""
"""The lines in which a page's connections tell where they are."""

READ_PEERS = """
async () => {
  const sum = { frames_decoded: 0, audio_energy: 0, audio_packets: 0, bytes_sent: 0 };
  for (const peer of window.__peers ?? []) {
    if (peer.connectionState === "closed") continue;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") {
        sum.frames_decoded += report.framesDecoded ?? 0;
      }
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        sum.audio_energy += report.totalAudioEnergy ?? 0;
        sum.audio_packets += report.packetsReceived ?? 0;
      }
      if (report.type === "outbound-rtp") sum.bytes_sent += report.bytesSent ?? 0;
    }
  }
  return sum;
}
"""


@dataclass(frozen=True, slots=True)
class MediaStats:
    """What the open peer connections of a page have received and sent so far."""

    frames_decoded: int
    audio_energy: float
    audio_packets: int
    bytes_sent: int


@dataclass(slots=True)
class Watched:
    """What a page did that a person would not see: complaints and socket frames."""

    problems: list[str] = field(default_factory=list)
    frames: list[tuple[str, str]] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    """Parts of complaints that belong to what the test does, such as the SDK's own about being sent away."""

    def complain(self, problem: str) -> None:
        """Keep a complaint, unless it is expected."""
        if not any(part in problem for part in self.expected):
            self.problems.append(problem)

    def frames_of(self, path: str) -> list[str]:
        """Return the frames that arrived on sockets whose address holds `path`."""
        return [text for url, text in self.frames if path in url]


class Browser:
    """One Chromium process with a fresh profile: one person at their own machine."""

    def __init__(
        self,
        playwright: Playwright,
        *,
        flags: Iterable[str] = (FAKE_DEVICES, ALLOW_DEVICES),
        permissions: Iterable[str] = ("camera", "microphone"),
        bypass_csp: bool = False,
    ) -> None:
        self._profile = tempfile.mkdtemp(prefix="vcp-browser-")
        self.watched = Watched()
        self._context: BrowserContext = playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=CHROMIUM,
            args=[*BASE_FLAGS, *flags],
            headless=False,  # the flag above asks for the headless mode that has real media
            permissions=list(permissions),
            viewport={"width": 1280, "height": 800},
            bypass_csp=bypass_csp,
        )
        self._context.add_init_script(WATCH_PEERS)
        self.page: Page = self._context.pages[0]
        self._watch(self.page)

    def another_page(self) -> Page:
        """Open a second window of this browser, watched like the first."""
        page = self._context.new_page()
        self._watch(page)
        return page

    def close(self) -> None:
        """End the process without asking the page, as a lost machine would."""
        self._context.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def media(self) -> MediaStats:
        return MediaStats(**self.page.evaluate(READ_PEERS))

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.watched.complain(f"uncaught: {error}"))
        page.on("console", self._note_console)
        page.on("websocket", self._note_socket)

    def _note_console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error":
            self.watched.complain(f"console: {message.text} ({where})")

    def _note_socket(self, socket: WebSocket) -> None:
        def note(payload: str | bytes) -> None:
            if isinstance(payload, str):
                self.watched.frames.append((socket.url, payload))

        socket.on("framereceived", note)


def eventually(
    page: Page,
    read: Callable[[], T],
    *,
    until: Callable[[T], bool],
    what: str,
    within_s: float = PATIENCE_S,
) -> T:
    """Read again and again until the value satisfies `until`; fail saying `what` was awaited.

    Polls from here: a page under a strict Content-Security-Policy refuses Playwright's own waiting.
    """
    deadline = time.monotonic() + within_s
    while True:
        value = read()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(
                f"{what}: not within {within_s:.0f} s; the last value was {value!r}"
            )
        page.wait_for_timeout(50)
