"""The peer of localconnect: moto's server, the AWS mock that most projects reach for, with one Amazon Connect instance."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import boto3

from benchmarks import _peers
from tests.servers import ServerProcess, free_port

ACCESS_KEY, SECRET_KEY, REGION = "testing", "testing-secret", "us-east-1"


class Moto:
    """moto's server; `instance_id` names an instance it knows."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.pid = 0
        self.instance_id = ""

    @contextlib.contextmanager
    def running(self) -> Iterator[Moto]:
        """Serve as long as the block lasts."""
        folder = Path(tempfile.mkdtemp(prefix="vcp-moto-"))
        process = ServerProcess(
            "moto",
            [sys.executable, "-m", "moto.server", "--port", str(self.port)],
            env={**os.environ, **_peers.path()},
            log=folder / "moto.log",
        )
        try:
            process.wait_until_healthy(f"{self.url}/moto-api/", self.port)
            self.pid = process.pid
            self.instance_id = self._create_instance()
            yield self
        finally:
            process.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def _create_instance(self) -> str:
        client = boto3.client(
            "connect",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        made = client.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias="peer",
            InboundCallsEnabled=True,
            OutboundCallsEnabled=False,
        )
        return str(made["Id"])
