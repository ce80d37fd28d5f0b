"""Daphne's command line, with the portal as its application and the portal's limits as its defaults."""

from __future__ import annotations

import sys

import daphne.server  # noqa: F401 (first: it chooses the reactor)
from daphne.cli import CommandLineInterface

from portal.serving.server import PortalServer
from portal.serving.sockets import LARGEST_MESSAGE

APPLICATION = "portal.asgi:application"
# Both ends of a connection may be gone without a word: laptops sleep, networks change. A browser is told of by 30 s.
PING_EVERY_S = 20
PONG_WITHIN_S = 10
HANDSHAKE_WITHIN_S = (
    20  # many come at once after a deploy; who is turned away comes again, and costs it twice
)


class PortalCommandLine(CommandLineInterface):
    """What `python -m portal.serving` takes."""

    server_class = PortalServer

    def __init__(self) -> None:
        super().__init__()
        self.parser.set_defaults(
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            websocket_connect_timeout=HANDSHAKE_WITHIN_S,
            websocket_max_message_size=LARGEST_MESSAGE,
            websocket_max_frame_size=LARGEST_MESSAGE,
            verbosity=0,
        )


def serve(arguments: list[str]) -> None:
    """Serve until ended, with Daphne's options."""
    PortalCommandLine().run([*arguments, APPLICATION])


if __name__ == "__main__":
    serve(sys.argv[1:])
