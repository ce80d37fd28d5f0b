"""The command `localconnect`: reads its options, opens the port, serves until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import uvicorn

from localconnect import __version__
from localconnect.app import LocalConnect
from localconnect.configuration import UnusableConfiguration, load_directory
from localconnect.configuration_example import EXAMPLE
from localconnect.directory import Directory, demo_directory
from localconnect.settings import EventTarget, Settings, UnableToChangeSettings

MAX_WEBSOCKET_MESSAGE = 64 * 1024
_KEEP_ALIVE_S = 65
_BACKLOG = 2048


class Server(uvicorn.Server):
    """uvicorn, with the two things that a server of calls does differently when it stops."""

    def __init__(self, config: uvicorn.Config, app: LocalConnect) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop calls first: uvicorn's own goodbye would keep Chime clients waiting for media that never comes."""
        await self._app.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Being told to stop is no failure: do not die of the signal once everything is closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code: 0 stopped, 1 the port cannot be had, 2 wrong options."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.print_config:
        print(EXAMPLE, end="")
        return 0
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLogger().level))
    try:
        settings = _settings(options)
        directory = load_directory(options.config) if options.config else demo_directory()
    except (UnableToChangeSettings, UnusableConfiguration) as error:
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
    app = LocalConnect(settings, directory=directory, with_control=not options.no_control)
    gc.collect()
    gc.freeze()  # the service models are here to stay: walking them again and again would only make calls stutter
    print(_banner(options, directory, listener.getsockname()[1]), flush=True)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=MAX_WEBSOCKET_MESSAGE,
        ws_per_message_deflate=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
        backlog=_BACKLOG,
    )
    Server(config, app).run([listener])
    return 0


def _parser() -> argparse.ArgumentParser:
    known = "\n".join(f"  {item.name:24}{item.metadata['meaning']}" for item in fields(Settings))
    parser = argparse.ArgumentParser(
        prog="localconnect",
        description="An embedded Amazon Connect for WebRTC calls: API, contact events, queue, agent desk and media.",
        epilog=f"settings for --set, also changed while running by PATCH /_local/settings:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8100,
        help="port to listen on, 0 for any (default: %(default)s)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML file of instances, flows, queues, hours and agents (default: the demo identity)",
    )
    parser.add_argument(
        "--print-config",
        action="store_true",
        help="print the demo identity as such a file, and exit",
    )
    parser.add_argument(
        "--events-url",
        action="append",
        default=[],
        metavar="URL",
        help="POST contact events here; may be repeated",
    )
    parser.add_argument(
        "--events-key",
        default=os.environ.get("LOCALCONNECT_EVENTS_KEY"),
        metavar="KEY",
        help="sent with each event as the header X-Events-Key (default: $LOCALCONNECT_EVENTS_KEY)",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="address browsers reach this server at, when it is not the request's Host",
    )
    parser.add_argument(
        "--no-control", action="store_true", help="do not serve the control API under /_local/"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set any setting; the value is JSON; may be repeated",
    )
    parser.add_argument(
        "--log-level", default="info", choices=["debug", "info", "warning", "error"]
    )
    parser.add_argument("--version", action="version", version=f"localconnect {__version__}")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    settings = Settings()
    changes: dict[str, Any] = {}
    for item in options.set:
        name, _, value = item.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    targets = [EventTarget(url=url, key=options.events_key) for url in options.events_url]
    if targets:
        changes["events_targets"] = targets
    if options.public_url is not None:
        changes["public_url"] = options.public_url
    settings.change(changes)
    return settings


def _listener(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(address, family=family, backlog=_BACKLOG)


def _banner(options: argparse.Namespace, directory: Directory, port: int) -> str:
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host  # noqa: S104 - compared, not bound
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lines = [
        ("endpoint", address),
        ("agent desk", f"{address}/agent/"),
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
    return "\n".join(
        [
            "localconnect, an embedded Amazon Connect",
            *(f"  {key:14}{value}" for key, value in lines),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
