"""The environment that the portal's processes get on a developer's machine.

Secrets are made once per clone and kept in `.dev/`, readable by their owner only. Knows the names of the
settings, not their use.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from devtools import paths

SECRETS = paths.STATE / "secrets.json"
LOCAL_CONNECT = {
    "AWS_ACCESS_KEY_ID": "localconnect",
    "AWS_SECRET_ACCESS_KEY": "localconnect-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "CONNECT_REGION": "us-east-1",
    "CONNECT_INSTANCE_ID": "11111111-1111-4111-8111-111111111111",
    "CONNECT_CONTACT_FLOW_ID": "22222222-2222-4222-8222-222222222222",
}
_FOREIGN_PREFIXES = ("AWS_", "CONNECT_")


def portal_environment(*, connect_url: str) -> dict[str, str]:
    """Return the environment of a portal that calls the localconnect at `connect_url`.

    DATABASE_URL and REDIS_URL of the caller's shell hold; its AWS account is kept out.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN_PREFIXES)}
    defaults = {
        "DATABASE_URL": f"sqlite:///{paths.DEMO_DATABASE}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
    }
    fixed = {"DEBUG": "true", "CONNECT_ENDPOINT_URL": connect_url}
    return defaults | kept | local_secrets() | LOCAL_CONNECT | fixed


def local_secrets() -> dict[str, str]:
    """Return this clone's own secrets, made on first use."""
    if not SECRETS.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "CONNECT_EVENTS_KEY": secrets.token_urlsafe(32),
            "TOKEN_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        write_private(SECRETS, json.dumps(made))
    loaded: dict[str, str] = json.loads(SECRETS.read_text())
    return loaded


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
