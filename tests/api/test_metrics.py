"""Metrics: who may read them, that they count what happened, and that docs and dashboard name those there are."""

from __future__ import annotations

import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.test import Client
from django.utils import timezone

import pytest
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings
from structlog.stdlib import ProcessorFormatter

from contacts import metrics_page, metrics_server
from contacts.models import EntryPoint
from portal.environment import read_networks
from portal.logs import logging_of
from tests.contacts_world import Customer, control
from tests.servers import LocalConnect, free_port

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "token-of-the-metrics"
STARTS, CALL = "/api/v1/contacts/", {"entry_point": "support", "name": "Ana"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def figures() -> dict[str, float]:
    """What is shown now: each sample by its name and labels."""
    families = text_string_to_metric_families(metrics_page.page().decode())
    return {
        " ".join([one.name, *(f"{k}={v}" for k, v in sorted(one.labels.items()))]): one.value
        for family in families
        for one in family.samples
    }


def known_names() -> set[str]:
    """Every metric of ours as Prometheus names it, without the suffixes of histograms."""
    text = metrics_page.page().decode()
    return set(re.findall(r"^# TYPE (portal_\w+)", text, re.MULTILINE))


@pytest.mark.django_db
def test_metrics_are_for_who_has_the_token(settings: Settings) -> None:
    """Should be no page at all for anybody else, nor without a setting."""
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 404
    reply = Client().get("/metrics", headers=BEARER)
    assert reply.status_code == 200
    assert reply["Cache-Control"] == "no-store"
    assert b"portal_http_requests_total" in reply.content


@pytest.mark.django_db
def test_metrics_are_for_who_is_in_a_network(settings: Settings) -> None:
    """Should believe a forwarded address only from proxies that there are."""
    settings.METRICS_NETWORKS = read_networks("METRICS_NETWORKS", ["10.0.0.0/8", "2001:db8::/32"])
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="::ffff:10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="2001:db8::1").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.1").get("/metrics").status_code == 404
    forged = Client(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="10.1.2.3")
    assert forged.get("/metrics").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_call_is_counted(
    customer: Customer, connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should count its states, its requests to Amazon Connect, and the requests that were made of us."""
    before = figures()
    call = customer.post(STARTS, CALL).json()
    assert Client().get(f"/nothing-there/{call['id']}").status_code == 404
    after = figures()

    def more(sample: str) -> float:
        return after[sample] - before.get(sample, 0)

    assert more("portal_call_states_total state=initiated") == 1
    assert more("portal_call_start_seconds_count") == 1
    assert more("portal_connect_requests_total operation=StartWebRTCContact outcome=ok") == 1
    assert more("portal_connect_request_seconds_count operation=StartWebRTCContact") == 1
    assert more("portal_http_requests_total method=POST route=contact-list status=201") == 1
    assert more("portal_http_requests_total method=GET route=none status=404") == 1
    assert after["portal_calls_open state=initiated"] == 1
    assert call["id"] not in "".join(after)


@pytest.mark.django_db(transaction=True)
def test_what_failed_is_counted_by_its_code(
    customer: Customer, connect: LocalConnect, entry_point: EntryPoint
) -> None:
    """Should count the failure, and under `other` what AWS has not told us of."""
    fault = {"operation": "StartWebRTCContact", "error": "LimitExceededException", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    before = figures()
    assert customer.post(STARTS, CALL).status_code == 503
    after = figures()
    for sample in (
        "portal_call_failures_total code=capacity",
        "portal_connect_requests_total operation=StartWebRTCContact outcome=LimitExceededException",
    ):
        assert after[sample] - before.get(sample, 0) == 1


@pytest.mark.django_db
def test_a_strange_method_adds_no_label() -> None:
    """Should count whatever strangers invent as one."""
    for method in ("BREW", "WHEN"):
        Client().generic(method, "/healthz")
    assert not [sample for sample in figures() if "BREW" in sample or "WHEN" in sample]


@pytest.fixture
def at_worker(settings: Settings) -> Iterator[str]:
    """The address of a worker's metrics."""
    settings.WORKER_METRICS_ADDRESS = ("127.0.0.1", free_port())
    settings.METRICS_TOKEN = TOKEN
    host, port = settings.WORKER_METRICS_ADDRESS
    ends = metrics_server.begin()
    yield f"http://{host}:{port}/metrics"
    assert ends is not None
    ends()


@pytest.mark.django_db(transaction=True)
def test_worker_shows_its_own(at_worker: str) -> None:
    """Should keep to the same rule of who may read."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(at_worker, timeout=10)
    with refused.value:
        assert refused.value.code == 404
    with urllib.request.urlopen(urllib.request.Request(at_worker, headers=BEARER)) as reply:
        assert b"portal_tasks_due" in reply.read()


@pytest.mark.django_db
def test_every_metric_is_documented() -> None:
    """Should have one line per metric."""
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    assert set(re.findall(r"^\| `(portal_\w+)`", page, re.MULTILINE)) == known_names()


@pytest.mark.django_db
def test_dashboard_names_metrics_that_there_are() -> None:
    """Should show each metric, and ask for none that nobody has; nor for labels that it lacks."""
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "portal.json").read_text())
    asked = " ".join(
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    )
    names = {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"portal_\w+", asked)
    }
    assert names == known_names()


@pytest.mark.django_db(transaction=True)
def test_lines_of_a_call_name_its_contact_and_its_request(
    customer: Customer,
    connect: LocalConnect,
    entry_point: EntryPoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Should tell of each request to Amazon Connect for which contact, and for whose request, it was made."""
    form = dict(logging_of(level="INFO", readable=False)["formatters"]["structured"])
    formatter = form.pop("()")(**form)
    assert isinstance(formatter, ProcessorFormatter)
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    kept, logger = Kept(), logging.getLogger("contacts")
    logger.addHandler(kept)
    with caplog.at_level(logging.INFO, logger="contacts"):
        try:
            started = customer.post(STARTS, CALL)
            customer.post(f"/api/v1/contacts/{started.json()['id']}/end/", {})
        finally:
            logger.removeHandler(kept)
    asked = [json.loads(line) for line in lines if "connect_call" in line]
    assert {one["operation"] for one in asked} == {"start_web_rtc_contact", "stop_contact"}
    assert {one["contact"] for one in asked} == {started.json()["id"]}
    assert all(one["request_id"] for one in asked)
    token = started.json()["connection"]["Attendee"]["JoinToken"]
    assert token not in "".join(lines)


@pytest.mark.django_db(transaction=True)
def test_task_that_waits_is_told_of() -> None:
    """Should measure from when it was to be run."""
    at = timezone.now()
    soon = at + timedelta(seconds=60)
    assert figures()["portal_task_wait_seconds"] == 0
    kept = {"task_path": "x", "backend_name": "default", "args_kwargs": {}}
    DBTaskResult.objects.create(run_after=get_date_max(), **kept)
    DBTaskResult.objects.create(run_after=soon, **kept)
    long_ago = DBTaskResult.objects.create(run_after=at - timedelta(seconds=90), **kept)
    assert figures()["portal_tasks_due"] == 2
    assert 90 <= figures()["portal_task_wait_seconds"] < 150
    long_ago.delete()
    assert figures()["portal_task_wait_seconds"] < 60
