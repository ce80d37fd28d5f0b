"""Links of the API's description: what an answer tells that other operations take, such as the id of a started contact."""

from __future__ import annotations

import re
from typing import Any

# By operation: which of its answers, and where each parameter of a path is found in it or in its request.
TOLD: dict[str, tuple[str, dict[str, str]]] = {
    "start_call": ("201", {"contact_id": "$response.body#/id"}),
    "list_contacts": ("200", {"contact_id": "$response.body#/data/0/id"}),
    "invite": (
        "201",
        {"contact_id": "$request.path.contact_id", "invitation_id": "$response.body#/id"},
    ),
    "list_participants": (
        "200",
        {
            "contact_id": "$request.path.contact_id",
            "participant_id": "$response.body#/data/0/id",
        },
    ),
    "request_callback": ("201", {"callback_id": "$response.body#/id"}),
    "make_entry_point": ("201", {"slug": "$response.body#/slug"}),
}
PARAMETER = re.compile(r"{(\w+)}")


def add_links(paths: dict[str, dict[str, Any]]) -> None:
    """Add to each answer of `TOLD` a link to every operation below what it tells of."""
    operations = {
        operation["operationId"]: (path, operation)
        for path, methods in paths.items()
        for operation in methods.values()
    }
    for name, (status, told) in TOLD.items():
        newest = list(told)[-1]
        links = {
            target: {
                "operationId": target,
                "parameters": {one: told[one] for one in PARAMETER.findall(path)},
            }
            for target, (path, _) in operations.items()
            if newest in (wanted := PARAMETER.findall(path)) and set(wanted) <= told.keys()
        }
        operations[name][1]["responses"][status]["links"] = links
