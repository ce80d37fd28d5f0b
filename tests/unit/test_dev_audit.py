"""Looking packages up among known weaknesses: what is known, and whether anybody could be asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from devtools import audit, javascript
from devtools.audit import Outcome

WEAKNESS = {
    "id": 1,
    "url": "https://example.com/1",
    "title": "Weak",
    "severity": "high",
    "vulnerable_versions": "*",
    "cwe": [],
    "cvss": {"score": 9, "vectorString": None},
}


class Registry:
    """A registry that answers as it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: object = {}
        self.url = ""


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry at a free port."""
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(registry.answer).encode()
            # What it says of one package besides weaknesses, npm asks as well.
            known = registry.status if "advisories" in self.path or "json" in self.path else 404
            self.send_response(known)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        registry.url = f"http://127.0.0.1:{server.server_port}"
        yield registry
        server.shutdown()


def look_up(registry: Registry) -> Outcome:
    """Have npm ask this registry."""
    node = javascript.find_node()
    env = node.environment() | {
        "npm_config_registry": registry.url,
        "npm_config_fetch_retries": "0",
        "no_proxy": "127.0.0.1",
    }
    return audit.of_npm(node.command(), env)


def test_nothing_is_known_of_the_packages(registry: Registry) -> None:
    """Should be clean, as the registry has been asked."""
    assert look_up(registry) is Outcome.CLEAN


def test_weakness_is_told(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    """Should name the package."""
    registry.answer = {"esbuild": [WEAKNESS]}

    assert look_up(registry) is Outcome.WEAK
    assert "esbuild: high" in capsys.readouterr().out


def test_registry_without_a_list_is_no_clean_one(registry: Registry) -> None:
    """Should say that nobody was asked."""
    registry.status = 405

    assert look_up(registry) is Outcome.UNREACHABLE


def test_index_tells_of_weaknesses_or_does_not(registry: Registry) -> None:
    """Should need the list itself, not any answer."""
    registry.answer = {"vulnerabilities": []}
    assert audit.has_list(registry.url)

    registry.answer = {"info": {}}
    assert not audit.has_list(registry.url)

    registry.status = 404
    assert not audit.has_list(registry.url)
