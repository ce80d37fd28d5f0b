"""Verifies who has signed a request that has arrived: AWS Signature Version 4, to the letter.

Knows the credentials it is given and the time, nothing of operations. Each way of being wrong has its documented error.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from localconnect.aws.errors import ServiceError
from localconnect.aws.signature import ALGORITHM, SignedRequest, signature

_FIELDS = ("Credential", "SignedHeaders", "Signature")
_MAX_AUTHORIZATION = 4096


@dataclass(frozen=True, slots=True)
class _Authorization:
    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """Accepts signatures of `credentials` (access key → secret) for one region."""

    credentials: Mapping[str, str]
    region: str

    def verify(
        self,
        request: SignedRequest,
        *,
        service: str,
        now: float,
        skew_s: float,
        expired_session_tokens: Collection[str] = (),
    ) -> str:
        """The access key that signed `request`.

        :param now: epoch seconds the request's date is compared with, `skew_s` either way.
        :raises ServiceError: MissingAuthenticationToken, IncompleteSignature, UnrecognizedClient, InvalidSignature
            or ExpiredToken, all 403.
        """
        header = request.header("authorization")
        if not header:
            raise ServiceError(
                "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        authorization = _parse(header)
        timestamp = _timestamp(request)
        secret = self.credentials.get(authorization.access_key)
        if secret is None:
            raise ServiceError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        self._check_scope(authorization, service, timestamp)
        _check_signed_headers(request, authorization)
        _check_age(timestamp, now, skew_s)
        _check_payload_hash(request)
        expected = signature(
            request,
            authorization.signed_headers,
            timestamp,
            secret,
            authorization.region,
            authorization.service,
        )
        if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
            raise _mismatch()
        if request.header("x-amz-security-token") in expired_session_tokens:
            raise ServiceError(
                "ExpiredTokenException", "The security token included in the request is expired"
            )
        return authorization.access_key

    def _check_scope(self, authorization: _Authorization, service: str, timestamp: str) -> None:
        if authorization.date != timestamp[:8]:
            raise ServiceError(
                "InvalidSignatureException",
                f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{authorization.date}' != '{timestamp[:8]}', from '{timestamp}'.",
            )
        if (authorization.region, authorization.service) != (self.region, service):
            raise ServiceError(
                "InvalidSignatureException",
                f"Credential should be scoped to a valid region and to the service '{service}': this server is "
                f"{self.region}/{service}.",
            )


def _parse(header: str) -> _Authorization:
    scheme, _, rest = header.partition(" ")
    if scheme != ALGORITHM or len(header) > _MAX_AUTHORIZATION:
        raise ServiceError(
            "IncompleteSignatureException",
            f"Unsupported or malformed Authorization header; expected {ALGORITHM}.",
        )
    fields: dict[str, str] = {}
    for item in rest.split(","):
        name, equals, value = item.strip(" ").partition("=")
        if not equals or name in fields:
            raise ServiceError(
                "IncompleteSignatureException",
                "Authorization header has a part that is not one key=value pair.",
            )
        fields[name] = value
    missing = [name for name in _FIELDS if not fields.get(name)]
    if missing:
        raise ServiceError(
            "IncompleteSignatureException",
            f"Authorization header requires {', '.join(missing)} parameter.",
        )
    scope = fields["Credential"].rsplit("/", 4)
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise ServiceError(
            "IncompleteSignatureException",
            "Credential must have five parts: key, date, region, service and aws4_request.",
        )
    access_key, date, region, service, _ = scope
    signed_headers = tuple(fields["SignedHeaders"].split(";"))
    return _Authorization(access_key, date, region, service, signed_headers, fields["Signature"])


def _timestamp(request: SignedRequest) -> str:
    """The request's date as `YYYYMMDDThhmmssZ`, from X-Amz-Date or else Date."""
    sent = request.header("x-amz-date")
    if sent is None and (date := request.header("date")) is not None:
        try:
            sent = parsedate_to_datetime(date).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        except (ValueError, OverflowError):
            sent = date
    if sent is None:
        raise ServiceError(
            "IncompleteSignatureException",
            "Authorization header requires existence of an 'X-Amz-Date' or a 'Date' header.",
        )
    if _epoch(sent) is None:
        raise ServiceError(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format', e.g. 20260102T030405Z.",
        )
    return sent


@lru_cache(maxsize=256)
def _epoch(timestamp: str) -> float | None:
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", timestamp):
        return None
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _check_signed_headers(request: SignedRequest, authorization: _Authorization) -> None:
    signed = set(authorization.signed_headers)
    present = request.values.keys()
    unsigned = {name for name in present if name.startswith("x-amz-") or name == "host"} - signed
    if "host" not in signed or unsigned:
        names = ", ".join(sorted(unsigned | ({"host"} - signed)))
        raise ServiceError("InvalidSignatureException", f"These headers must be signed: {names}.")
    if list(authorization.signed_headers) != sorted(signed) or not signed <= present:
        raise _mismatch()


def _check_age(timestamp: str, now: float, skew_s: float) -> None:
    sent = _epoch(timestamp)
    assert sent is not None  # noqa: S101 - `_timestamp` has parsed it
    if abs(now - sent) <= skew_s:
        return
    here, minutes = _basic_iso(now), f"{skew_s / 60:g} min."
    if sent < now:
        limit = _basic_iso(now - skew_s)
        text = f"Signature expired: {timestamp} is now earlier than {limit} ({here} - {minutes})"
    else:
        limit = _basic_iso(now + skew_s)
        text = f"Signature not yet current: {timestamp} is still later than {limit} ({here} + {minutes})"
    raise ServiceError("InvalidSignatureException", text)


def _basic_iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _check_payload_hash(request: SignedRequest) -> None:
    declared = request.header("x-amz-content-sha256")
    if declared is not None and declared != hashlib.sha256(request.body).hexdigest():
        raise ServiceError(
            "InvalidSignatureException",
            "The value passed in as x-amz-content-sha256 does not match the body's hash.",
        )


def _mismatch() -> ServiceError:
    return ServiceError(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    )
