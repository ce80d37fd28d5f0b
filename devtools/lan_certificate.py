"""The certificate that `dev.py run --lan` shows, and the authority that signed it and nothing else.

    python -m devtools.lan_certificate FOLDER NAME…

The authority's key is forgotten as soon as it has signed: whoever trusts it trusts this one certificate. Runs in the
project's environment, for the sake of `cryptography`.
"""

from __future__ import annotations

import datetime
import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devtools.environment import write_private

LIFETIME = datetime.timedelta(days=397)
"""What browsers accept at most."""

RENEWED_BEFORE = datetime.timedelta(days=30)
_CLOCKS_DIFFER = datetime.timedelta(days=1)
_AUTHORITY = "Connect Video Portal, this network only"


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files: what a server shows, its key, and what clients are told to trust."""

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def in_folder(cls, folder: Path) -> CertificateFiles:
        return cls(folder / "certificate.pem", folder / "key.pem", folder / "authority.pem")


def ensure_certificate(
    folder: Path, names: Sequence[str], *, now: datetime.datetime
) -> CertificateFiles:
    """Return the certificate for `names` (IP addresses and host names), made anew if it is for others or near its end."""
    files = CertificateFiles.in_folder(folder)
    if not _serves(files, names, now):
        _make(files, names, now)
    return files


def _serves(files: CertificateFiles, names: Sequence[str], now: datetime.datetime) -> bool:
    try:
        files.key.open().close()
        files.authority.open().close()
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    return set(named) == set(_general(names)) and (
        now + RENEWED_BEFORE < certificate.not_valid_after_utc
    )


def _make(files: CertificateFiles, names: Sequence[str], now: datetime.datetime) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name(_AUTHORITY)
    authority = (
        _builder(issuer, issuer, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _builder(_name(names[0]), issuer, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    shown, trusted = (
        one.public_bytes(serialization.Encoding.PEM) for one in (certificate, authority)
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    files.certificate.unlink(
        missing_ok=True
    )  # written last: while it is missing, nothing here counts
    write_private(files.key, secret.decode())
    write_private(files.authority, trusted.decode())
    write_private(files.certificate, (shown + trusted).decode())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now - _CLOCKS_DIFFER + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general(names: Sequence[str]) -> list[x509.GeneralName]:
    general: list[x509.GeneralName] = []
    for name in names:
        try:
            general.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            general.append(x509.DNSName(name))
    return general


if __name__ == "__main__":
    today = datetime.datetime.now(datetime.UTC)  # noqa: TID251 (a command of its own)
    ensure_certificate(Path(sys.argv[1]), sys.argv[2:], now=today)
