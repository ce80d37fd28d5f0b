"""Pages of a longer list, and the tokens that lead from one to the next.

A token is opaque, names a place in the list, and is bound to the operation and parameters it was given for: with any
other request, or made up, it is refused. `MaxResults` may change from page to page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import TypeVar

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.clock import Clock

T = TypeVar("T")

_FREE = frozenset({"NextToken", "MaxResults"})


class Paginator:
    """Cuts pages. Tokens are good as long as this object lives, or for as long as a page says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def page(
        self, call: Call, items: Sequence[T], *, size: int, life_s: float | None = None
    ) -> tuple[list[T], str | None]:
        """The page of `items` that `call` asks for, and the token of the next one, None after the last.

        :param size: entries of a page when the call does not say; `life_s` is how long the token may be used.
        :raises ApiError: MEMBER, the token is not one for this request, or has expired.
        """
        token = call.params.get("NextToken")
        start = self._place(call, token, life_s) if token is not None else 0
        end = start + int(call.params.get("MaxResults") or size)
        following = self._token(call, end) if end < len(items) else None
        return list(items[start:end]), following

    def _token(self, call: Call, place: int) -> str:
        text = f"{place}.{round(self._clock.time() * 1000)}"
        return base64.urlsafe_b64encode(f"{text}.{self._proof(call, text)}".encode()).decode()

    def _place(self, call: Call, token: str, life_s: float | None) -> int:
        try:
            text, _, proof = base64.urlsafe_b64decode(token.encode()).decode().rpartition(".")
        except (ValueError, binascii.Error):
            raise _refusal() from None
        if not hmac.compare_digest(self._proof(call, text).encode(), proof.encode()):
            raise _refusal()
        place, _, issued_ms = text.partition(".")
        if life_s is not None and self._clock.time() >= int(issued_ms) / 1000 + life_s:
            raise _refusal()
        return int(place)

    def _proof(self, call: Call, text: str) -> str:
        bound = {name: value for name, value in call.params.items() if name not in _FREE}
        told = json.dumps([call.operation.name, bound, text], sort_keys=True).encode()
        return hmac.digest(self._key, told, hashlib.sha256).hex()


def _refusal() -> ApiError:
    return ApiError(Cause.MEMBER, "NextToken: not a token of this request")
