"""Answers of AWS that have come whole within the time to read one, or not at all.

botocore's time to read bounds each read, so an answer that comes byte by byte would take hours and its thread with it. Here
it bounds the answer: each read has what is left of the time. Knows nothing of what is asked.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)


def bound_answers(client: Any) -> Any:
    """Have a client of boto3's, before its first request, take its time to read for that of whole answers. Returns it."""
    # Client, session and pools are made by one call that takes no classes; the pools are made at the first request.
    classes = client._endpoint.http_session._pool_classes_by_scheme
    classes.update(http=_Pool, https=_TlsPool)
    return client


class _Reads(io.RawIOBase):
    """What is read of a connection until the time is over that it has for a read."""

    def __init__(self, raw: io.RawIOBase, link: socket.socket, within_s: float) -> None:
        super().__init__()
        self._raw, self._link, self._within_s = raw, link, within_s
        self._ends_at = time.monotonic() + within_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer had not come whole when its time was over")
        self._link.settimeout(left_s)
        try:
            return self._raw.readinto(buffer)
        finally:
            self._link.settimeout(self._within_s)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is read in time. Its time begins when the request has been sent."""

    def __init__(self, link: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(link, *arguments, **options)
        within_s = link.gettimeout()
        if within_s is not None:
            self.fp = io.BufferedReader(_Reads(self.fp.detach(), link, within_s))


class _Connection(AWSHTTPConnection):
    response_class = _Answer


class _TlsConnection(AWSHTTPSConnection):
    response_class = _Answer


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection
