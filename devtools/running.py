"""`dev.py run`: the embedded Amazon Connect, the portal and its worker, from whatever state the clone is in.

Knows the servers' command lines and addresses, not their insides.
"""

from __future__ import annotations

import errno
import functools
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from devtools import javascript, packages, paths
from devtools.children import ChildEnded, Family
from devtools.environment import portal_environment
from devtools.lan import Lan, NoAddress, find_lan
from devtools.steps import files_of, run, step

HEALTHY_WITHIN_S = 60.0
DEMO_LOGIN = "admin"  # and the same word for password: contacts/management/commands/create_demo.py
HOST = "127.0.0.1"
SHOP_PORT_ABOVE = 200  # the portal's


def run_everything(
    *, port: int, connect_port: int, lan: str | None = None, media_processes: int = 0
) -> int:
    """Set up what is missing, start everything, and stay until Ctrl-C. Returns the exit status.

    With `lan`, an address of this machine or "" for the usual one, other devices are served over https at `port`.
    """
    every = HOST if lan is None else ""
    complaint = _port_complaint(port, "--port", every) or _port_complaint(
        connect_port, "--connect-port", HOST
    )
    if complaint:
        print(complaint)
        return 1
    try:
        front = None if lan is None else find_lan(lan, port)
    except NoAddress as error:
        print(error)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    env = portal_environment(connect_url=f"http://{HOST}:{connect_port}")
    set_up_to_run(env)
    servers = _Servers(
        port if front is None else _free_port(), connect_port, front, media_processes
    )
    if servers.shop_url is not None:
        run([paths.PYTHON, "manage.py", "create_demo", "--website", servers.shop_url], env=env)
    if front is not None:
        front.make_certificate()
        env |= front.environment()
    try:
        with Family() as family:
            servers.start(family, env)
            if not family.run_until(servers.are_healthy, timeout_s=HEALTHY_WITHIN_S):
                print(f"Not healthy within {HEALTHY_WITHIN_S:.0f} s; ended.")
                return 1
            print(servers.addresses(), flush=True)
            family.run_until(lambda: False)
    except ChildEnded as ended:
        print(f"\n{ended}\nEverything was ended with it.")
        return 1
    except KeyboardInterrupt:
        print("\nEnded.")
    return 0


def manage(arguments: Sequence[str], *, connect_port: int = 8100) -> int:
    """Run a command of manage.py with the settings that `dev.py run` gives the portal. Returns the exit status."""
    env = portal_environment(connect_url=f"http://{HOST}:{connect_port}")
    argv = [str(paths.PYTHON), "manage.py", *arguments]
    return subprocess.run(argv, cwd=paths.ROOT, env=env, check=False).returncode


def set_up_to_run(env: Mapping[str, str]) -> None:
    """Bring packages, built files and the demo database up to date."""
    packages.ensure_packages("run")
    javascript.ensure_built()
    if env["DATABASE_URL"] != f"sqlite:///{paths.DEMO_DATABASE}":
        _prepare_database(env)  # what another database holds, only that database knows
        return
    inputs = [paths.REQUIREMENTS / "run.txt"]
    for package in ("contacts", "partners"):
        inputs += files_of(paths.ROOT / package / "migrations")
        inputs += files_of(paths.ROOT / package / "management")
    step(
        "database and demo data",
        lambda: _prepare_database(env),
        inputs=inputs,
        outputs=[paths.DEMO_DATABASE],
    )


def _prepare_database(env: Mapping[str, str]) -> None:
    run([paths.PYTHON, "manage.py", "migrate", "--no-input", "--verbosity", "0"], env=env)
    run([paths.PYTHON, "manage.py", "create_demo"], env=env)


@dataclass(frozen=True)
class _Servers:
    """What runs, and where: on this machine's loopback, and behind a front for others if there is one."""

    portal_port: int
    connect_port: int
    front: Lan | None
    media_processes: int = 0

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.portal_port}"

    @property
    def connect_url(self) -> str:
        return f"http://{HOST}:{self.connect_port}"

    @functools.cached_property
    def shop_url(self) -> str | None:
        """Where a page of another website shows the button: `localhost` is another site than 127.0.0.1 to a browser."""
        port = self.portal_port + SHOP_PORT_ABOVE
        if self.front is not None or _port_complaint(port, "", HOST):
            return None
        return f"http://localhost:{port}"

    def start(self, family: Family, env: Mapping[str, str]) -> None:
        connect = ["--port", str(self.connect_port)]
        # The portal remembers its calls from run to run, so the contact centre must know them too.
        connect += ["--data", str(paths.STATE / f"localconnect-{self.connect_port}.sqlite3")]
        connect += ["--events-url", f"{self.portal_url}/api/v1/contact-events/"]
        connect += ["--media-processes", str(self.media_processes)]
        if self.front is not None:
            connect += ["--public-url", self.front.origin]
        family.start(
            "localconnect",
            [paths.PYTHON, "-m", "localconnect", *connect],
            # Not on the command line, which every account of the machine can read.
            {**env, "LOCALCONNECT_EVENTS_KEY": env["CONNECT_EVENTS_KEY"]},
        )
        self._start_shop(family, env)
        serve = ["-b", HOST, "-p", str(self.portal_port)]
        family.start("portal", [paths.PYTHON, "-m", "portal.serving", *serve], env)
        family.start("worker", [paths.PYTHON, "manage.py", "db_worker", "--no-reload"], env)
        if self.front is not None:
            ports = {"portal_port": self.portal_port, "connect_port": self.connect_port}
            self.front.start(family, env, **ports)

    def _start_shop(self, family: Family, env: Mapping[str, str]) -> None:
        """Start another website with the button in it; the demo does without when its port is taken."""
        if self.shop_url is None:
            return
        port = str(self.portal_port + SHOP_PORT_ABOVE)
        shop = ["--port", port, "--portal", self.portal_url]
        family.start("shop", [paths.PYTHON, "-m", "devtools.host_page", *shop], env)

    def are_healthy(self) -> bool:
        return _healthy(self.portal_url, self.connect_url) and (
            self.front is None or self.front.is_up()
        )

    def addresses(self) -> str:
        portal_url = self.portal_url if self.front is None else self.front.origin
        desk_url = self.connect_url if self.front is None else self.front.origin
        here = "" if self.front is None else "on this machine, "
        shop = f"  Shop        {self.shop_url}/          another website with the button in it\n"
        told = (
            f"\n  Everything is up.\n\n"
            f"  Customer    {portal_url}/\n"
            f"{shop if self.shop_url else ''}"
            f"  Agent desk  {desk_url}/agent/          any name will do\n"
            f"  Admin       {portal_url}/admin/          {here}login {DEMO_LOGIN}, password {DEMO_LOGIN}\n"
            f"  Connect     {self.connect_url}                 for any AWS client: access key localconnect, "
            f"secret localconnect-secret\n\n"
            f"  Ctrl-C ends all of it.\n"
        )
        return told if self.front is None else told + self.front.announcement()


def _healthy(*urls: str) -> bool:
    try:
        for url in urls:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 (our own address)
                pass
    except (urllib.error.URLError, OSError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _port_complaint(port: int, option: str, address: str) -> str:
    """Return what to tell about a port that cannot be had, or "" when it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OverflowError:
            return f"{port} is no port: choose one from 1 to 65535 with {option} NUMBER."
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken by another program. Choose another with {option} NUMBER."
            return f"Port {port} cannot be used ({error.strerror}). Choose another with {option} NUMBER."
    return ""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
