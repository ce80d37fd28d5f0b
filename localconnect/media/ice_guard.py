"""What strangers' datagrams may do to one client's ICE and DTLS: nothing.

The ports of a transport are open to the whole network, and aioice and aiortc take what comes for what it should be. Here
it is looked at first: checks for what aioice counts on, handshakes for whether their sender has shown the password.
Like transport.py it goes by what aioice keeps private. It must not know of SRTP, nor what a client sends.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Iterable
from typing import Any

from aioice import Candidate, stun

COMPONENT = 1
"""ICE's number of the one stream that everything is bundled on."""

MAX_ADDRESSES = 100
"""Addresses at which one client is looked for: those it offers, and those its checks come from."""

_WAITING_RECORDS = 64


class IceGuard:
    """Stands before an `aioice.Connection`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def take_check(self, pass_on: Callable[[bytes, Any], None], data: bytes, address: Any) -> None:
        """Hand a STUN message on, unless aioice would stumble over it or would have to remember one address too many."""
        try:
            message = stun.parse_message(data)
        except (ValueError, struct.error):
            return
        if message.message_class is stun.Class.REQUEST:
            if "PRIORITY" not in message.attributes:
                return
            if not self._knows(address) and self._is_full():
                return
        pass_on(data, address)

    def take_record(self, data: bytes, address: Any) -> None:
        """Hand a DTLS record on. Only whoever has shown the ICE password may have a say in the handshake."""
        if self._knows(address) and self._connection._queue.qsize() < _WAITING_RECORDS:
            self._connection.data_received(data, COMPONENT)

    def _knows(self, address: Any) -> bool:
        host, port = address[:2]
        return any(
            candidate._network_host == host and candidate.port == port
            for candidate in self._connection._remote_candidates
        )

    def _is_full(self) -> bool:
        return len(self._connection._remote_candidates) >= MAX_ADDRESSES


def usable_candidates(texts: Iterable[str]) -> list[Candidate]:
    """The candidates of an offer that checks can be sent to, each address once.

    Not TCP's, nor mDNS names, which take a second to resolve and usually cannot be.
    """
    found: dict[tuple[str, int], Candidate] = {}
    for text in texts:
        try:
            candidate = Candidate.from_sdp(text)
            host = str(ipaddress.ip_address(candidate.host))
        except ValueError:
            continue
        if (
            candidate.component == COMPONENT
            and candidate.transport.lower() == "udp"
            and 0 < candidate.port < 1 << 16
        ):
            found.setdefault((host, candidate.port), candidate)
    return list(found.values())[:MAX_ADDRESSES]
