"""boto3, of whichever version runs this: in the tests' own process, or as a program that speaks JSON lines.

Imports nothing of the project, since as a program it runs in an environment that holds an old boto3 alone.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import boto3
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

_clients: dict[str, Any] = {}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The reply to one request; see `client.py`."""
    client = _client(request["setup"], request["service"])
    parameters = _with_dates(request["parameters"])
    try:
        if "pages" in request:
            result = _collected(client, request["operation"], parameters, **request["pages"])
        else:
            result = getattr(client, xform_name(request["operation"]))(**parameters)
            result.pop("ResponseMetadata")
    except ClientError as error:
        return {"error": _described(error)}
    except (BotoCoreError, ResponseParserError) as error:
        return {"error": {"code": type(error).__name__, "message": str(error)}}
    return {"result": json.loads(json.dumps(result, default=_date))}


def main() -> None:
    """Answer the requests on standard input until it ends."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201 - it is the protocol


def _client(setup: dict[str, Any], service: str) -> Any:
    key = json.dumps([setup, service])
    if key not in _clients:
        signed: dict[str, Any] = {} if setup["access_key"] else {"signature_version": UNSIGNED}
        retries = {"mode": "standard", "total_max_attempts": setup["attempts"]}
        _clients[key] = boto3.client(
            service,
            endpoint_url=setup["url"],
            region_name=setup["region"],
            aws_access_key_id=setup["access_key"],
            aws_secret_access_key=setup["secret_key"] if setup["access_key"] else None,
            aws_session_token=setup["session_token"],
            config=Config(retries=retries, **signed),
        )
    return _clients[key]


def _collected(
    client: Any, operation: str, parameters: dict[str, Any], *, key: str, size: int
) -> list[Any]:
    paginator = client.get_paginator(xform_name(operation))
    pages = paginator.paginate(**parameters, PaginationConfig={"PageSize": size})
    return [entry for page in pages for entry in page[key]]


def _described(error: ClientError) -> dict[str, Any]:
    metadata = error.response["ResponseMetadata"]
    return {
        "code": error.response["Error"]["Code"],
        "message": error.response["Error"]["Message"],
        "status": metadata["HTTPStatusCode"],
        "request_id": metadata.get("RequestId"),
    }


def _with_dates(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$date"}:
            return datetime.fromisoformat(value["$date"])
        return {key: _with_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_dates(item) for item in value]
    return value


def _date(value: datetime) -> dict[str, str]:
    return {"$date": value.isoformat()}


if __name__ == "__main__":
    main()
