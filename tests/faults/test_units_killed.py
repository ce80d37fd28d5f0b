"""A site as deploy/ describes it, on PostgreSQL, Redis and nginx: each part is killed in turn while a call goes on.

What is started is what the units' ExecStart say, with the settings of the example; systemd's part is played by the test.
"""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from devtools import services
from devtools.lan_certificate import ensure_certificate
from tests.contacts_world import control, upstream_contacts
from tests.deploy.deployment import (
    DEPLOY,
    Deployment,
    nginx_program,
    read_environment,
    write_nginx,
)
from tests.deploy.site_socket import SiteSocket
from tests.faults.portal_world import wait_until
from tests.server_process import PROJECT_DIR, ServerProcess
from tests.servers import DEMO_CONNECT, LocalConnect, free_port

QUEUE = "contact-events"
TOKEN = "token-of-the-metrics"
WEB, SOCKET = ("portal-web@.service", "portal-socket@.service")
SINGLE = ("portal-worker.service", "portal-events.service")
# The commands of the how-to, in one process: each would begin with Django's own start.
PREPARE = """
from django.core.management import call_command
from contacts.models import EntryPoint
call_command("check", deploy=True, fail_level="WARNING")
call_command("migrate", interactive=False, verbosity=0)
EntryPoint.objects.create(slug="support", name="Support", company="Example")
"""


@dataclass
class Site:
    """The whole of it, from outside."""

    url: str
    connect: LocalConnect
    deployment: Deployment
    redis: services.Service
    ports: dict[str, list[str]]
    trust: ssl.SSLContext
    session: requests.Session

    def start_call(self) -> Any:
        """Start a call as a partner's or a customer's program does."""
        reply = self.session.post(
            f"{self.url}/api/v1/contacts/", json={"entry_point": "support", "name": "Ana"}
        )
        assert reply.status_code == 201, reply.text
        return reply.json()

    def state_of(self, call: Any) -> str:
        """The state that the API tells."""
        reply = self.session.get(f"{self.url}/api/v1/contacts/{call['id']}/")
        assert reply.status_code == 200, reply.text
        return str(reply.json()["state"])

    def readiness(self) -> Any:
        """What `/readyz` says."""
        return self.session.get(f"{self.url}/readyz").json()

    def watch(self, call: Any) -> SiteSocket:
        """Open the call's status socket."""
        return SiteSocket(self.url, call["id"], self.session.cookies, self.trust)

    def sockets_at(self, port: str) -> float:
        """How many status sockets a process has, as it tells Prometheus."""
        reply = requests.get(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        [line] = [
            one
            for one in reply.text.splitlines()
            if one.startswith('portal_sockets{topic="contacts.status"}')
        ] or ["0 0"]
        return float(line.split()[-1])

    def start(self, unit: str, port: str = "") -> None:
        """Start one, as systemd does when it has ended, and wait until it serves."""
        process = self.deployment.start(unit, port)
        if port:
            process.wait_until_healthy(f"http://127.0.0.1:{port}/healthz", int(port))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two web processes, two for sockets, a worker, a consumer of contact events, nginx."""
    folder = tmp_path_factory.mktemp("site")
    ports = {unit: [str(free_port()) for _ in range(2)] for unit in (WEB, SOCKET)}
    connect = LocalConnect()
    with (
        services.postgresql() as database,
        services.redis() as redis,
        connect.running(events_queue=QUEUE),
    ):
        control(connect, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        deployment = Deployment(folder, environment(connect, database.url, redis.url))
        prepare(deployment)
        https, proxy = run_nginx(deployment, ports)
        trust = ssl.create_default_context(cafile=folder / "authority.pem")
        session = requests.Session()
        session.trust_env = False  # or the machine's own authorities take the place of ours
        session.verify = str(folder / "authority.pem")
        url = f"https://127.0.0.1:{https}"
        site = Site(url, connect, deployment, redis, ports, trust, session)
        try:
            for unit in SINGLE:
                deployment.start(unit)
            for unit, instances in ports.items():
                for port in instances:
                    deployment.start(unit, port)
            for process, port in each_with_port(deployment, ports):
                process.wait_until_healthy(f"http://127.0.0.1:{port}/healthz", int(port))
            wait_until(lambda: session.get(f"{url}/readyz").status_code == 200)
            yield site
        finally:
            session.close()
            proxy.kill()
            deployment.stop()


def each_with_port(
    deployment: Deployment, ports: dict[str, list[str]]
) -> Iterator[tuple[ServerProcess, str]]:
    for unit, instances in ports.items():
        for port in instances:
            yield (
                deployment.processes[unit.removesuffix(".service").replace("@", f"@{port}")],
                port,
            )


def environment(connect: LocalConnect, database_url: str, redis_url: str) -> dict[str, str]:
    """The example's settings, with what differs from site to site."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    example = read_environment((DEPLOY / "portal.env.example").read_text())
    ours = {
        "SECRET_KEY": Fernet.generate_key().decode() * 2,
        "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DRAIN_NOTICE_S": "0",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CONNECT_ENDPOINT_URL": connect.url,
        "CONNECT_EVENTS_SQS_URL": f"{connect.url}/000000000000/{QUEUE}",
        "METRICS_TOKEN": TOKEN,
        "WORKER_METRICS_ADDRESS": "",
        "ABANDONED_AFTER_S": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | example | DEMO_CONNECT | ours


def prepare(deployment: Deployment) -> None:
    """Check the settings, make the tables, add an entry point."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", PREPARE],
        cwd=PROJECT_DIR,
        env=deployment.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run_nginx(deployment: Deployment, ports: dict[str, list[str]]) -> tuple[int, ServerProcess]:
    """Run nginx with the configuration of deploy/. Returns its port for HTTPS."""
    folder: Path = deployment.folder
    certificate = ensure_certificate(folder, ["127.0.0.1"], now=datetime.now(UTC))
    http, https = free_port(), free_port()
    given = dict(zip(("8001", "8002"), ports[WEB], strict=True))
    given |= dict(zip(("8011", "8012"), ports[SOCKET], strict=True))
    replaced = {f"127.0.0.1:{port}": f"127.0.0.1:{ours}" for port, ours in given.items()}
    replaced |= {"listen 80 ": f"listen {http} ", "listen 443 ": f"listen {https} "}
    main = write_nginx(folder, certificate, replaced)
    argv = [nginx_program(), "-c", str(main), "-p", str(folder)]
    log = folder / "nginx.log"
    proxy = ServerProcess("nginx", argv, env=deployment.environment, log=log)
    told = requests.Session()

    def redirects() -> bool:
        try:
            reply = told.get(f"http://127.0.0.1:{http}/", allow_redirects=False)
        except requests.ConnectionError:
            assert proxy.is_running, proxy.log_text()
            return False
        return reply.headers["Location"].startswith("https://")

    wait_until(redirects)
    told.close()
    return https, proxy


def kill(site: Site, unit: str, port: str = "") -> None:
    name = unit.removesuffix(".service").replace("@", f"@{port}")
    site.deployment.processes[name].kill()


def test_call_goes_on_whatever_is_killed(site: Site) -> None:
    """Should start, show and end calls while any one part is away, and lose nothing that happened meanwhile."""
    call = site.start_call()
    with site.watch(call) as socket:
        socket.wait_for("queued")

        web = site.ports[WEB][0]
        kill(site, WEB, web)
        other = site.start_call()
        assert {site.state_of(call) for _ in range(6)} == {"queued"}
        ending = f"{site.url}/api/v1/contacts/{other['id']}/end/"
        assert site.session.post(ending).status_code == 200
        site.start(WEB, web)

        [holder] = [port for port in site.ports[SOCKET] if site.sockets_at(port)]
        kill(site, SOCKET, holder)
        socket.wait_until_lost()
        socket.open()
        socket.wait_for("queued")
        site.start(SOCKET, holder)

        site.redis.stop()
        wait_until(lambda: site.readiness()["status"] == "degraded")
        assert site.readiness()["parts"]["channel_layer"] == "unavailable"
        agent = agent_who_answers(site)
        socket.wait_for("connected")
        site.redis.start()
        wait_until(lambda: site.readiness()["status"] == "ok")

        kill(site, "portal-events.service")
        control(site.connect, "POST", f"/_local/agents/{agent}/hang-up")
        site.start("portal-events.service")
        socket.wait_for("ended")
    assert site.state_of(call) == "ended"
    control(site.connect, "POST", f"/_local/agents/{agent}/remove")

    kill(site, "portal-worker.service")
    left = site.start_call()
    with site.watch(left) as socket:
        socket.wait_for("queued")
    site.start(
        "portal-worker.service"
    )  # which finds that its page is closed; to ask would be to be there
    wait_until(lambda: all(one["state"] == "ended" for one in upstream_contacts(site.connect)))
    wait_until(lambda: site.state_of(left) == "ended")


def agent_who_answers(site: Site) -> str:
    wish = {"name": "Bob", "auto_answer_s": 0, "media": "none"}
    agent: str = control(site.connect, "POST", "/_local/agents", wish)["id"]
    control(site.connect, "POST", f"/_local/agents/{agent}/available")
    return agent


def test_site_tells_strangers_nothing(site: Site) -> None:
    """Should show metrics to nobody from outside, write no link's token, and send what browsers are to keep to."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert site.session.get(f"{site.url}/metrics", headers=headers).status_code == 404
    link = "canary-" + "x" * 36
    assert site.session.get(f"{site.url}/join/{link}/").status_code == 404
    page = site.session.get(f"{site.url}/call/support/")
    assert page.status_code == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert all(cookie.secure for cookie in site.session.cookies)
    logs = site.deployment.logs()
    assert "canary" not in logs
    assert "/join/" in logs
    assert TOKEN not in logs


def test_large_body_is_refused_before_the_portal_reads_it(site: Site) -> None:
    """Should say so at the door."""
    reply = site.session.post(f"{site.url}/api/v1/contacts/", data=b"x" * (1024 * 1024 + 1))
    assert reply.status_code == 413
    assert "nginx" in reply.text
