"""A provider of OpenID Connect: a real server on a free port, with keys of its own, that signs in whoever asks.

It holds clients to the protocol: their secret, the address they come back to, each code once, PKCE. Tests change what it
claims and how it signs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT_ID = "video-portal"
CLIENT_SECRET = "secret-of-the-portal-at-the-provider"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


@dataclass
class Provider:
    """What it says and remembers."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over what an honest provider claims."""
    sign: Callable[[Provider, dict[str, Any]], str] = lambda self, claims: self.by_rsa(claims)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The parameters of each attempt."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Why it gave no token."""

    def by_rsa(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, RSA_KEY, algorithm="RS256", headers={"kid": "rsa"})

    def by_ec(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, EC_KEY, algorithm="ES256", headers={"kid": "ec"})

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            # What it says here must not decide what the portal takes.
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        found = {"rsa": RSAAlgorithm, "ec": ECAlgorithm}
        own = {"rsa": RSA_KEY.public_key(), "ec": EC_KEY.public_key()}
        return {
            "keys": [
                {**found[kid].to_jwk(own[kid], as_dict=True), "kid": kid, "use": "sig"}
                for kid in own
            ]
        }

    def authorize(self, given: dict[str, str]) -> str:
        """Sign somebody in, and return where they go on."""
        self.asked.append(given)
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        answer = urlencode({"code": code, "state": given["state"]})
        return f"{given['redirect_uri']}?{answer}"

    def token(self, given: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Change a code for a token, once and for who asked for it."""
        attempt = self.codes.pop(given.get("code", ""), None)
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        problems = {
            "client": unquote(basic) != f"{CLIENT_ID}:{CLIENT_SECRET}",
            "code": attempt is None,
            "address": attempt is not None and attempt["redirect_uri"] != given["redirect_uri"],
            "pkce": attempt is not None and attempt.get("code_challenge") != challenge,
        }
        self.refused += [name for name, is_so in problems.items() if is_so]
        if attempt is None or any(problems.values()):
            return None
        now = int(time.time())
        honest = {"iss": self.url, "aud": CLIENT_ID, "sub": "sub-1", "iat": now, "exp": now + 300}
        honest |= {"nonce": attempt["nonce"], "preferred_username": "ana", "groups": ["desk"]}
        token = self.sign(self, honest | self.claims)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token}


@contextmanager
def running() -> Iterator[Provider]:
    """Serve a provider while the block runs."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                given = {name: values[0] for name, values in parse_qs(address.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(given))
                self.end_headers()
            else:
                is_keys = address.path == "/keys"
                self._send(200, provider.keys() if is_keys else provider.describe())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            answer = provider.token(given, self.headers.get("Authorization", ""))
            self._send(200 if answer else 400, answer or {"error": "invalid_grant"})

        def _send(self, status: int, document: Any) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
