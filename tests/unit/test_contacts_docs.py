"""The reference pages list what the code has, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contacts.choices import PartnerEventType
from partners.models.partner_events import TEST

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def first_cells(page: str) -> list[str]:
    """Return what stands in backquotes in the first column of a page's tables."""
    return re.findall(r"^\| `([^`]+)`", (REFERENCE / page).read_text(), re.MULTILINE)


def test_every_setting_is_documented() -> None:
    """Should have one line per variable that the settings read."""
    source = (ROOT / "portal" / "settings.py").read_text()
    source += (ROOT / "portal" / "environment.py").read_text()
    read = set(
        re.findall(r'(?:env\.\w+|read_secret|read_choice|read_pairs)\(\s*"([A-Z_]+)"', source)
    )
    documented = first_cells("settings.md")
    assert set(documented) == read
    assert len(documented) == len(set(documented))


def test_every_secret_may_come_from_a_file() -> None:
    """Should mark in the reference exactly those read as secrets."""
    source = (ROOT / "portal" / "settings.py").read_text()
    source += (ROOT / "portal" / "environment.py").read_text()
    secrets = set(re.findall(r'read_secret\(\s*"([A-Z_]+)"', source))
    page = (REFERENCE / "settings.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` 🔑", page, re.MULTILINE)) == secrets


def test_every_system_check_is_documented() -> None:
    """Should have one line per id."""
    source = (ROOT / "contacts" / "checks.py").read_text()
    ids = set(re.findall(r'id="(contacts\.[EW]\d+)"', source))
    assert set(first_cells("system-checks.md")) == ids


def test_every_event_is_documented() -> None:
    """Should have one line per type, that of tests included."""
    assert sorted(first_cells("events.md")) == sorted([*PartnerEventType.values, TEST])


def test_every_fault_names_its_tests_or_says_why_there_is_none() -> None:
    """Should list F1 to F46 once each, with tests that exist."""
    rows = re.findall(
        r"^\| F(\d+) \|.*\| ([^|]*) \|$", (REFERENCE / "faults.md").read_text(), re.M
    )
    assert [int(number) for number, _ in rows] == list(range(1, 47))
    for number, tests in rows:
        named = re.findall(r"`(tests/[^`:]+)::([^`]+)`", tests)
        assert bool(named) != tests.startswith("Not yet"), f"F{number}"
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text(), f"F{number}: {path}::{name}"


@pytest.mark.parametrize("page", ["explanation/threat-model.md", "reference/asvs.md"])
def test_security_pages_name_tests_and_files_that_there_are(page: str) -> None:
    """Should rest on evidence that exists."""
    text = (ROOT / "docs" / page).read_text()
    for path, name in re.findall(r"`(tests/[^`:]+)::([^`]+)`", text):
        assert f"def {name}(" in (ROOT / path).read_text(), f"{path}::{name}"
    for path in re.findall(r"`((?:tests|contacts|portal|deploy)/[\w./-]+\.\w+)`", text):
        assert (ROOT / path).is_file(), path


def test_every_threat_names_its_test() -> None:
    """Should leave no row of the threat model to belief."""
    page = (ROOT / "docs" / "explanation" / "threat-model.md").read_text()
    rows = re.findall(r"^\| [STRIDE] \|.*$", page, re.MULTILINE)
    assert len(rows) > 30
    assert not [row for row in rows if "::" not in row]
    assert {row[2] for row in rows} == set("STRIDE")
