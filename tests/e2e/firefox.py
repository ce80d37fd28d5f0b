"""Debian's Firefox ESR, driven by WebDriver BiDi, which it speaks itself: no driver stands in between.

Offers what the readings of `media.py` ask of a browser. Knows nothing of calls.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from devtools.children import end_with_parent
from tests.e2e.browsers import PATIENCE_S, READ_PEERS, WATCH_PEERS, MediaStats

FIREFOX = shutil.which("firefox-esr")
_PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.gmp-manager.url": "",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
_START_S = 60.0


class Firefox:
    """One process with a fresh profile and one page. Use as a context manager."""

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="vcp-firefox-"))
        preferences = "".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in _PREFERENCES.items()
        )
        (self._profile / "user.js").write_text(preferences)
        self._log = self._profile / "firefox.log"

    def __enter__(self) -> Firefox:
        assert FIREFOX is not None
        with self._log.open("wb") as sink:
            self._process = subprocess.Popen(
                [
                    *(FIREFOX, "--headless", "--no-remote", "--profile", str(self._profile)),
                    *("--remote-debugging-port", "0", "about:blank"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent,
            )
        try:
            self.page = FirefoxPage(self._address())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.page.close()
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _address(self) -> str:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            told = self._log.read_text(errors="replace")
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", told):
                return found.group(1)
            time.sleep(0.05)
        raise AssertionError(f"Firefox cannot be driven:\n{self._log.read_text()[-2000:]}")

    def media(self) -> MediaStats:
        return MediaStats(**self.page.evaluate(READ_PEERS))


class FirefoxPage:
    """The only page of a Firefox."""

    def __init__(self, address: str) -> None:
        self._numbers = itertools.count(1)
        self._open = contextlib.ExitStack()
        self._socket = self._open.enter_context(
            connect(f"{address}/session", max_size=None, ping_interval=None)
        )
        self._do("session.new", capabilities={})
        [tree] = self._do("browsingContext.getTree")["contexts"]
        self._context = tree["context"]
        self._do("script.addPreloadScript", functionDeclaration=f"() => {{ {WATCH_PEERS} }}")

    def close(self) -> None:
        self._open.close()

    def goto(self, url: str) -> None:
        self._do("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """The value of an expression, or of a function that is called, as if a person had just pressed something."""
        body = f"const it = {script.strip().removesuffix(';')};\n"
        body += "return JSON.stringify(await (typeof it === 'function' ? it() : it)) ?? 'null';"
        reply = self._do(
            "script.callFunction",
            functionDeclaration=f"async () => {{ {body} }}",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert reply["type"] == "success", reply
        return json.loads(reply["result"]["value"])

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def _do(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
