"""The API's description of itself, its page, and the committed copy that partners read."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.test import Client

import pytest

from contacts.api.compatibility import taken_away
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
    """Should be made anew with manage.py describe_api, and take nothing away from programs written for it."""
    committed = json.loads(COMMITTED.read_text())
    assert taken_away(committed, served) == []
    assert committed == served


CONTACT = "/api/v1/contacts/{contact_id}/"


def schema(api: Any, name: str) -> Any:
    return api["components"]["schemas"][name]


def drop(where: Any, name: str) -> None:
    del where[name]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda api: drop(api["paths"], CONTACT), f"GET {CONTACT} is gone"),
        (
            lambda api: drop(api["paths"][CONTACT]["get"]["responses"], "200"),
            f"GET {CONTACT} is not answered with 200",
        ),
        (
            lambda api: api["paths"][CONTACT]["get"].update(operationId="get_contact"),
            f"GET {CONTACT} is called get_contact, no longer read_contact",
        ),
        (
            lambda api: api["paths"][CONTACT]["get"]["parameters"].append(
                {"in": "query", "name": "why", "required": True, "schema": {"type": "string"}}
            ),
            f"GET {CONTACT} needs query why",
        ),
        (
            lambda api: api["paths"]["/api/v1/contacts/"]["get"].update(parameters=[]),
            "GET /api/v1/contacts/ takes no query agent",
        ),
        (
            lambda api: drop(schema(api, "StartCall")["properties"], "description"),
            "POST /api/v1/contacts/ takes no description",
        ),
        (
            lambda api: schema(api, "StartCall")["required"].append("name"),
            "POST /api/v1/contacts/ needs name",
        ),
        (
            lambda api: schema(api, "StartCall")["properties"]["name"].update(type="integer"),
            "POST /api/v1/contacts/ takes name as integer only",
        ),
        (
            lambda api: drop(schema(api, "Queue")["properties"], "position"),
            f"GET {CONTACT} tells no queue.position",
        ),
        (
            lambda api: schema(api, "ExpandedContact")["required"].remove("id"),
            f"GET {CONTACT} does not always tell id",
        ),
        (
            lambda api: schema(api, "ExpandedContact")["properties"]["version"].update(
                type=["integer", "null"]
            ),
            f"GET {CONTACT} tells version as integer, null",
        ),
    ],
)
def test_what_programs_would_miss_is_noticed(
    served: dict[str, Any], change: Any, told: str
) -> None:
    """Should be named."""
    changed = copy.deepcopy(served)
    change(changed)
    assert told in taken_away(served, changed)


def test_what_was_added_takes_nothing_away(served: dict[str, Any]) -> None:
    """Should be no matter to programs that do not know it."""
    changed = copy.deepcopy(served)
    changed["paths"]["/api/v1/more/"] = served["paths"][CONTACT]
    schema(changed, "StartCall")["properties"]["mood"] = {"type": "string"}
    schema(changed, "ExpandedContact")["properties"]["mood"] = {"type": "string"}
    assert taken_away(served, changed) == []


def test_promised_description_is_not_written_over(served: dict[str, Any], tmp_path: Path) -> None:
    """Should stay as it is while programs would miss something, unless that is wanted."""
    file = tmp_path / "openapi.json"
    more = {**served["paths"], "/api/v1/more/": served["paths"][CONTACT]}
    file.write_text(json.dumps({**served, "paths": more}))
    with pytest.raises(CommandError, match="GET /api/v1/more/ is gone"):
        call_command("describe_api", file=file)
    assert json.loads(file.read_text())["paths"] == more
    call_command("describe_api", file=file, breaking=True, stdout=io.StringIO())
    assert json.loads(file.read_text()) == served


def test_links_lead_from_what_begins_to_what_goes_on(served: dict[str, Any]) -> None:
    """Should take the id of a started contact to all that is below it, and name operations that there are."""
    links = served["paths"]["/api/v1/contacts/"]["post"]["responses"]["201"]["links"]
    assert links["end_call"]["parameters"] == {"contact_id": "$response.body#/id"}
    assert {"read_contact", "annotate_contact", "list_participants"} <= links.keys()
    assert "read_invitation" not in links
    known = {operation["operationId"] for _, operation in operations_of(served)}
    assert links.keys() <= known


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
        "request_reminder",
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
