"""`dev.py run`: the embedded Amazon Connect, the portal and its worker, from whatever state the clone is in.

Knows the servers' command lines and addresses, not their insides.
"""

from __future__ import annotations

import errno
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import FrameType

from devtools import javascript, packages, paths
from devtools.children import ChildEnded, Family
from devtools.environment import portal_environment
from devtools.steps import files_of, run, step

HEALTHY_WITHIN_S = 60.0
DEMO_LOGIN = "admin"  # and the same word for password: contacts/management/commands/create_demo.py
HOST = "127.0.0.1"


def run_everything(*, port: int, connect_port: int) -> int:
    """Set up what is missing, start everything, and stay until Ctrl-C. Returns the exit status."""
    complaint = _port_complaint(port, "--port") or _port_complaint(connect_port, "--connect-port")
    if complaint:
        print(complaint)
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    portal_url, connect_url = f"http://{HOST}:{port}", f"http://{HOST}:{connect_port}"
    env = portal_environment(connect_url=connect_url)
    set_up_to_run(env)
    try:
        with Family() as family:
            _start(family, env, portal_url=portal_url, port=port, connect_port=connect_port)
            if not family.run_until(
                lambda: _healthy(portal_url, connect_url), timeout_s=HEALTHY_WITHIN_S
            ):
                print(f"Not healthy within {HEALTHY_WITHIN_S:.0f} s; ended.")
                return 1
            _print_addresses(portal_url, connect_url)
            family.run_until(lambda: False)
    except ChildEnded as ended:
        print(f"\n{ended}\nEverything was ended with it.")
        return 1
    except KeyboardInterrupt:
        print("\nEnded.")
    return 0


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


def _start(
    family: Family, env: Mapping[str, str], *, portal_url: str, port: int, connect_port: int
) -> None:
    events = ["--events-url", f"{portal_url}/api/v1/contact-events/"]
    family.start(
        "localconnect",
        [paths.PYTHON, "-m", "localconnect", "--port", str(connect_port), *events],
        # Not on the command line, which every account of the machine can read.
        {**env, "LOCALCONNECT_EVENTS_KEY": env["CONNECT_EVENTS_KEY"]},
    )
    serve = ["-m", "daphne", "-b", HOST, "-p", str(port), "portal.asgi:application"]
    family.start("portal", [paths.PYTHON, *serve], env)
    family.start("worker", [paths.PYTHON, "manage.py", "db_worker", "--no-reload"], env)


def _print_addresses(portal_url: str, connect_url: str) -> None:
    print(
        f"\n  Everything is up.\n\n"
        f"  Customer    {portal_url}/\n"
        f"  Agent desk  {connect_url}/agent/          any name will do\n"
        f"  Admin       {portal_url}/admin/          login {DEMO_LOGIN}, password {DEMO_LOGIN}\n"
        f"  Connect     {connect_url}                 for any AWS client: access key localconnect, "
        f"secret localconnect-secret\n\n"
        f"  Ctrl-C ends all of it.\n",
        flush=True,
    )


def _healthy(*urls: str) -> bool:
    try:
        for url in urls:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 (our own address)
                pass
    except (urllib.error.URLError, OSError):
        return False
    return True


def _port_complaint(port: int, option: str) -> str:
    """Return what to tell about a port that cannot be had, or "" when it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError:
            return f"{port} is no port: choose one from 1 to 65535 with {option} NUMBER."
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken by another program. Choose another with {option} NUMBER."
            return f"Port {port} cannot be used ({error.strerror}). Choose another with {option} NUMBER."
    return ""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
