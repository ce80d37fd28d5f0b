"""Posting over TLS: to the address that was looked up, under the name that was asked for."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from devtools.lan_certificate import CertificateFiles, ensure_certificate
from partners.webhooks.posting import Answer, post
from tests.webhook_world import Receiver

NAME, OTHER = "hooks.example", "other.example"


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is one of this machine's."""
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    """The receiver's certificate."""
    return ensure_certificate(tmp_path, [NAME], now=timezone.now())


@pytest.fixture
def asked_for() -> list[str | None]:
    """The names by which clients asked for the receiver."""
    return []


@pytest.fixture
def receiver(files: CertificateFiles, asked_for: list[str | None]) -> Iterator[Receiver]:
    """A receiver that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    with Receiver().serving(context) as receiver:
        yield receiver


def sent(url: str, settings: Settings, **trust: Any) -> Answer:
    """Post to an address, and return what came of it."""
    settings.WEBHOOK_LOOPBACK = True
    tls = ssl.create_default_context(**trust)
    return asyncio.run(post(url, {"webhook-id": "e1"}, b"{}", within_s=10.0, tls=tls))


def test_name_is_in_host_header_and_handshake(
    receiver: Receiver, files: CertificateFiles, asked_for: list[str | None], settings: Settings
) -> None:
    """Should ask for the name, though it connects to an address."""
    url = f"https://{NAME}:{receiver.port}/in"
    answer = sent(url, settings, cafile=files.authority)
    assert (answer.status, answer.error, answer.excerpt) == (200, "", "thanks")
    assert asked_for == [NAME]
    assert receiver.received[0].headers["Host"] == f"{NAME}:{receiver.port}"
    assert receiver.received[0].headers["webhook-id"] == "e1"


@pytest.mark.parametrize(("host", "is_trusted"), [(OTHER, True), (NAME, False)])
def test_receiver_that_cannot_prove_who_it_is_is_sent_nothing(
    host: str,
    is_trusted: bool,
    receiver: Receiver,
    files: CertificateFiles,
    settings: Settings,
) -> None:
    """Should refuse a certificate for another name, or one by nobody it trusts."""
    trust = {"cafile": files.authority} if is_trusted else {}
    answer = sent(f"https://{host}:{receiver.port}/in", settings, **trust)
    assert (answer.status, answer.error) == (None, "tls_failed")
    assert receiver.received == []
