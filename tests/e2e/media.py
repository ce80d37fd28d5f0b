"""What it takes to believe that two people see and hear each other."""

from __future__ import annotations

from tests.e2e.browsers import Browser, eventually

_PICTURE = """
() => [...document.querySelectorAll('video[data-tile="remote"]')]
  .filter((video) => video.videoWidth > 0 && video.checkVisibility()).length
"""
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


def wait_until_seeing(browser: Browser, *, frames: int = 10) -> None:
    """Wait until at least `frames` more frames have been decoded, and a remote picture has a size."""
    before = browser.media().frames_decoded
    eventually(
        browser.page,
        lambda: browser.media().frames_decoded - before,
        until=lambda grown: grown >= frames,
        what="decoded frames grow",
    )
    wait_for_remote_pictures(browser, 1)


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
