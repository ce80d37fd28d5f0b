"""The command `localconnect`: opens the port, serves until told to stop."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from localconnect import log
from localconnect.app import LocalConnect
from localconnect.collector import spare_long_lived
from localconnect.command_line import options_parser, settings_from
from localconnect.configuration import UnusableConfiguration, load_directory
from localconnect.configuration_example import EXAMPLE
from localconnect.directory import Directory, demo_directory
from localconnect.event_history import UnusableHistory
from localconnect.http_server import BACKLOG, Server
from localconnect.media.transport import host_addresses
from localconnect.replay_command import replay_file
from localconnect.setting_values import UnableToChangeSettings
from localconnect.settings import Settings
from localconnect.store import Store, UnusableData
from localconnect.tls import UnusableCertificate, server_context

_NO_NETWORK = """\
This host has no network address but loopback, so media is offered at 127.0.0.1. Chromium sends none there, and waits,
unless it is started with --allow-loopback-in-peer-connection; other clients on this host need nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code: 0 stopped, 1 the port cannot be had or a replay failed, 2 wrong options."""
    parser = options_parser()
    options = parser.parse_args(arguments)
    if options.print_config:
        print(EXAMPLE, end="")
        return 0
    log.configure(options.log_level)
    try:
        settings = settings_from(options)
        directory = load_directory(options.config) if options.config else demo_directory()
        if options.replay_events is not None:
            return _replay(options.replay_events, settings)
        tls = server_context(options.tls_cert, options.tls_key)
        store = Store(options.data) if options.data else None
    except (
        UnableToChangeSettings,
        UnusableConfiguration,
        UnusableHistory,
        UnusableData,
        UnusableCertificate,
    ) as error:
        parser.error(str(error))
    try:
        listener = _listener(options.host, options.port)
    except OSError as error:
        print(
            f"localconnect cannot listen on {options.host} port {options.port}: {error.strerror or error}.\n"
            "Stop what uses it, or choose another with --port.",
            file=sys.stderr,
        )
        return 1
    try:
        app = LocalConnect(
            settings,
            directory=directory,
            store=store,
            with_control=not options.no_control,
            media_processes=options.media_processes,
        )
    except UnusableData as error:
        parser.error(str(error))
    spare_long_lived()  # the service models, above all
    print(_banner(options, settings, directory, listener.getsockname()[1]), flush=True)
    if not host_addresses():
        print(_NO_NETWORK, file=sys.stderr, flush=True)
    Server(app, settings, tls=tls).run([listener])
    if store is not None:
        store.close()
    return 0


def _replay(path: Path, settings: Settings) -> int:
    delivered, given_up = replay_file(path, settings)
    print(f"{delivered} delivered, {given_up} given up")
    return 1 if given_up else 0


def _listener(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(address, family=family, backlog=BACKLOG)


def _banner(
    options: argparse.Namespace, settings: Settings, directory: Directory, port: int
) -> str:
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host  # noqa: S104 - compared, not bound
    scheme = "http" if options.tls_cert is None else "https"
    address = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    lines = [
        ("endpoint", address),
        ("agent desk", f"{address}/agent/"),
        ("data", "kept in memory only" if options.data is None else str(options.data)),
        ("control API", "off" if options.no_control else f"{address}/_local/"),
        ("access key", directory.access_key),
        ("secret key", directory.secret_key),
        ("region", directory.region),
        ("account", directory.account_id),
    ]
    for instance in directory.instances:
        lines.append(("instance", instance.id))
        lines += [("contact flow", flow.id) for flow in instance.flows if flow.is_published]
        lines += [("queue", queue.id) for queue in instance.queues]
    queues_at = f"{settings.public_url or address}/{directory.account_id}"
    lines += [
        ("message queue", f"{queues_at}/{target['queue']}")
        for target in settings.events_targets
        if "queue" in target
    ]
    return "\n".join(
        [
            "localconnect, an embedded Amazon Connect",
            *(f"  {key:14}{value}" for key, value in lines),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
