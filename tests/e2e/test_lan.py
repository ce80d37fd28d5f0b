"""`dev.py run --lan`, from its start to a call between a phone and a desk at the one https origin it announces."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Playwright

from devtools import lan
from devtools.lan_certificate import CertificateFiles
from tests.e2e.browsers import ALLOW_DEVICES, FAKE_DEVICES, Browser
from tests.e2e.call_page import CallPage
from tests.e2e.desk_page import DeskPage
from tests.e2e.media import wait_until_hearing, wait_until_seeing
from tests.servers import PROJECT_DIR, free_port

pytestmark = pytest.mark.e2e
UP_WITHIN_S = 180


@dataclass
class Network:
    """A running portal that others on the network can reach."""

    origin: str
    certificate: CertificateFiles
    log: Path

    def browser(self, playwright: Playwright) -> Browser:
        """A browser whose user has accepted this very certificate, and no other."""
        leaf = x509.load_pem_x509_certificate(self.certificate.certificate.read_bytes())
        key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
        accepted = f"--ignore-certificate-errors-spki-list={pin}"
        return Browser(playwright, flags=(FAKE_DEVICES, ALLOW_DEVICES, accepted))


@contextmanager
def running(folder: Path) -> Iterator[Network]:
    """Start it as a person does, on free ports and with a database of its own."""
    port, log = free_port(), folder / "run.log"
    database = f"sqlite:///{folder / 'portal.sqlite3'}"
    command = [sys.executable, "dev.py", "run", "--lan", "--port", str(port)]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, "--connect-port", str(free_port())],
            cwd=PROJECT_DIR,
            env={**os.environ, "DATABASE_URL": database, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + UP_WITHIN_S
        while "authority.crt" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        origin = lan.find_lan("", port).origin
        yield Network(origin, CertificateFiles.in_folder(lan.FOLDER), log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_phone_and_desk_meet_at_the_announced_origin(
    playwright: Playwright, tmp_path: Path
) -> None:
    """Should print where to go, as text and as a code, and carry a call there with nothing else accepted."""
    with running(tmp_path) as network:
        announced = network.log.read_text()
        assert f"{network.origin}/agent/" in announced
        assert "█▀" in announced

        phone, laptop = network.browser(playwright), network.browser(playwright)
        try:
            customer = CallPage(phone, network.origin)
            customer.open_from_the_front()
            customer.go_on_to("queued", name="Ana Lima")
            agent = DeskPage(laptop, network.origin)
            agent.open("Sam")
            agent.wait_for_button("accept")
            agent.press("accept")
            customer.wait_for("connected")
            for side in (phone, laptop):
                wait_until_seeing(side)
                wait_until_hearing(side)
            assert customer.pushed_states()[-1] == "connected"
            agent.press("leave")
            customer.wait_for("ended")
            assert not [*phone.watched.problems, *laptop.watched.problems]
        finally:
            phone.close()
            laptop.close()
        trust = ssl.create_default_context(cafile=network.certificate.authority)
        with urllib.request.urlopen(f"{network.origin}/call/demo/", context=trust) as page:
            assert "Secure" in page.headers["Set-Cookie"]
        assert network.certificate.key.stat().st_mode & 0o777 == 0o600
        assert "Traceback" not in network.log.read_text()
