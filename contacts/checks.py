"""System checks: what is configured wrongly, with a stable id and what to do. Listed in docs/reference/system-checks.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from contacts import connect_credentials, event_queue
from contacts.sealing import key_problem
from contacts.staff_groups import GROUPS

KEY_HINT = "Generate one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


@register()
def check_secrets(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Report secrets that are missing or malformed."""
    return [*_secret_key(), *_encryption_keys(), *_events_keys()]


@register()
def check_connect(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Report what keeps the portal from talking to Amazon Connect."""
    return [*_connect_target(), *_connect_access(), *_events_queue()]


@register()
def check_stores(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Report stores that lose data or pushes."""
    database = settings.DATABASES["default"]
    return [*sqlite_problems(database, debug=settings.DEBUG), *_channel_layer()]


@register()
def check_provider(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Report what keeps the provider from signing staff in."""
    return list(_provider())


def _provider() -> Iterator[CheckMessage]:
    needed = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUPS")
    missing = [name for name in needed if not getattr(settings, name)]
    if 0 < len(missing) < len(needed):
        yield Error(
            f"Single sign-on is configured by half: {', '.join(missing)} is missing.",
            hint="Set all of them, or none: see docs/how-to/sign-in-of-staff.md.",
            id="contacts.E011",
        )
    if settings.STAFF_PASSWORDS == "superusers" and missing:
        yield Error(
            "STAFF_PASSWORDS leaves passwords to superusers, but nothing else signs the others in.",
            hint="Configure single sign-on, or set STAFF_PASSWORDS=all.",
            id="contacts.E012",
        )
    unknown = sorted(set(settings.OIDC_GROUPS.values()) - GROUPS.keys())
    if unknown:
        yield Error(
            f"OIDC_GROUPS names groups that there are not: {', '.join(unknown)}.",
            hint=f"Name some of {', '.join(GROUPS)}: call-desk=Supervisor,call-owners=Owner.",
            id="contacts.E013",
        )
    is_plain = settings.OIDC_ISSUER and not settings.OIDC_ISSUER.startswith("https://")
    if is_plain and not settings.DEBUG:
        yield Error(
            f"OIDC_ISSUER is not an https:// address: {settings.OIDC_ISSUER}",
            hint="Give the issuer as the provider's description has it.",
            id="contacts.E014",
        )


def _secret_key() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY and not settings.DEBUG:
        yield Error(
            "SECRET_KEY is the public default.",
            hint="Set SECRET_KEY or SECRET_KEY_FILE to 50 random characters; DEBUG=1 allows the default.",
            id="contacts.E001",
        )


def _encryption_keys() -> Iterator[CheckMessage]:
    for position, key in enumerate(settings.TOKEN_ENCRYPTION_KEYS, start=1):
        problem = key_problem(key)
        if problem:
            yield Error(
                f"Key {position} of TOKEN_ENCRYPTION_KEYS is {problem}.",
                hint=KEY_HINT,
                id="contacts.E002",
            )
    if not settings.TOKEN_ENCRYPTION_KEYS and not settings.DEBUG:
        yield Warning(
            "TOKEN_ENCRYPTION_KEYS is empty: stored connections are sealed with a key made from SECRET_KEY.",
            hint=KEY_HINT,
            id="contacts.W002",
        )


def _events_keys() -> Iterator[CheckMessage]:
    if not settings.CONNECT_EVENTS_KEYS and not settings.CONNECT_EVENTS_SQS_URL:
        yield Warning(
            "CONNECT_EVENTS_KEY is empty: every contact event is refused, so calls stay in their first state.",
            hint=(
                "Set it to a random secret, and send it as X-Events-Key from EventBridge's API destination; or set "
                "CONNECT_EVENTS_SQS_URL and run consume_contact_events."
            ),
            id="contacts.W003",
        )
    elif len(settings.CONNECT_EVENTS_KEYS) > 2:
        yield Error(
            "CONNECT_EVENTS_KEY holds more than two keys.",
            hint="Keep the old and the new one while rotating, then the new one alone.",
            id="contacts.E003",
        )


def _connect_target() -> Iterator[CheckMessage]:
    for name in ("CONNECT_INSTANCE_ID", "CONNECT_CONTACT_FLOW_ID"):
        if not getattr(settings, name):
            yield Warning(
                f"{name} is empty.",
                hint="Set it, unless every entry point names its own.",
                id="contacts.W004",
            )
    endpoint = settings.CONNECT_ENDPOINT_URL
    if endpoint and (
        urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).netloc
    ):
        yield Error(
            f"CONNECT_ENDPOINT_URL is no address: {endpoint}",
            hint="Give http://host:port of an embedded Connect, or leave it empty for AWS.",
            id="contacts.E005",
        )


def _connect_access() -> Iterator[CheckMessage]:
    if not connect_credentials.has_credentials():
        where = settings.CONNECT_ENDPOINT_URL or "AWS"
        yield Error(
            f"No AWS credentials were found, so calls cannot be started with Amazon Connect at {where}.",
            hint=(
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role. To try the "
                "portal without AWS, set CONNECT_ENDPOINT_URL to an embedded Connect (python3 dev.py run does)."
            ),
            id="contacts.E006",
        )


def _events_queue() -> Iterator[CheckMessage]:
    url = settings.CONNECT_EVENTS_SQS_URL
    problem = event_queue.url_problem(url) if url else None
    if problem:
        yield Error(
            f"CONNECT_EVENTS_SQS_URL is {problem}: {url}",
            hint="Give https://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE, the URL of a standard queue.",
            id="contacts.E010",
        )


def sqlite_problems(database: Mapping[str, Any], *, debug: bool) -> Iterator[CheckMessage]:
    """Say what a database's configuration lacks if it is SQLite."""
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return
    if database.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE":
        yield Error(
            "SQLite's transactions are not IMMEDIATE: concurrent calls fail with 'database is locked'.",
            hint="Remove transaction_mode from DATABASE_URL.",
            id="contacts.E007",
        )
    if not debug:
        yield Warning(
            "The database is SQLite, which serves one machine only.",
            hint="Set DATABASE_URL=postgres://… for more than one.",
            id="contacts.W007",
        )


def _channel_layer() -> Iterator[CheckMessage]:
    backend = str(settings.CHANNEL_LAYERS["default"]["BACKEND"])
    if backend.endswith("InMemoryChannelLayer") and not settings.DEBUG:
        yield Warning(
            "The channel layer is in memory: other processes' changes reach browsers after up to two seconds.",
            hint="Set REDIS_URL when more than one process serves.",
            id="contacts.W008",
        )
