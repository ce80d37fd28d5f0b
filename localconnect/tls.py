"""The certificate this server shows, read before the port is opened so that a wrong one is told at once."""

from __future__ import annotations

import ssl
from pathlib import Path


class UnusableCertificate(ValueError):
    """Certificate and key cannot be used; the text says which file and why."""


def server_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What to serve https and wss with, from PEM files; None where neither is named.

    :raises UnusableCertificate: one is missing, cannot be read, or they do not belong together.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise UnusableCertificate("--tls-cert and --tls-key go together: name both files")
    for path in (certificate, key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise UnusableCertificate(f"{path}: {error.strerror}") from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        # An empty password: rather an error than a question on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise UnusableCertificate(
            f"{certificate} and {key} are no certificate and its key, unencrypted, in PEM: {error}"
        ) from error
    return context
