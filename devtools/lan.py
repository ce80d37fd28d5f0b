"""`dev.py run --lan`: what the network is told, and what the servers behind the front must know of it.

The front itself is in lan_front.py, its certificate in lan_certificate.py; both run in the project's environment, this
module does not.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from devtools import paths
from devtools.children import Family
from devtools.steps import run

FOLDER = paths.STATE / "lan"
_ELSEWHERE = ("192.0.2.1", 9)
"""An address nobody has. Nothing is sent there: asking for the way to it tells which of our own would be used."""

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.IGNORECASE)


class NoAddress(ValueError):
    """There is nothing that other devices could open; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Lan:
    """The one origin that devices on this network open."""

    address: str
    """An IP address, or a name that they can look up."""

    port: int

    @property
    def host(self) -> str:
        return f"[{self.address}]" if ":" in self.address else self.address

    @property
    def origin(self) -> str:
        return f"https://{self.host}" + ("" if self.port == 443 else f":{self.port}")

    def environment(self) -> dict[str, str]:
        """Of the portal's processes behind the front: no details for strangers, and cookies over https only."""
        return {
            "ALLOWED_HOSTS": f"{self.host},127.0.0.1",
            "CONNECT_PUBLIC_URL": self.origin,
            "DEBUG": "false",
            "SECURE_COOKIES": "true",
            "TRUSTED_PROXIES": "1",
        }

    def make_certificate(self) -> None:
        """Make the certificate, unless there is one for these names."""
        here = socket.gethostname().lower()
        names = [self.address, "127.0.0.1", "localhost"]
        if _NAME.fullmatch(here):
            names += [here, f"{here.partition('.')[0]}.local"]
        make = [str(paths.PYTHON), "-m", "devtools.lan_certificate", str(FOLDER)]
        run([*make, *dict.fromkeys(names)])

    def start(
        self, family: Family, env: Mapping[str, str], *, portal_port: int, connect_port: int
    ) -> None:
        """Start the front."""
        where = ["--origin", self.origin, "--certificates", str(FOLDER)]
        ports = ["--portal", str(portal_port), "--connect", str(connect_port)]
        family.start("lan", [paths.PYTHON, "-m", "devtools.lan_front", *where, *ports], env)

    def is_up(self) -> bool:
        """Whether somebody listens."""
        try:
            with socket.create_connection((self.address, self.port), timeout=2):
                return True
        except OSError:
            return False

    def announcement(self) -> str:
        """The address as a code for a phone's camera, and what its browser will ask."""
        drawn = subprocess.run(
            [paths.VENV_BIN / "segno", "--compact", f"{self.origin}/"],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            check=True,
        )
        return (
            f"\n{drawn.stdout}\n"
            "  The certificate was made on this machine, so each browser warns once: go on to the page all the same\n"
            "  (Advanced, Proceed). One that still refuses the call trusts it after installing\n"
            f"  {self.origin}/authority.crt\n"
        )


def find_lan(asked: str, port: int) -> Lan:
    """Return where this machine is reached: at `asked`, or if it is empty at the address it reaches others from.

    :raises NoAddress: there is none, or `asked` is no address.
    """
    if asked:
        if not _is_address(asked) and not _NAME.fullmatch(asked):
            raise NoAddress(f"{asked} is neither an IP address nor a host name.")
        return Lan(asked, port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            raise NoAddress(
                "This machine is on no network. Connect it to one, or name its address: --lan ADDRESS."
            ) from None
        return Lan(str(probe.getsockname()[0]), port)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
