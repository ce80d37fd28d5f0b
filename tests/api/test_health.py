"""Health: alive while it answers, ready while every part does; and the headers of every answer."""

from __future__ import annotations

import json
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.test import Client

import pytest
from pytest_django.fixtures import Settings

from portal.environment import read_networks
from tests.servers import LocalConnect, free_port


def test_process_that_answers_is_alive() -> None:
    """Should ask nothing of the database."""
    assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_server_of_wsgi_answers_as_well() -> None:
    """Should be the same pages and API, for sites that serve HTTP apart from the sockets."""
    from portal.wsgi import application  # which talks about the settings when it is imported

    asked: dict[str, Any] = {"PATH_INFO": "/healthz"}
    setup_testing_defaults(asked)
    said: list[str] = []
    body = application(asked, lambda status, _headers: said.append(status))
    assert (said, json.loads(b"".join(body))) == (["200 OK"], {"status": "ok"})


@pytest.mark.django_db
def test_portal_is_ready_when_every_part_answers(connect: LocalConnect) -> None:
    """Should list each part."""
    reply = Client().get("/readyz")
    assert reply.status_code == 200
    parts = {"database": "ok", "channel_layer": "ok", "connect": "ok"}
    assert reply.json() == {"status": "ok", "parts": parts}


@pytest.mark.django_db
def test_portal_is_not_ready_without_connect(settings: Settings) -> None:
    """Should say which part does not answer, and not where it is."""
    settings.CONNECT_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    reply = Client().get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["parts"]["connect"] == "unavailable"
    assert b"127.0.0.1" not in reply.content


def test_answer_carries_the_security_headers() -> None:
    """Should allow scripts, media and devices of our own only."""
    reply = Client().get("/healthz")
    policy = reply["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "worker-src 'self' blob:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (
        "camera=(self), microphone=(self), display-capture=(self)" in reply["Permissions-Policy"]
    )
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["X-Request-ID"]


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
@pytest.mark.django_db
def test_probe_of_a_process_needs_no_name_and_no_tls(settings: Settings, path: str) -> None:
    """Should answer whoever knows the process by its address alone, while pages keep to both."""
    settings.ALLOWED_HOSTS = ["calls.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    settings.METRICS_NETWORKS = read_networks("METRICS_NETWORKS", ["127.0.0.1"])
    assert Client(SERVER_NAME="10.0.0.11").get(path).status_code == 200
    assert Client(SERVER_NAME="10.0.0.11").get("/").status_code == 400
    assert Client(SERVER_NAME="calls.example.com").get("/").status_code == 301
