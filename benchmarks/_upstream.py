"""The Amazon Connect that starts are measured against: localconnect over TLS, as far away as AWS is, and callers of it.

Whatever a call costs besides is the same for the portal and its peers: each answer takes `AWAY_MS` longer.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._subject import aws_client, control, localconnect
from devtools.lan_certificate import CertificateFiles, ensure_certificate
from tests.servers import LocalConnect

AWAY_MS = 50
CAPABILITIES = {"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}}


@dataclass(frozen=True, slots=True)
class Upstream:
    """A running localconnect, and what its clients trust."""

    server: LocalConnect
    tls: CertificateFiles

    @property
    def environment(self) -> dict[str, str]:
        """What boto3 reads in processes that call it."""
        return {"AWS_CA_BUNDLE": str(self.tls.authority)}

    @property
    def caller(self) -> Caller:
        """Who it takes requests of."""
        one = self.server
        return Caller(
            url=one.url,
            access_key=one.access_key,
            secret_key=one.secret_key,
            region=one.region,
            authority=self.tls.authority,
            instance_id=one.instance_id,
            contact_flow_id=one.contact_flow_id,
        )

    def ask(self, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
        """Ask its control interface."""
        return control(self.server, method, what, body, tls=self.tls)

    def delay(self, operation: str, by_ms: int) -> None:
        """Answer an operation so much later from now on."""
        self.ask("DELETE", "faults")
        self.ask("POST", "faults", {"operation": operation, "delay_ms": by_ms, "times": None})


@dataclass(frozen=True, slots=True)
class Caller:
    """What a program needs that calls Amazon Connect."""

    url: str
    access_key: str
    secret_key: str
    region: str
    authority: Path
    instance_id: str
    contact_flow_id: str

    def client(self, service: str = "connect", *, connections: int = 10) -> Any:
        """boto3's client."""
        return aws_client(
            self.url,
            access_key=self.access_key,
            secret_key=self.secret_key,
            region=self.region,
            service=service,
            authority=self.authority,
            connections=connections,
        )


@contextlib.contextmanager
def upstream(**settings: Any) -> Iterator[Upstream]:
    """An Amazon Connect with no limits and these settings, every operation of which takes `AWAY_MS`."""
    with tempfile.TemporaryDirectory(prefix="vcp-upstream-") as folder:
        tls = ensure_certificate(Path(folder), ["127.0.0.1"], now=datetime.now(UTC))
        with localconnect(tls=tls, **settings) as server:
            found = Upstream(server, tls)
            found.delay("*", AWAY_MS)
            yield found
