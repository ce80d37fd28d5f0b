"""Computes AWS Signature Version 4 of a request, from exactly what was sent.

The path is the raw one (encoded once more, as every service but S3 does), the query is raw, headers are a list. Source
of the algorithm: the Signature Version 4 pages of the AWS IAM user guide.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(eq=False)
class SignedRequest:
    """What a signature covers. `path` and `query` as sent; header names in lower case, in order of arrival."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """The values of each header, in order of arrival."""
        values: dict[str, list[str]] = {}
        for name, value in self.headers:
            values.setdefault(name, []).append(value)
        return values

    def header(self, name: str) -> str | None:
        """The value of the header `name` (lower case), or None; repeated ones joined by commas."""
        values = self.values.get(name)
        return ",".join(values) if values else None


def signature(
    request: SignedRequest,
    signed_headers: Iterable[str],
    timestamp: str,
    secret: str,
    region: str,
    service: str,
) -> str:
    """The hex signature of `request` at `timestamp` (`YYYYMMDDThhmmssZ`)."""
    canonical = canonical_request(request, tuple(signed_headers))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    key = _signing_key(secret, timestamp[:8], region, service)
    return hmac.digest(
        key, f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}".encode(), "sha256"
    ).hex()


def canonical_request(request: SignedRequest, signed_headers: tuple[str, ...]) -> str:
    """The text whose hash is signed."""
    headers = "".join(
        f"{name}:{','.join(map(_trimmed, request.values.get(name, ())))}\n"
        for name in signed_headers
    )
    return "\n".join(
        (
            request.method,
            quote(normalised(request.path), safe="/-_.~"),
            canonical_query(request.query),
            headers,
            ";".join(signed_headers),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _trimmed(value: str) -> str:
    return " ".join(value.split())


def canonical_query(query: str) -> str:
    """The query with every name and value encoded AWS's way, sorted by name, then value."""
    if not query:
        return ""
    pairs = (item.partition("=") for item in query.split("&") if item)
    encoded = ((_encoded_once(name), _encoded_once(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _encoded_once(text: str) -> str:
    return quote(unquote(text, errors="surrogateescape"), safe="-_.~", errors="surrogateescape")


def normalised(path: str) -> str:
    """The path without empty and dot segments, as every signer writes it (only S3 keeps them)."""
    if "//" not in path and "/." not in path:
        return path or "/"
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return f"/{'/'.join(kept)}{'/' if kept and path.endswith('/') else ''}"


@lru_cache(maxsize=64)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
