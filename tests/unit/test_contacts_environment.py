"""How the settings are read from the environment."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

import pytest

from portal.environment import media_origins, read_database, read_rates, read_secret


def test_secret_is_read_from_the_variable_or_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should take either form, without the file's last line break."""
    monkeypatch.setenv("A_SECRET", "from the variable")
    assert read_secret("A_SECRET") == "from the variable"

    monkeypatch.delenv("A_SECRET")
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert read_secret("A_SECRET") == "from the file"


def test_secret_that_cannot_be_read_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should not go on with an empty secret, nor guess which of two is meant."""
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="A_SECRET_FILE"):
        read_secret("A_SECRET")

    monkeypatch.setenv("A_SECRET", "x")
    with pytest.raises(ImproperlyConfigured, match="not both"):
        read_secret("A_SECRET")


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("", "django.db.backends.sqlite3"),
        ("sqlite:////tmp/x.sqlite3", "django.db.backends.sqlite3"),
        ("postgres://u:p@h:5432/n", "django.db.backends.postgresql"),
    ],
)
def test_database_has_what_its_engine_needs(
    url: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should lock early on SQLite, and pool on PostgreSQL."""
    monkeypatch.setenv("DATABASE_URL", url)
    config = read_database(Path("/tmp/default.sqlite3"))
    assert config["ENGINE"] == engine
    assert config["ATOMIC_REQUESTS"] is False
    needed = {"transaction_mode", "init_command"} if "sqlite" in engine else {"pool"}
    assert needed <= set(config["OPTIONS"])


def test_database_of_another_kind_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should say which kinds there are."""
    monkeypatch.setenv("DATABASE_URL", "mysql://u:p@h/n")
    with pytest.raises(ImproperlyConfigured, match="sqlite"):
        read_database(Path("/tmp/default.sqlite3"))


@pytest.mark.parametrize(
    ("endpoint", "origins"),
    [
        ("", ["https://*.chime.aws", "wss://*.chime.aws"]),
        ("http://127.0.0.1:8100", ["http://127.0.0.1:8100", "ws://127.0.0.1:8100"]),
        ("https://connect.example", ["https://connect.example", "wss://connect.example"]),
    ],
)
def test_media_origins_follow_the_endpoint(endpoint: str, origins: list[str]) -> None:
    """Should let the page reach signalling as securely as the endpoint is reached."""
    assert media_origins(endpoint) == origins


def test_rates_add_to_the_defaults() -> None:
    """Should change those that are named, and keep the others."""
    defaults = {"*": (2.0, 5.0), "StopContact": (10.0, 15.0)}
    assert read_rates("", defaults) == defaults
    assert read_rates("StartWebRTCContact=4:10, *=0.5:1", defaults) == {
        "*": (0.5, 1.0),
        "StopContact": (10.0, 15.0),
        "StartWebRTCContact": (4.0, 10.0),
    }


@pytest.mark.parametrize(
    "text", ["StopContact", "A=1", "A=0:5", "A=1:0.5", "A=-1:5", "A=1:5;B=1:5"]
)
def test_rates_that_cannot_be_read_stop_the_start(text: str) -> None:
    """Should say how they are written."""
    with pytest.raises(ImproperlyConfigured, match="Operation=rate:burst"):
        read_rates(text, {"*": (2, 5)})
