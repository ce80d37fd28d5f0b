"""Reads the process environment for the settings: values, secrets from files, addresses.

It knows nothing of what the values mean. A secret may be given as `<NAME>` or, better, as `<NAME>_FILE`, the path of a
file that holds it, which is how container platforms hand secrets over.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

import environ

env = environ.Env()

SQLITE_OPTIONS: dict[str, Any] = {
    # A transaction that reads and then writes fails at once with "database is locked" in SQLite's default mode.
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
POSTGRES_POOL: dict[str, Any] = {"min_size": 0, "max_size": 20, "timeout": 5}


def read_secret(name: str, default: str = "") -> str:
    """Return the secret called `name`, from the file `<name>_FILE` names or from the variable itself.

    :raises ImproperlyConfigured: the file cannot be read, or both forms are given.
    """
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, default)
    if os.environ.get(name):
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read: {error}") from error


def read_database(default_path: Path) -> dict[str, Any]:
    """Return Django's description of the database of `DATABASE_URL`, by default SQLite at `default_path`.

    :raises ImproperlyConfigured: the address names neither SQLite nor PostgreSQL.
    """
    url = read_secret("DATABASE_URL") or f"sqlite:///{default_path}"
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    config["ATOMIC_REQUESTS"] = False
    options: dict[str, Any] = dict(config.get("OPTIONS", {}))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        options = SQLITE_OPTIONS | options
        # Tests use threads; an in-memory database would answer them "table is locked" without waiting.
        config["TEST"] = {
            "NAME": str(Path(tempfile.gettempdir(), f"video-portal-test-{os.getpid()}.sqlite3"))
        }
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # A pool keeps connections warm across threads; Django then wants no per-thread persistence.
        config["CONN_MAX_AGE"] = 0
        options = {"pool": dict(POSTGRES_POOL)} | options
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    config["OPTIONS"] = options
    return config


def media_origins(endpoint_url: str) -> list[str]:
    """Return the origins the call page speaks to besides ours: of an embedded Connect, or of AWS if there is none."""
    if not endpoint_url:
        return ["https://*.chime.aws", "wss://*.chime.aws"]
    endpoint = urlsplit(endpoint_url)
    sockets = "wss" if endpoint.scheme == "https" else "ws"
    return [f"{endpoint.scheme}://{endpoint.netloc}", f"{sockets}://{endpoint.netloc}"]
