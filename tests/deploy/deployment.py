"""A deployment on this machine: what deploy/ says, run as it says, at free ports and with private services.

Plays the part of systemd: reads the units, starts what their ExecStart says with the environment they name, and starts it
again when told to. Knows no command of the portal's by itself.
"""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from devtools import debian
from devtools.lan_certificate import CertificateFiles
from tests.server_process import PROJECT_DIR, ServerProcess

DEPLOY = PROJECT_DIR / "deploy"
INSTALLED = "/opt/portal"
PYTHON = f"{INSTALLED}/.venv/bin/python"


class Unit:
    """One unit of systemd's."""

    def __init__(self, name: str) -> None:
        parser = configparser.RawConfigParser(strict=False, delimiters=["="])
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string((DEPLOY / "systemd" / name).read_text())
        self.name = name
        self.sections = {section: dict(parser[section]) for section in parser.sections()}

    @property
    def service(self) -> dict[str, str]:
        """What its section `Service` says."""
        return self.sections["Service"]

    def command(self, instance: str = "") -> list[str]:
        """What it runs, with this machine's Python in place of the installed one."""
        argv = shlex.split(self.service["ExecStart"].replace("%i", instance))
        assert argv[0] == PYTHON
        assert self.service["WorkingDirectory"] == INSTALLED
        return [sys.executable, *argv[1:]]


def read_environment(text: str) -> dict[str, str]:
    """Read a file of settings as systemd and compose do."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass
class Deployment:
    """The units' processes, each of which can be killed and started again."""

    folder: Path
    environment: dict[str, str]
    processes: dict[str, ServerProcess] = field(default_factory=dict)

    def start(self, unit: str, instance: str = "") -> ServerProcess:
        """Start an instance of a unit, or start it again."""
        name = unit.removesuffix(".service").replace("@", f"@{instance}")
        argv = Unit(unit).command(instance)
        log = self.folder / f"{name}.log"
        self.processes[name] = ServerProcess(name, argv, env=self.environment, log=log)
        return self.processes[name]

    def stop(self) -> None:
        """End all of them."""
        for process in self.processes.values():
            process.kill()

    def logs(self) -> str:
        """All that was logged, nginx's lines included."""
        return "\n".join(
            path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log"))
        )


def nginx_program() -> str:
    """Return the path of nginx, installing it when that is allowed."""
    if not shutil.which("nginx"):
        debian.install("nginx")
    found = shutil.which("nginx")
    assert found, "nginx is needed for this test. Debian: apt-get install nginx"
    return found


def write_nginx(folder: Path, certificate: CertificateFiles, ports: dict[str, str]) -> Path:
    """Write the configuration of deploy/nginx with free ports and folders of its own; return the main file."""
    replaced = {
        "/etc/nginx/portal/certificate.pem": str(certificate.certificate),
        "/etc/nginx/portal/key.pem": str(certificate.key),
        "/etc/nginx/portal/proxy.conf": str(DEPLOY / "nginx" / "proxy.conf"),
        "/var/log/nginx/portal.log": str(folder / "nginx-access.log"),
        **ports,
    }
    for name in ("upstreams.conf", "portal.conf"):
        text = (DEPLOY / "nginx" / name).read_text()
        for old, new in replaced.items():
            text = text.replace(old, new)
        (folder / name).write_text(text)
    kept = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; worker_processes 1; pid {folder / 'nginx.pid'};\n"
        f"error_log {folder / 'nginx-error.log'};\n"
        "events { worker_connections 256; }\n"
        f"http {{ {kept}\ninclude {folder / 'upstreams.conf'}; include {folder / 'portal.conf'}; }}\n"
    )
    return main
