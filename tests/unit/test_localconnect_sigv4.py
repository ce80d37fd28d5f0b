"""Signature Version 4: known vectors, botocore as an independent signer, and the headers' fine print."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from localconnect.aws.errors import ServiceError
from localconnect.aws.signature import SignedRequest, canonical_query, signature
from localconnect.aws.sigv4 import Verifier

ACCESS_KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
AT = "20260102T030405Z"
AT_EPOCH = 1767323045.0
HOST = ("host", "127.0.0.1:9000")
DATE = ("x-amz-date", AT)
FLOWS = "/contact-flows/11111111-1111-1111-1111-111111111111/x%3A%24SAVED"
VERIFIER = Verifier({ACCESS_KEY: SECRET}, "us-east-1")


def request(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    *headers: tuple[str, str],
) -> SignedRequest:
    return SignedRequest(method, path, query, headers or (HOST, DATE), body)


def signed(unsigned: SignedRequest, **changes: Any) -> SignedRequest:
    """The request with the header our own signer makes."""
    names = tuple(sorted({name for name, _ in unsigned.headers}))
    parts = {
        "credential": f"{ACCESS_KEY}/20260102/us-east-1/connect/aws4_request",
        "names": ";".join(names),
        "signature": signature(unsigned, names, AT, SECRET, "us-east-1", "connect"),
    } | changes
    value = (
        f"AWS4-HMAC-SHA256 Credential={parts['credential']}, SignedHeaders={parts['names']}, "
        f"Signature={parts['signature']}"
    )
    headers = (*unsigned.headers, ("authorization", value))
    return SignedRequest(unsigned.method, unsigned.path, unsigned.query, headers, unsigned.body)


def verify(subject: SignedRequest, *, now: float = AT_EPOCH, expired: tuple[str, ...] = ()) -> str:
    return VERIFIER.verify(
        subject, service="connect", now=now, skew_s=900, expired_session_tokens=expired
    )


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (
            request(
                "PUT",
                "/contact/webrtc",
                "",
                b'{"InstanceId":"i"}',
                ("content-type", "application/json"),
                HOST,
                DATE,
            ),
            "d2790986af8b8244126aa9ebd54931058d81cfc6ff0a4eafdb6ef9ef2d47c81f",
        ),
        (
            request("GET", FLOWS),
            "d33be57712afcd757e18eaee56d28e45b28097b68c14a375c3a43150d72cddd8",
        ),
        (
            request("GET", "/contact/references/i/c", "referenceTypes=URL&referenceTypes=STRING"),
            "4d7994ca4dbc7294ee1494f20c3369ce57ac2245f74bf50ee3bf123c492602e0",
        ),
    ],
)
def test_signature_of_known_request_is_known(subject: SignedRequest, expected: str) -> None:
    """Should agree with two independent signers on the documented vectors."""
    names = tuple(sorted(name for name, _ in subject.headers))

    assert signature(subject, names, AT, SECRET, "us-east-1", "connect") == expected
    assert verify(signed(subject)) == ACCESS_KEY


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    segments=st.lists(text, max_size=4),
    params=st.lists(st.tuples(text, text), max_size=4),
    body=st.binary(max_size=50),
    description=st.text("abc  \t", max_size=10),
)
def test_request_signed_by_botocore_is_accepted(
    segments: list[str], params: list[tuple[str, str]], body: bytes, description: str
) -> None:
    """Should accept whatever botocore signs, however odd its path, query, headers and body."""
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    query = urlencode(params, quote_via=quote)
    url = f"http://127.0.0.1:9000{path}" + (f"?{query}" if query else "")
    outgoing = AWSRequest(
        "POST", url, data=body, headers={"X-Amz-Note": description.strip() or "x"}
    )
    botocore.auth.SigV4Auth(Credentials(ACCESS_KEY, SECRET), "connect", "us-east-1").add_auth(
        outgoing
    )
    headers = tuple((name.lower(), value) for name, value in outgoing.headers.items())
    sent_at = outgoing.headers["X-Amz-Date"]

    now = datetime.strptime(sent_at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    assert (
        verify(SignedRequest("POST", path, query, (HOST, *headers), body), now=now) == ACCESS_KEY
    )


@pytest.mark.parametrize("seconds", [-900, 0, 900])
def test_request_within_the_skew_is_accepted(seconds: int) -> None:
    """Should allow a quarter of an hour either way."""
    assert verify(signed(request()), now=AT_EPOCH + seconds) == ACCESS_KEY


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (
            AT_EPOCH + 901,
            "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T031906Z - 15 min.)",
        ),
        (
            AT_EPOCH - 901,
            "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T024904Z + 15 min.)",
        ),
    ],
)
def test_request_beyond_the_skew_is_refused(now: float, message: str) -> None:
    """Should say both times, as AWS does."""
    with pytest.raises(ServiceError) as refused:
        verify(signed(request()), now=now)

    assert (refused.value.code, refused.value.status) == ("InvalidSignatureException", 403)
    assert refused.value.message == message


def test_date_header_stands_in_for_amz_date() -> None:
    """Should read the standard header when the other is absent."""
    subject = request("GET", "/", "", b"", HOST, ("date", "Fri, 02 Jan 2026 03:04:05 GMT"))

    assert verify(signed(subject)) == ACCESS_KEY


def test_repeated_and_spaced_headers_are_joined() -> None:
    """Should trim values, squeeze spaces and join repeats before comparing."""
    subject = request(
        "GET", "/", "", b"", HOST, DATE, ("x-amz-a", " one   two "), ("x-amz-a", "three")
    )
    same = request("GET", "/", "", b"", HOST, DATE, ("x-amz-a", "one two,three"))
    names = ("host", "x-amz-a", "x-amz-date")

    assert signature(subject, names, AT, SECRET, "us-east-1", "connect") == signature(
        same, names, AT, SECRET, "us-east-1", "connect"
    )


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("b=2&a=1&a=0", "a=0&a=1&b=2"),
        ("flag", "flag="),
        ("a=%7e+b", "a=~%2Bb"),
        ("A=1&a=2&B=3", "A=1&B=3&a=2"),
        ("ab=1&a=2", "a=2&ab=1"),
        ("x=%ff", "x=%FF"),
    ],
)
def test_query_is_put_in_canonical_form(query: str, canonical: str) -> None:
    """Should encode AWS's way and sort by name, then value."""
    assert canonical_query(query) == canonical


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signature": "0" * 64}, "InvalidSignatureException"),
        ({"signature": "é"}, "InvalidSignatureException"),
        ({"names": "x-amz-date"}, "InvalidSignatureException"),
        ({"names": "host"}, "InvalidSignatureException"),
        ({"names": "x-amz-date;host"}, "InvalidSignatureException"),
        ({"names": "absent;host;x-amz-date"}, "InvalidSignatureException"),
        (
            {"credential": f"{ACCESS_KEY}/20260103/us-east-1/connect/aws4_request"},
            "InvalidSignatureException",
        ),
        (
            {"credential": f"{ACCESS_KEY}/20260102/us-west-2/connect/aws4_request"},
            "InvalidSignatureException",
        ),
        (
            {"credential": f"{ACCESS_KEY}/20260102/us-east-1/s3/aws4_request"},
            "InvalidSignatureException",
        ),
        (
            {"credential": "x/20260102/us-east-1/connect/aws4_request"},
            "UnrecognizedClientException",
        ),
        (
            {"credential": f"{ACCESS_KEY}/20260102/us-east-1/connect"},
            "IncompleteSignatureException",
        ),
        (
            {"credential": f"{ACCESS_KEY}/20260102/us-east-1/connect/aws5_request"},
            "IncompleteSignatureException",
        ),
        ({"names": ""}, "IncompleteSignatureException"),
        ({"signature": "a, Signature=b"}, "IncompleteSignatureException"),
        ({"signature": "a" * 5000}, "IncompleteSignatureException"),
    ],
)
def test_authorization_with_a_flaw_is_refused(changes: dict[str, str], code: str) -> None:
    """Should tell malformed, unknown and wrong apart, all with 403."""
    with pytest.raises(ServiceError) as refused:
        verify(signed(request(), **changes))

    assert (refused.value.code, refused.value.status) == (code, 403)


@pytest.mark.parametrize("date", [None, "yesterday", "20261332T000000Z", "2026-01-02T03:04:05Z"])
def test_request_without_readable_date_is_refused(date: str | None) -> None:
    """Should ask for a date it can read."""
    headers = (HOST,) if date is None else (HOST, ("x-amz-date", date))

    with pytest.raises(ServiceError) as refused:
        verify(signed(request("GET", "/", "", b"", *headers)))
    assert refused.value.code == "IncompleteSignatureException"


def test_expired_session_token_is_refused_only_if_genuine() -> None:
    """Should look at the token after the signature."""
    subject = request("GET", "/", "", b"", HOST, DATE, ("x-amz-security-token", "old"))

    assert verify(signed(subject)) == ACCESS_KEY
    with pytest.raises(ServiceError) as refused:
        verify(signed(subject), expired=("old",))
    assert refused.value.code == "ExpiredTokenException"
    with pytest.raises(ServiceError) as refused:
        verify(signed(subject, signature="0"), expired=("old",))
    assert refused.value.code == "InvalidSignatureException"


@given(st.text(max_size=200))
def test_any_authorization_is_answered(header: str) -> None:
    """Should refuse any text at all with a documented error, never fail."""
    with pytest.raises(ServiceError) as refused:
        verify(request("GET", "/", "", b"", HOST, DATE, ("authorization", header)))
    assert refused.value.status == 403
