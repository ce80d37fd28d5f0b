"""The AWS CLI: one process for each request, as people and scripts use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import xform_name

_ERROR = re.compile(
    r"An error occurred \((?P<code>[\w.]+)\) when calling the \w+ operation"
    r"(?: \(reached max retries: \d+\))?: "
)
_CONFIG = """\
[default]
cli_timestamp_format = iso8601
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How one command ended."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The program `aws` with a configuration of its own, so that nobody's account is met."""

    program: Path
    home: Path

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request; see `client.py`."""
        pages = request.get("pages")
        parameters = json.dumps(_with_iso_dates(request["parameters"]))
        name = xform_name(request["operation"], "-")
        options = ["--page-size", str(pages["size"])] if pages else ["--no-paginate"]
        ran = self.run(
            request["setup"],
            *(request["service"], name, "--cli-input-json", parameters, *options),
        )
        if ran.status:
            return {"error": _described(ran)}
        result = json.loads(ran.output) if ran.output.strip() else {}
        return {"result": result[pages["key"]] if pages else result}

    def run(self, setup: dict[str, Any], *arguments: str) -> Ran:
        """How `aws <arguments>` ends against the server of `setup`."""
        config = self.home / "config"
        config.write_text(_CONFIG)
        signing = [] if setup["access_key"] else ["--no-sign-request"]
        done = subprocess.run(
            [self.program, *arguments, "--endpoint-url", setup["url"], *signing],
            env=_environment(setup) | {"AWS_CONFIG_FILE": str(config), "HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


def _environment(setup: dict[str, Any]) -> dict[str, str]:
    names = {
        "AWS_ACCESS_KEY_ID": setup["access_key"],
        "AWS_SECRET_ACCESS_KEY": setup["secret_key"],
        "AWS_SESSION_TOKEN": setup["session_token"],
        "AWS_DEFAULT_REGION": setup["region"],
        "AWS_MAX_ATTEMPTS": str(setup["attempts"]),
        "AWS_RETRY_MODE": "standard",
        "AWS_DEFAULT_OUTPUT": "json",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {name: value for name, value in names.items() if value is not None}


def _described(ran: Ran) -> dict[str, Any]:
    text = ran.errors.strip()
    told = _ERROR.search(text)
    if told is None:
        return {"code": f"exit status {ran.status}", "message": text}
    return {"code": told["code"], "message": text[told.end() :]}


def _with_iso_dates(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$date"}:
            return value["$date"]
        return {key: _with_iso_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_iso_dates(item) for item in value]
    return value
