"""A page that joins a call with the portal's own Chime code, holds one pitch into it, and listens for others.

Its microphone is an oscillator, so nothing of the browser's voice processing stands between it and the server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import localconnect.desk
from tests.e2e.browsers import Browser, eventually

_PATH = "/healthz"
"""A page of localconnect's own without a script: on one that the test made up, Chromium would refuse local addresses."""
_CHUNKS = Path(localconnect.desk.__file__).parent / "dist" / "chunks"

_JOIN = """
async ([source, connection, hertz]) => {
  const { createMeeting } = await import(source);
  const context = new AudioContext();
  const fork = new OscillatorNode(context, { frequency: hertz });
  window.volume = new GainNode(context, { gain: 0.2 });
  const microphone = context.createMediaStreamDestination();
  fork.connect(window.volume).connect(microphone);
  fork.start();
  const nothing = () => {};
  const observer = new Proxy({}, { get: (_, name) => name === "started" ? () => { window.started = true; } : nothing });
  window.meeting = createMeeting({ connection, observer, topics: [] });
  const audioElement = document.body.appendChild(document.createElement("audio"));
  await window.meeting.start({
    microphone: microphone.stream, camera: null, muted: false, audioElement,
    signal: new AbortController().signal,
  });
  window.listen = () => {
    if (window.ear || !audioElement.srcObject?.getAudioTracks().length) return Boolean(window.ear);
    window.ear = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0.5 });
    new MediaStreamAudioSourceNode(context, { mediaStream: audioElement.srcObject }).connect(window.ear);
    return true;
  };
}
"""
_LEVELS = """
(pitches) => {
  if (!window.listen()) return pitches.map(() => -200);
  const bins = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatFrequencyData(bins);
  const width = window.ear.context.sampleRate / window.ear.fftSize;
  return pitches.map((hertz) => {
    const middle = Math.round(hertz / width);
    return Math.max(-200, ...bins.slice(middle - 2, middle + 3));
  });
}
"""


class TuningFork:
    """One person, who sounds like their pitch."""

    def __init__(self, browser: Browser, connect_url: str, hertz: float) -> None:
        self.browser = browser
        self.page = browser.page
        self.hertz = hertz
        self._url = connect_url
        self.page.route("**/favicon.ico", lambda route: route.fulfill(status=204))

    def join(self, connection: dict[str, Any]) -> None:
        """Join with a `Meeting` and an `Attendee` as Amazon Connect returns them."""
        self.page.goto(f"{self._url}{_PATH}")
        [chunk] = _CHUNKS.glob("meeting-*.js")
        source = f"{self._url}/agent/static/dist/chunks/{chunk.name}"
        self.page.evaluate(_JOIN, [source, connection, self.hertz])
        eventually(
            self.page,
            lambda: self.page.evaluate("Boolean(window.started)"),
            until=bool,
            what="the meeting starts",
        )

    def levels(self, *pitches: float) -> list[float]:
        """How loud these pitches are in what this person hears, in dB below full scale."""
        return [float(level) for level in self.page.evaluate(_LEVELS, list(pitches))]

    def wait_until_hearing(self, *pitches: float, but_not: tuple[float, ...]) -> None:
        """Wait until those are above -40 dB and these below -60 dB."""
        eventually(
            self.page,
            lambda: self.levels(*pitches, *but_not),
            until=lambda found: (
                min(found[: len(pitches)]) > -40 and max(found[len(pitches) :]) < -60
            ),
            what=f"{self.hertz:.0f} Hz hears {pitches} and not {but_not}",
        )
