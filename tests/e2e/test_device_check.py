"""The device check before a call: what works is shown to work, and every failure has its words and its way on."""

from __future__ import annotations

import time
import wave
from pathlib import Path

import pytest

from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES, eventually
from tests.e2e.call_page import CallPage
from tests.e2e.crowd import Crowd
from tests.e2e.device_faults import DeviceFaults, set_permissions
from tests.e2e.media import wait_for_remote_pictures, wait_until_hearing

pytestmark = pytest.mark.e2e

_PREVIEW_WIDTH = "() => document.querySelector('video[data-tile=self]')?.videoWidth ?? 0"
_LIT_BARS = "() => document.querySelectorAll('.meter-bars [data-lit]').length"
_SOUND_PLAYS = """
() => { const sound = document.querySelector("[data-part=test-sound]"); return sound !== null && !sound.paused; }
"""


def to_device_check(customer: CallPage) -> None:
    """Go on to the check, and let it ask for the devices."""
    customer.open()
    customer.press("start")
    customer.go_on_to("device_check")
    eventually(
        customer.page,
        lambda: (
            customer.button("continue").count()
            + customer.button("try-again").count()
            + customer.button("start").count()
        ),
        until=bool,
        what="the check has begun",
    )
    if customer.button("continue").count():
        customer.press("continue")


def test_allowed_devices_are_seen_heard_and_tested(crowd: Crowd) -> None:
    """Should show a preview and a moving meter, and keep what the person says of the test sound (cases 12 and 20)."""
    customer = crowd.customer()
    to_device_check(customer)
    customer.wait_for_message("dev.ok")
    page = customer.page
    eventually(
        page, lambda: page.evaluate(_PREVIEW_WIDTH), until=lambda width: width > 0, what="preview"
    )
    eventually(
        page, lambda: page.evaluate(_LIT_BARS), until=lambda lit: lit > 2, what="meter moves"
    )
    customer.wait_for_message("meter.heard")

    customer.press("test-speaker")
    assert page.evaluate(_SOUND_PLAYS)
    customer.press("unheard")
    assert customer.shows("spk.advice")
    customer.press("test-speaker")
    customer.press("heard")
    assert customer.shows("check.speaker.works")


def test_every_failure_of_a_device_is_named_and_overcome_without_reload(crowd: Crowd) -> None:
    """Should say by name what is wrong, keep what works, and go on by itself (cases 13 to 18)."""
    customer = crowd.customer()
    faults = DeviceFaults(customer.page)
    page = customer.page
    customer.open()
    faults.set(video="NotReadableError")
    customer.press("start")
    customer.go_on_to("device_check")
    customer.wait_for_message("dev.busy")
    assert customer.shows("check.microphone.works"), "the microphone is not lost with the camera"
    assert faults.asked() == ["audio+video", "audio", "video"]

    for fault, message in {
        "AbortError": "dev.abort",
        "TypeError": "err.unexpected",
        "NotFoundError": "dev.nocam",
    }.items():
        faults.set(video=fault)
        customer.press("try-again")
        customer.wait_for_message(message)

    faults.plug()
    customer.wait_for_message("dev.ok")

    page.evaluate(
        "() => localStorage.setItem('call-devices', JSON.stringify({ microphone: 'gone' }))"
    )
    page.reload()
    customer.wait_for("ready")
    faults.set(audio="OverconstrainedError")
    customer.press("start")
    customer.go_on_to("device_check")
    customer.wait_for_message("dev.constraint")
    assert customer.shows("dev.ok")


def test_refused_permission_is_explained_and_its_return_noticed(crowd: Crowd) -> None:
    """Should tell this browser's steps, go on once allowed, and ask again what was dismissed (cases 13 and 14)."""
    customer = CallPage(
        crowd.browser(flags=(FAKE_DEVICES,), permissions=()), crowd.stack.portal.url
    )
    faults = DeviceFaults(customer.page)
    customer.open()
    set_permissions(customer.page, "denied")
    to_device_check(customer)
    customer.wait_for_message("perm.denied")
    assert customer.shows("perm.help.chromium")
    assert customer.button("listen-only").is_visible()

    set_permissions(customer.page, "granted")
    customer.wait_for_message("dev.ok")
    customer.press("back")
    customer.wait_for("details")

    set_permissions(customer.page, "prompt")
    faults.asked()
    customer.press("continue")
    customer.wait_for("device_check")
    customer.press("continue")
    customer.wait_for_message("perm.dismissed")
    assert faults.asked() == ["audio+video"], (
        "whoever closed the question is not asked again at once"
    )
    customer.press("try-again")
    customer.wait_for_message("perm.dismissed")
    assert faults.asked() == ["audio+video"]


def test_call_without_any_device_listens(crowd: Crowd) -> None:
    """Should connect somebody without microphone and camera, and let them hear the agent (case 16)."""
    customer = crowd.customer()
    faults = DeviceFaults(customer.page)
    customer.open()
    faults.set(audio="NotFoundError", video="NotFoundError")
    customer.press("start")
    customer.go_on_to("device_check")
    customer.wait_for_message("dev.nomic")
    customer.press("listen-only")
    customer.wait_for("queued")
    agent = crowd.agent()
    agent.wait_for_button("accept")
    agent.press("accept")
    customer.wait_for("connected")
    wait_until_hearing(customer.browser)
    wait_for_remote_pictures(agent.browser, 0)


def test_silent_microphone_is_told_of_unless_it_is_off(crowd: Crowd, tmp_path: Path) -> None:
    """Should say within 8 s that nothing is heard, but not of a microphone turned off (case 19)."""
    silence = tmp_path / "silence.wav"
    write_silence(silence)
    flags = (FAKE_DEVICES, ALLOW_DEVICES, f"--use-file-for-fake-audio-capture={silence}")
    customer = CallPage(crowd.browser(flags=flags), crowd.stack.portal.url)
    to_device_check(customer)
    customer.wait_for_message("dev.ok")
    began = time.monotonic()
    customer.wait_for_message("dev.silent")
    assert time.monotonic() - began > 3
    customer.press("mute")
    customer.wait_for_message("dev.ok")


def write_silence(path: Path) -> None:
    """Write a second of absolute silence."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes(bytes(2 * 48_000))


def test_connection_is_tested_and_reported_and_never_in_the_way(crowd: Crowd) -> None:
    """Should say what each test found and what it comes to, pass a report on, and let everybody call all the same."""
    customer = crowd.customer()
    to_device_check(customer)
    customer.wait_for_message("dev.ok")
    page = customer.page
    assert customer.shows("check.network")
    customer.press("test-network")
    customer.wait_for_message("netcheck.untested")
    for finding in ("netcheck.answers", "netcheck.webrtc", "netcheck.download", "netcheck.socket"):
        assert customer.shows(finding), finding
    assert page.evaluate("document.activeElement.id") == "netcheck-title"

    page.locator("dialog summary").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    customer.press("copy-report")
    customer.wait_for_message("help.report.copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "not_tested: upload, media_servers, udp_to_media_servers" in copied
    assert "video/VP8" in copied
    with page.expect_download() as download:
        customer.press("save-report-json")
    assert download.value.suggested_filename == "connection.json"

    page.route("**/healthz", lambda route: route.abort())
    customer.press("test-network-again")
    customer.wait_for_message("netcheck.away")
    page.keyboard.press("Escape")
    customer.wait_for_message("check.network.poor")
    assert page.evaluate("document.activeElement.dataset.action") == "test-network"
    assert customer.button("start").is_enabled()
    customer.browser.watched.problems.clear()  # the browser notes the answer it did not get
