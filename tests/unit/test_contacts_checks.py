"""System checks: each wrong setting is told by its id."""

from __future__ import annotations

from typing import Any

from django.core.checks import run_checks

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from contacts.checks import sqlite_problems

LAYER_IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
LAYER_REDIS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
SQLITE: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
IMMEDIATE = {"transaction_mode": "IMMEDIATE"}


class Configuration:
    """The settings of a production site with nothing wrong, to be spoilt one by one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.change(
            DEBUG=False,
            SECRET_KEY="k" * 50,
            TOKEN_ENCRYPTION_KEYS=[Fernet.generate_key().decode()],
            CONNECT_EVENTS_KEYS=["key"],
            CONNECT_EVENTS_SQS_URL="",
            CONNECT_ENDPOINT_URL="",
            CONNECT_INSTANCE_ID="i",
            CONNECT_CONTACT_FLOW_ID="f",
            CHANNEL_LAYERS=LAYER_REDIS,
        )

    def change(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.settings, name, value)

    def ids(self) -> set[str]:
        """Return the ids of what our checks report, but for the database, which is whatever the tests run on."""
        found = {problem.id or "" for problem in run_checks()}
        return {one for one in found if one.startswith("contacts.")} - {"contacts.W007"}


@pytest.fixture
def configuration_of_a_site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return Configuration(settings)


def test_site_with_nothing_wrong_reports_nothing(configuration_of_a_site: Configuration) -> None:
    """Should be silent."""
    assert configuration_of_a_site.ids() == set()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"TOKEN_ENCRYPTION_KEYS": ["short"]}, "contacts.E002"),
        ({"TOKEN_ENCRYPTION_KEYS": []}, "contacts.W002"),
        ({"CONNECT_EVENTS_KEYS": ["a", "b", "c"]}, "contacts.E003"),
        ({"CONNECT_EVENTS_KEYS": []}, "contacts.W003"),
        ({"CONNECT_EVENTS_SQS_URL": "my-queue"}, "contacts.E010"),
        ({"CONNECT_EVENTS_SQS_URL": "https://sqs.eu-west-2.amazonaws.com/"}, "contacts.E010"),
        ({"CONNECT_EVENTS_SQS_URL": "https://sqs.x.amazonaws.com/1/q.fifo"}, "contacts.E010"),
        ({"CONNECT_INSTANCE_ID": ""}, "contacts.W004"),
        ({"CONNECT_CONTACT_FLOW_ID": ""}, "contacts.W004"),
        ({"CONNECT_ENDPOINT_URL": "localhost:8100"}, "contacts.E005"),
        ({"CHANNEL_LAYERS": LAYER_IN_MEMORY}, "contacts.W008"),
    ],
)
def test_wrong_setting_is_told_by_its_id(
    configuration_of_a_site: Configuration, changes: dict[str, Any], problem: str
) -> None:
    """Should report what is wrong, and nothing else."""
    configuration_of_a_site.change(**changes)
    assert configuration_of_a_site.ids() == {problem}


def test_queue_of_events_makes_the_key_needless(configuration_of_a_site: Configuration) -> None:
    """Should be silent where events come from a queue alone."""
    queue = "https://sqs.eu-west-2.amazonaws.com/000000000000/contact-events"
    configuration_of_a_site.change(CONNECT_EVENTS_KEYS=[], CONNECT_EVENTS_SQS_URL=queue)
    assert configuration_of_a_site.ids() == set()


def test_public_secret_key_is_an_error_unless_debugging(
    configuration_of_a_site: Configuration, settings: Settings
) -> None:
    """Should let a developer's machine run without one."""
    configuration_of_a_site.change(SECRET_KEY=settings.INSECURE_SECRET_KEY)
    assert configuration_of_a_site.ids() == {"contacts.E001"}
    configuration_of_a_site.change(DEBUG=True)
    assert configuration_of_a_site.ids() == set()


@pytest.mark.parametrize(
    ("database", "debug", "problems"),
    [
        (SQLITE, False, {"contacts.E007", "contacts.W007"}),
        (SQLITE | {"OPTIONS": IMMEDIATE}, False, {"contacts.W007"}),
        (SQLITE | {"OPTIONS": IMMEDIATE}, True, set()),
        ({"ENGINE": "django.db.backends.postgresql"}, False, set()),
    ],
)
def test_sqlite_is_told_what_it_is_not_fit_for(
    database: dict[str, Any], debug: bool, problems: set[str]
) -> None:
    """Should warn in production, and refuse transactions that read before they lock."""
    assert {problem.id for problem in sqlite_problems(database, debug=debug)} == problems


def test_site_without_credentials_is_told(
    configuration_of_a_site: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should say so before the first customer finds out."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert configuration_of_a_site.ids() == {"contacts.E006"}
