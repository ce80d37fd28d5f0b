"""The options of the command `localconnect`: what they are, how `--help` explains them, the settings they make."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from localconnect import __version__
from localconnect.demo_identity import DEMO
from localconnect.media.workers.host import MOST_PROCESSES
from localconnect.setting_values import EventTarget, HttpTarget, QueueTarget
from localconnect.settings import Settings

_LONGEST_DEFAULT = 20
_MEANINGS = {item.name: item.metadata["meaning"] for item in fields(Settings)}
_FIRST_STEPS = f"""\
any client of Amazon Connect may be pointed here, such as the AWS CLI:
  export AWS_ENDPOINT_URL=http://127.0.0.1:8100 AWS_DEFAULT_REGION={DEMO.region}
  export AWS_ACCESS_KEY_ID={DEMO.access_key} AWS_SECRET_ACCESS_KEY={DEMO.secret_key}
  aws connect list-instances
"""


def options_parser() -> argparse.ArgumentParser:
    """What the command understands, and what `--help` says of it."""
    parser = argparse.ArgumentParser(
        prog="localconnect",
        description="An embedded Amazon Connect for WebRTC calls: API, contact events, queue, agent desk and media.",
        epilog=f"{_FIRST_STEPS}\nsettings for --set, also changed while running by PATCH /_local/settings:\n"
        + _settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=_port,
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
        "--data",
        type=Path,
        metavar="FILE",
        help="SQLite file to keep contacts, agents and tokens in, so that a restart goes on with them (default: none)",
    )
    parser.add_argument(
        "--events-url",
        action="append",
        default=[],
        metavar="URL",
        help="POST contact events here; may be repeated",
    )
    parser.add_argument(
        "--events-queue",
        action="append",
        default=[],
        metavar="NAME",
        help="send contact events to this message queue, hosted here as Amazon SQS does; may be repeated",
    )
    parser.add_argument(
        "--events-key",
        default=os.environ.get("LOCALCONNECT_EVENTS_KEY"),
        metavar="KEY",
        help="sent with each event as the header X-Events-Key (default: $LOCALCONNECT_EVENTS_KEY)",
    )
    parser.add_argument(
        "--replay-events",
        type=Path,
        metavar="FILE",
        help="POST a history captured by GET /_local/events?format=jsonl to every --events-url, and exit",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="address browsers reach this server at, when it is not the request's Host",
    )
    parser.add_argument(
        "--tls-cert",
        type=Path,
        metavar="FILE",
        help="PEM file of the certificate and those that signed it: serve https and wss; needs --tls-key",
    )
    parser.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="PEM file of the certificate's private key"
    )
    parser.add_argument(
        "--media-ports",
        metavar="FIRST-LAST",
        help="UDP ports that media may use, one per person and address (default: any)",
    )
    parser.add_argument(
        "--media-address",
        metavar="IP",
        help="address clients are told to send media to, as behind a port mapping (default: all of this host's)",
    )
    parser.add_argument(
        "--media-processes",
        type=_processes,
        default=0,
        metavar="N",
        help="processes that calls' media is spread over, one per core (default: 0, in the server's own)",
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
        "--log-level",
        default="info",
        choices=["debug", "info", "warning", "error"],
        help="least severity that is written to standard error (default: %(default)s)",
    )
    parser.add_argument("--version", action="version", version=f"localconnect {__version__}")
    return parser


def _port(text: str) -> int:
    # A port beyond these is taken for the one it wraps around to by the operating system.
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65_535:
        raise argparse.ArgumentTypeError("expected a port from 0 to 65535")
    return int(text)


def _processes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {MOST_PROCESSES}")
    if int(text) and sys.platform == "win32":
        raise argparse.ArgumentTypeError("further processes need Unix sockets, not to be had here")
    return int(text)


def _settings_help() -> str:
    """Each setting with its meaning and, where it is short, its default as JSON."""
    lines = []
    for name, value in Settings().listed().items():
        default = json.dumps(value)
        told = f" (default: {default})" if len(default) <= _LONGEST_DEFAULT else ""
        lines.append(f"  {name}\n      {_MEANINGS[name]}{told}")
    return "\n".join(lines)


def settings_from(options: argparse.Namespace) -> Settings:
    """The settings that the options ask for.

    :raises UnableToChangeSettings: `--set` names none, or an impossible value.
    """
    settings = Settings()
    changes: dict[str, Any] = {}
    for item in options.set:
        name, _, value = item.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    targets: list[EventTarget] = [
        HttpTarget(url=url, key=options.events_key) for url in options.events_url
    ]
    targets += [QueueTarget(queue=name) for name in options.events_queue]
    if targets:
        changes["events_targets"] = targets
    for name in ("public_url", "media_ports", "media_address"):
        if (value := getattr(options, name)) is not None:
            changes[name] = value
    settings.change(changes)
    return settings
