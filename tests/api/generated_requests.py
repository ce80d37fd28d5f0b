"""Hooks of Schemathesis: what a description cannot say, so that generated requests get past the first question.

Loaded by `st run` in a process of its own, by the variable SCHEMATHESIS_HOOKS.
"""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Name the entry point that there is, wherever a text names one."""
    if isinstance(body, dict) and isinstance(body.get("entry_point"), str):
        return {**body, "entry_point": "demo"}
    return body


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    """Do the same of addresses."""
    if isinstance(query, dict) and isinstance(query.get("entry_point"), str):
        return {**query, "entry_point": "demo"}
    return query
