"""The certificate of `dev.py run --lan`: whose it is, who may read its key, when it is made anew."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509

from devtools.lan_certificate import LIFETIME, ensure_certificate

NOW = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
NAMES = ["192.0.2.7", "laptop", "fd00::7"]


def test_names_and_permissions(tmp_path: Path) -> None:
    """Should name every address and host, be readable by its owner alone, and keep no authority's key."""
    files = ensure_certificate(tmp_path / "lan", NAMES, now=NOW)
    leaf, signer = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    san = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert sorted(str(name.value) for name in san) == sorted(NAMES)
    assert signer == x509.load_pem_x509_certificate(files.authority.read_bytes())
    leaf.verify_directly_issued_by(signer)
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert files.key.read_text().count("PRIVATE KEY") == 2
    assert {path.name for path in (tmp_path / "lan").iterdir()} == {
        "certificate.pem",
        "key.pem",
        "authority.pem",
    }


def test_kept_while_it_fits(tmp_path: Path) -> None:
    """Should stay the same for the same names in any order: a phone has accepted it."""
    first = ensure_certificate(tmp_path, NAMES, now=NOW).certificate.read_bytes()
    later = NOW + datetime.timedelta(days=300)
    again = ensure_certificate(tmp_path, list(reversed(NAMES)), now=later)
    assert again.certificate.read_bytes() == first


def test_made_anew_when_it_does_not(tmp_path: Path) -> None:
    """Should follow a change of addresses, its coming end, and damage."""
    seen = {ensure_certificate(tmp_path, NAMES, now=NOW).certificate.read_bytes()}
    seen.add(ensure_certificate(tmp_path, ["192.0.2.8"], now=NOW).certificate.read_bytes())
    near_its_end = NOW + LIFETIME - datetime.timedelta(days=10)
    files = ensure_certificate(tmp_path, ["192.0.2.8"], now=near_its_end)
    seen.add(files.certificate.read_bytes())
    files.key.unlink()
    ensure_certificate(tmp_path, ["192.0.2.8"], now=near_its_end)
    seen.add(files.certificate.read_bytes())
    files.certificate.write_text("no certificate")
    ensure_certificate(tmp_path, ["192.0.2.8"], now=near_its_end)
    seen.add(files.certificate.read_bytes())
    assert len(seen) == 5
