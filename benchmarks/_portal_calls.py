"""Calls through the portal as production has it: its settings, and a scripted agent that answers at once."""

from __future__ import annotations

import json
import urllib.request

from tests.servers import LocalConnect

AS_IN_PRODUCTION = {"DEBUG": "false", "SECURE_COOKIES": "false", "CALL_START_RATE": "1000/min"}
"""But for cookies over plain HTTP, and for one address that makes all the calls."""


def add_scripted_agent(connect: LocalConnect) -> None:
    """Have an agent with a moving picture who takes every call at once."""
    request = urllib.request.Request(
        f"{connect.url}/_local/agents",
        method="POST",
        data=json.dumps({"name": "Robin", "auto_answer_s": 0, "media": "pattern"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
