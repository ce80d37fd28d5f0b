"""The catalogue of sentences and those who ask for them: scripts, templates and the server's vocabularies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contacts.choices import EndReason, PortalEvent
from portal.messages import (
    AT_THE_ENTRY,
    MESSAGES,
    SPOKEN_BY_SCRIPT,
    texts_for_script,
    texts_for_template,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "static" / "src"
DESK_ONLY = re.compile(r"desk")
SCRIPTS = sorted(path for path in SOURCES.glob("*.js") if not DESK_ONLY.match(path.name))
FAMILIES = "|".join(sorted({message_id.split(".")[0] for message_id in SPOKEN_BY_SCRIPT}))
ID = re.compile(rf'"((?:{FAMILIES})(?:\.[a-z_]+)+)"')
# Where the script makes an id from parts, these are the parts.
MADE_UP = {
    *(f"receipt.used.{device}" for device in ("microphone", "camera", "screen")),
    *(f"device.{kind}" for kind in ("microphone", "camera")),
    *(f"picker.{kind}" for kind in ("microphone", "camera", "speaker")),
    *(
        f"check.{kind}.{how}"
        for kind in ("microphone", "camera")
        for how in ("works", "missing", "off")
    ),
    *(
        f"netcheck.{test}{how}"
        for test in ("answers", "webrtc", "download", "socket")
        for how in ("", ".fails")
    ),
    *(f"meter.{word}" for word in ("waiting", "heard", "silent")),
    *(f"net.{word}.{grade}" for word in ("grade", "is") for grade in ("good", "weak", "poor")),
}
# The page in another site's frame fetches everything at once.
ONLY_IN_FRAMES = {"embed.blocked", "action.new_tab"}
WITH_BODY = {
    *("netcheck.good", "netcheck.away", "netcheck.browser", "netcheck.late"),
    *("perm.dismissed", "perm.system", "embed.blocked", "dev.nomic", "dev.nocam", "dev.busy"),
    *("dev.abort", "dev.ok", "dev.silent", "entry.insecure", "err.unexpected"),
    *("net.is.good", "net.is.weak", "net.is.poor", "net.tx", "share.system", "dev.interrupted"),
    *("start.failed", "start.capacity", "entry.rate", "entry.closed", "entry.ready"),
    *("entry.ready.nowait", "entry.busy", "entry.closing", "entry.holiday", "entry.unavailable"),
    *("entry.offline", "entry.unsupported", "entry.inapp", "dev.quiet", "dev.constraint"),
}


def ids_in_scripts() -> set[str]:
    """Return every id a script of the call page spells out."""
    text = "\n".join(path.read_text() for path in SCRIPTS)
    return set(ID.findall(text))


def test_every_sentence_a_script_asks_for_is_in_the_catalogue() -> None:
    """Should leave no screen without its words."""
    asked = ids_in_scripts() | MADE_UP | {f"{one}.body" for one in WITH_BODY}

    assert sorted(asked - set(SPOKEN_BY_SCRIPT)) == []


def test_first_screen_has_its_sentences_with_it() -> None:
    """Should ask for no sentence that comes only with the rest of the page."""
    scripts = scripts_before_a_call()
    text = "\n".join((SOURCES / name).read_text() for name in scripts)
    asked = set(ID.findall(text)) - ONLY_IN_FRAMES
    bodies = {f"{one}.body" for one in asked if f"{one}.body" in SPOKEN_BY_SCRIPT}

    assert {"entry-screens.js", "entry-page.js"} <= scripts
    assert "calling.js" not in scripts
    assert sorted((asked | bodies) - set(AT_THE_ENTRY)) == []


def scripts_before_a_call() -> set[str]:
    """Return the sources of what the page runs before it fetches anything more."""
    found, left = set(), ["call.js"]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += re.findall(
                r'^(?:import|\}).* from "\./([\w-]+\.js)"', (SOURCES / name).read_text(), re.M
            )
    return found


def test_every_sentence_a_template_shows_is_in_the_catalogue() -> None:
    """Should have a text for each name a template uses."""
    templates = "\n".join(path.read_text() for path in (ROOT / "templates").glob("*.html"))

    used = set(re.findall(r"\btext\.(\w+)", templates))

    assert used
    assert sorted(used - set(texts_for_template())) == []


@pytest.mark.parametrize("reason", EndReason.values)
def test_every_end_reason_has_a_verdict(reason: str) -> None:
    """Should explain each way a call may end."""
    assert f"help.verdict.{reason}" in MESSAGES


@pytest.mark.parametrize("event", sorted({*PortalEvent.values} - {PortalEvent.REFRESHED}))
def test_every_entry_of_the_portal_is_told_in_words(event: str) -> None:
    """Should tell the customer each thing the portal did, but for its own housekeeping."""
    assert f"help.event.{event}" in MESSAGES


def test_texts_are_plain_strings_without_markup() -> None:
    """Should be ready for JSON and for `textContent`."""
    for message_id, said in texts_for_script().items():
        for text in [said] if isinstance(said, str) else said.values():
            assert isinstance(text, str), message_id
            assert text.strip() == text != "", message_id
            assert "<" not in text, message_id
