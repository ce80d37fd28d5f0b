"""The servers and browsers of the end-to-end tests.

The servers live as long as the run, browsers as long as the test that asks for them. Every test starts
with an empty contact centre and fails when a page complained.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.both_servers import both_servers
from tests.e2e.browsers import CHROMIUM
from tests.e2e.crowd import Crowd, Stack
from tests.servers import LocalConnect

PICTURES = Path("test-results")
_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know whether the test failed."""
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start localconnect and the portal, on the database and Redis of the environment, if it names some."""
    with both_servers() as (connect, portal):
        yield Stack(connect, portal)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start Playwright's driver: it keeps an event loop in this thread, so only while a module needs it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def crowd(stack: Stack, playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    """Let people take part, and see that no page complained."""
    _reset(stack.connect)
    people = Crowd(stack, playwright)
    yield people
    problems = people.problems()
    if request.node.stash.get(_failed, False):
        people.keep_pictures(PICTURES, request.node.name)
        request.node.add_report_section("teardown", "servers", stack.log_tails())
        request.node.add_report_section("teardown", "pages", "\n".join(problems))
    people.close()
    assert not problems


def _reset(connect: LocalConnect) -> None:
    request = urllib.request.Request(f"{connect.url}/_local/reset", method="POST", data=b"{}")
    with urllib.request.urlopen(request, timeout=10):
        pass
