"""What it takes to believe that two people see and hear each other."""

from __future__ import annotations

from tests.e2e.browsers import Browser, MediaStats, eventually

_PICTURE = """
() => [...document.querySelectorAll('video[data-tile="remote"]')]
  .filter((video) => video.videoWidth > 0 && video.checkVisibility()).length
"""
_SHARED = """
() => [...document.querySelectorAll('video[data-tile="content"]')]
  .filter((video) => video.videoWidth > 0 && video.checkVisibility()).length
"""
SHARE_A_PICTURE = """
navigator.mediaDevices.getDisplayMedia = async () => {
  if (window.refusal) throw new DOMException(window.refusal, "NotAllowedError");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext("2d");
  setInterval(() => {
    context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
    context.fillRect(0, 0, 640, 360);
  }, 66);
  return canvas.captureStream(15);
};
"""
"""Stands in for the browser's own picker, which nobody can press: `window.refusal` is why it refuses."""
BACK_WITHIN_S = 20
"""How long two may take to talk again after losing their connection: five seconds where nothing else runs."""
SILENCE_PER_S = 1e-6
"""Energy of decoded silence: Opus' comfort noise stays below."""


def remote_pictures(browser: Browser) -> int:
    """Return how many other people's pictures are on the page with something in them."""
    return int(browser.page.evaluate(_PICTURE))


def wait_for_remote_pictures(browser: Browser, count: int) -> None:
    eventually(
        browser.page,
        lambda: remote_pictures(browser),
        until=lambda shown: shown == count,
        what=f"{count} remote pictures",
    )


def wait_for_shared_screens(browser: Browser, count: int) -> None:
    eventually(
        browser.page,
        lambda: int(browser.page.evaluate(_SHARED)),
        until=lambda shown: shown == count,
        what=f"{count} shared screens",
    )


def wait_until_seeing(browser: Browser, *, frames: int = 10, pictures: int = 1) -> None:
    """Wait until at least `frames` more frames have been decoded, and `pictures` of others have a size."""
    before = browser.media().frames_decoded
    eventually(
        browser.page,
        lambda: browser.media().frames_decoded - before,
        until=lambda grown: grown >= frames,
        what="decoded frames grow",
    )
    wait_for_remote_pictures(browser, pictures)


def wait_until_hearing(browser: Browser) -> None:
    """Wait until a second's sound has energy: Chromium's fake microphone beeps once a second."""
    eventually(
        browser.page,
        lambda: energy_of_a_while(browser),
        until=lambda energy: energy > 100 * SILENCE_PER_S,
        what="audio energy grows",
    )


def wait_until_silent(browser: Browser) -> None:
    """Wait until sound has stopped while packets still arrive."""
    eventually(
        browser.page,
        lambda: energy_of_a_while(browser),
        until=lambda energy: energy < SILENCE_PER_S,
        what="audio energy stops growing",
    )


def energy_of_a_while(browser: Browser, seconds: float = 1.5) -> float:
    before = browser.media().audio_energy
    browser.page.wait_for_timeout(seconds * 1000)
    return browser.media().audio_energy - before


def settled(browser: Browser) -> MediaStats:
    """What had arrived by the time nothing more came."""
    browser.page.wait_for_timeout(700)
    return browser.media()


def wait_until_live(browser: Browser, before: MediaStats) -> None:
    """Wait until pictures and sound arrive again, by a connection that is new since `before`."""
    eventually(
        browser.page,
        lambda: (browser.media(), remote_pictures(browser)),
        until=lambda now: (
            now[0].frames_decoded != before.frames_decoded
            and now[0].audio_packets != before.audio_packets
            and now[0].frames_decoded > 0
            and now[0].audio_packets > 0
            and now[1] == 1
        ),
        what="pictures and sound again",
        within_s=BACK_WITHIN_S,
    )
