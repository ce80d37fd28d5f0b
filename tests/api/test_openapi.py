"""The API's description of itself."""

from __future__ import annotations

from django.test import Client


def test_openapi_lists_every_operation(db: None) -> None:
    """Should describe each operation with its answers."""
    schema = Client().get("/api/v1/openapi.json").json()
    operations = {
        operation["operationId"]: set(operation["responses"])
        for methods in schema["paths"].values()
        for operation in methods.values()
    }
    assert set(operations) == {
        "start_call",
        "cancel_callback",
        "read_availability",
        "request_callback",
        "read_contact",
        "erase_contact",
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
    }
    assert {"201", "400", "409", "422", "429", "502", "503"} <= operations["start_call"]
