"""Reads the process environment for the settings: values, secrets from files, addresses.

It knows nothing of what the values mean. A secret may be given as `<NAME>` or, better, as `<NAME>_FILE`, the path of a
file that holds it, which is how container platforms hand secrets over.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tempfile
from collections.abc import Sequence
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
RATE = re.compile(
    r"(?P<operation>[A-Za-z0-9]+|\*)=(?P<rate>[0-9]+(\.[0-9]+)?):(?P<burst>[0-9]+(\.[0-9]+)?)"
)
# A database that comes back is noticed within `reconnect_timeout`; the pool's own five minutes end in pauses of one or two.
POSTGRES_POOL: dict[str, Any] = {
    "min_size": 0,
    "max_size": 20,
    "timeout": 3,
    "reconnect_timeout": 3,
}
# Counters that nobody may wait for. A Redis that hangs is given up at once; other threads of ours, which are there in great numbers
# when somebody floods us, are waited for: without the counters nobody would be turned away.
REDIS_CACHE: dict[str, Any] = {
    "socket_connect_timeout": 0.25,
    "socket_timeout": 0.25,
    "pool_class": "redis.BlockingConnectionPool",
    "max_connections": 50,
    "timeout": 5,
}


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
        config["CONN_HEALTH_CHECKS"] = True  # connections of before a restart are replaced unseen
        options = {"pool": dict(POSTGRES_POOL)} | options
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    config["OPTIONS"] = options
    return config


def read_rates(
    text: str, defaults: dict[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return rate and burst of each operation: the defaults, and what `text` says, as in `StartWebRTCContact=4:10,*=2:5`.

    :raises ImproperlyConfigured: it is written otherwise, a rate is not above 0, or a burst is below 1.
    """
    rates = dict(defaults)
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = RATE.fullmatch(entry)
        if not found or not float(found["rate"]) or float(found["burst"]) < 1:
            raise ImproperlyConfigured(
                f"CONNECT_RATES: {entry!r} is not Operation=rate:burst, as in StartWebRTCContact=4:10, "
                "with a rate above 0 a second and a burst of at least 1."
            )
        rates[found["operation"]] = (float(found["rate"]), float(found["burst"]))
    return rates


def read_networks(
    name: str, given: Sequence[str]
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks of the variable `name`, written as `10.0.0.0/8` or as one address.

    :raises ImproperlyConfigured: one is written otherwise.
    """
    try:
        return [ipaddress.ip_network(one.strip()) for one in given if one.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def read_address(text: str) -> tuple[str, int] | None:
    """Return host and port of `127.0.0.1:9101`; None of nothing.

    :raises ImproperlyConfigured: it is written otherwise.
    """
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ImproperlyConfigured(f"WORKER_METRICS_ADDRESS: {text!r} is not host:port.")
    return host, int(port)


def read_choice(name: str, default: str, choices: Sequence[str]) -> str:
    """Return which of the choices the variable `name` names.

    :raises ImproperlyConfigured: it names another.
    """
    given = os.environ.get(name, "").strip() or default
    if given not in choices:
        raise ImproperlyConfigured(f"{name}: {given!r} is none of {', '.join(choices)}.")
    return given


def read_pairs(name: str) -> dict[str, str]:
    """Return what the variable `name` maps to what, written as `one=Two,other=Three`.

    :raises ImproperlyConfigured: it is written otherwise.
    """
    pairs = {}
    for entry in filter(None, (part.strip() for part in os.environ.get(name, "").split(","))):
        key, _, value = (part.strip() for part in entry.rpartition("="))
        if not key or not value:
            raise ImproperlyConfigured(f"{name}: {entry!r} is not name=group.")
        pairs[key] = value
    return pairs


def media_origins(public_url: str) -> list[str]:
    """Return the origins the call page speaks to besides ours: of an embedded Connect, or of AWS if there is none."""
    if not public_url:
        return ["https://*.chime.aws", "wss://*.chime.aws"]
    endpoint = urlsplit(public_url)
    sockets = "wss" if endpoint.scheme == "https" else "ws"
    return [f"{endpoint.scheme}://{endpoint.netloc}", f"{sockets}://{endpoint.netloc}"]
