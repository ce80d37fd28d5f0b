"""The API's description of itself, its page, and the committed copy that partners read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client

import pytest

from contacts.api.problems import KINDS

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture
def served(db: None) -> dict[str, Any]:
    """What the portal serves."""
    description: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return description


def operations_of(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield method and operation."""
    for methods in description["paths"].values():
        yield from methods.items()


def test_committed_description_is_what_is_served(served: dict[str, Any]) -> None:
    """Should be made anew with: manage.py spectacular --format openapi-json --file docs/reference/openapi.json."""
    assert json.loads(COMMITTED.read_text()) == served


def test_openapi_lists_every_operation(served: dict[str, Any]) -> None:
    """Should describe each operation with its answers."""
    operations = {one["operationId"]: set(one["responses"]) for _, one in operations_of(served)}
    assert {
        "start_call",
        "list_contacts",
        "annotate_contact",
        "erase_contact",
        "list_contact_events",
        "list_references",
        "list_surveys",
        "list_callbacks",
        "read_callback",
        "list_entry_points",
        "read_entry_point",
        "cancel_callback",
        "read_availability",
        "request_callback",
        "read_contact",
        "hand_over",
        "take_over",
        "end_call",
        "rejoin_call",
        "take_contact_event",
        "send_digits",
        "submit_survey",
        "list_invitations",
        "invite",
        "revoke_invitation",
        "list_participants",
        "add_participant",
        "accept_invitation",
        "read_guest",
        "admit_guest",
        "leave_call",
    } <= set(operations)
    assert {"201", "400", "409", "422", "429", "502", "503"} <= operations["start_call"]


def test_refusals_are_described_with_examples(served: dict[str, Any]) -> None:
    """Should show a problem document for each code that a status may have."""
    for _, operation in operations_of(served):
        for status, response in operation["responses"].items():
            if status < "400":
                continue
            content = response["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert content["examples"].keys() == {
                code for code, kind in KINDS.items() if str(kind.status) == status
            }
    examples = served["components"]["examples"]
    assert {code: one["value"]["status"] for code, one in examples.items()} == {
        code: kind.status for code, kind in KINDS.items()
    }


def test_what_keys_are_for_is_described(served: dict[str, Any]) -> None:
    """Should name the scope, the key's refusals and, of a POST, the idempotency key."""
    for method, operation in operations_of(served):
        if {"partner_key": []} not in operation.get("security", []):
            continue
        assert "Scope of a partner's key" in operation["description"]
        assert {"401", "403", "429"} <= operation["responses"].keys()
        named = {one["name"] for one in operation.get("parameters", [])}
        assert method != "post" or "Idempotency-Key" in named
    assert served["components"]["securitySchemes"]["partner_key"]["scheme"] == "bearer"


def test_page_comes_from_the_portal_alone(db: None) -> None:
    """Should name no other host, and have no script of its own inside."""
    reply = Client().get("/api/v1/docs/")
    page = reply.content.decode()
    assert reply.status_code == 200
    assert "//" not in page
    assert not re.search(r"<script(?![^>]*src=)|<style|style=| on\w+=", page)
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(files) == 4
    for file in files:
        assert finders.find(file) or file.startswith("dist/")


@pytest.mark.parametrize("code", KINDS)
def test_type_of_each_problem_is_a_page(db: None, code: str) -> None:
    """Should say what it means, and lead to the others."""
    reply = Client().get(f"/api/v1/problems/{code}/")
    assert reply["Content-Type"].startswith("text/html")
    assert f"<h1><code>{code}</code></h1>" in reply.content.decode()
