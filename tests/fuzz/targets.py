"""What is fuzzed: functions of bytes that raise when the code under test breaks a promise.

Each input is a list of fields separated by `SEPARATOR`, so that inputs can be read and written by hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localconnect.aws import parser, validation
from localconnect.aws.errors import ApiError, ServiceError, as_service_error
from localconnect.aws.router import Router
from localconnect.aws.service_model import load_operations
from localconnect.aws.signature import SignedRequest, canonical_request
from localconnect.aws.sigv4 import Verifier
from localconnect.http_head import Flaw, flaw_in_head
from tests.fuzz.media_targets import MEDIA_TARGETS

SEPARATOR = b"\x1e"
HOST = "127.0.0.1:9000"
NOW = 1767323045.0
ACCESS_KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
VERIFIER = Verifier({ACCESS_KEY: SECRET}, "us-east-1")
OPERATIONS = [*load_operations("connect"), *load_operations("connectparticipant")]
ROUTER = Router(OPERATIONS)
_BYTES = "\t" + "".join(map(chr, range(0x20, 0x7F)))
_METHODS = ("GET", "POST", "PUT", "DELETE")


def authorization(data: bytes) -> None:
    """Any headers at all are refused with a documented error."""
    header, date, amz_date = itertools.islice(_fields(data), 3)
    headers = [("host", HOST), ("authorization", header.decode("latin-1"))]
    if date:
        headers.append(("date", date.decode("latin-1")))
    if amz_date:
        headers.append(("x-amz-date", amz_date.decode("latin-1")))
    refusal = _refusal(lambda: _verify(SignedRequest("GET", "/", "", tuple(headers), b""), NOW))
    assert refusal is not None, "Nobody has signed this"
    assert refusal.status == 403


def signature(data: bytes) -> None:
    """What botocore signs is accepted, its canonical form is ours, and no other byte will do in its place."""
    method, path, name, value, note, body, place, change = itertools.islice(_fields(data), 8)
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET), "connect", "us-east-1")
    request, canonical = _signed(
        signer,
        _METHODS[sum(method) % len(_METHODS)],
        "/" + quote(path.decode("latin-1"), safe="/-_.~:@!$&'()*+,;="),
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}&b=1" if name else "",
        "".join(c for c in note.decode("latin-1") if c.isprintable()) or "x",
        body,
    )
    now = datetime.fromisoformat(request.header("x-amz-date") or "").timestamp()
    names = tuple(sorted({key for key, _ in request.headers} - {"authorization"}))

    assert canonical_request(request, names) == canonical
    assert _verify(request, now) == ACCESS_KEY
    mutant = _mutated(request, sum(place), sum(change))
    if mutant is None or (
        mutant.header("authorization") == request.header("authorization")
        and canonical_request(mutant, names) == canonical
    ):
        return  # spaces in a header, say: the same request to everybody
    refusal = _refusal(lambda: _verify(mutant, now))
    assert refusal is not None, f"Accepted, though nobody has signed it: {mutant}"


def parse(data: bytes) -> None:
    """Any request to any operation is understood, or refused as the client's mistake."""
    number, path, query, header, body = itertools.islice(_fields(data), 5)
    ROUTER.find("GET", path.decode("latin-1"))
    operation = OPERATIONS[int.from_bytes(number[:2], "big") % len(OPERATIONS)]
    labels = {
        member.wire_name: path.decode("utf-8", "replace")
        for member in operation.input.members.values()
        if member.location == "uri"
    }

    def read() -> None:
        params = parser.parse(
            operation,
            labels=labels,
            query=query.decode("latin-1"),
            headers={"x-amz-bearer": header.decode("latin-1")},
            body=body,
        )
        validation.validate(params, operation.input)

    refusal = _refusal(read)
    if refusal is not None:
        assert 400 <= refusal.status < 500
        refusal.message.encode()


def head(data: bytes) -> None:
    """Any head that a parser may let through is judged."""
    version, target, host, length, expect = itertools.islice(_fields(data), 5)
    headers = [(b"host", host), (b"expect", expect)]
    if length.isdigit():  # what the parser in front makes sure of
        headers.append((b"content-length", length[:19]))
    flaw = flaw_in_head(
        version.decode("latin-1"), b"GET", target, headers, upgrades=bool(len(data) % 2)
    )
    assert flaw is None or (isinstance(flaw, Flaw) and 400 <= flaw.status < 500)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "authorization": authorization,
    "signature": signature,
    "parser": parse,
    "head": head,
    **MEDIA_TARGETS,
}


def _fields(data: bytes) -> Iterator[bytes]:
    yield from data.split(SEPARATOR)
    yield from itertools.repeat(b"")


def _refusal(step: Callable[[], object]) -> ServiceError | None:
    """The error a client would see, if any; nothing else may be raised."""
    try:
        step()
    except ServiceError as error:
        return error
    except ApiError as error:
        return as_service_error(error, OPERATIONS[0])
    return None


def _verify(request: SignedRequest, now: float) -> str:
    return VERIFIER.verify(request, service="connect", now=now, skew_s=900)


def _signed(
    signer: SigV4Auth, method: str, path: str, query: str, note: str, body: bytes
) -> tuple[SignedRequest, str]:
    """The request as it arrives, and the canonical form its signer has made."""
    url = f"http://{HOST}{path}" + (f"?{query}" if query else "")
    outgoing = AWSRequest(method, url, data=body, headers={"X-Amz-Note": note})
    signer.add_auth(outgoing)
    headers = tuple((name.lower(), value) for name, value in outgoing.headers.items())
    unsigned = AWSRequest(method, url, data=body, headers=dict(outgoing.headers.items()))
    del unsigned.headers["Authorization"]
    unsigned.context.update(outgoing.context)
    request = SignedRequest(method, path, query, (("host", HOST), *headers), body)
    return request, signer.canonical_request(unsigned)


def _mutated(request: SignedRequest, place: int, change: int) -> SignedRequest | None:
    """The request with one byte of it replaced, or None if that changes nothing."""
    parts = ["path", "query", "body", *(name for name, _ in request.headers)]
    part = parts[place % len(parts)]
    if part == "body":
        changed = _other_byte(request.body.decode("latin-1"), place, change)
        return changed and replace(request, body=changed.encode("latin-1"))
    if part in ("path", "query"):
        changed = _other_byte(getattr(request, part), place, change)
        return changed and replace(request, **{part: changed})
    value = request.header(part) or ""
    changed = _other_byte(value, place, change)
    rest = tuple(item for item in request.headers if item[0] != part)
    return changed and replace(request, headers=(*rest, (part, changed)))


def _other_byte(text: str, place: int, change: int) -> str | None:
    if not text:
        return None
    position = place * 31 % len(text)
    changed = text[:position] + _BYTES[change % len(_BYTES)] + text[position + 1 :]
    return changed if changed != text else None
