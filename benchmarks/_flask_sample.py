"""A peer: what one would otherwise write, in as many lines. Starts a contact and returns what the browser joins with; keeps nothing.

Run by `benchmarks._wsgi`, with packages that are not the project's.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import boto3
from botocore.config import Config
from flask import Flask, jsonify, request

application = Flask(__name__)
connect = boto3.client(
    "connect",
    endpoint_url=os.environ["CONNECT_ENDPOINT_URL"],
    region_name=os.environ["CONNECT_REGION"],
    config=Config(max_pool_connections=50),
)


@application.get("/healthz")
def healthz() -> str:
    """Say that it serves."""
    return "ok"


@application.post("/start/")
def start() -> Any:
    """Start a contact."""
    wish = request.get_json()
    answer = connect.start_web_rtc_contact(
        InstanceId=os.environ["CONNECT_INSTANCE_ID"],
        ContactFlowId=os.environ["CONNECT_CONTACT_FLOW_ID"],
        ClientToken=str(uuid.uuid4()),
        ParticipantDetails={"DisplayName": wish["name"]},
        Attributes=wish["attributes"],
        AllowedCapabilities={"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}},
    )
    return jsonify(connection=answer["ConnectionData"]), 201
