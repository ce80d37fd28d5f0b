"""A real localconnect, and the clients the conformance tests meet it with: boto3, raw HTTP, its control API."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from tests.servers import LocalConnect

UNLIMITED = {"rate": 100_000, "burst": 100_000}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from a raw request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        return self.headers.get("x-amzn-errortype")


class ControlApi:
    """`/_local/` of a running localconnect."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON answer; an answer other than 2xx raises HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_local/{path}", method=method, data=data, headers=headers
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def refusal(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        """The status of an answer that must not be 2xx."""
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.call(method, path, body, **headers)
        refused.value.close()
        return refused.value.code

    def contact(self, contact_id: str) -> dict[str, Any]:
        """A contact of the state."""
        contacts = self.call("GET", "state")["contacts"]
        return next(contact for contact in contacts if contact["id"] == contact_id)

    def wait_for_state(self, contact_id: str, state: str) -> dict[str, Any]:
        """The contact once it is in `state`."""
        return wait_for(lambda: (found := self.contact(contact_id))["state"] == state and found)

    def add_agent(self, *, auto_answer_s: float | None = 0, media: str = "none") -> str:
        """The id of a new scripted agent."""
        wish = {"name": "Scripted", "auto_answer_s": auto_answer_s, "media": media}
        return self.call("POST", "agents", wish)["id"]


class RawClient:
    """Signed requests built by hand, so that they can be wrong in every way."""

    def __init__(self, server: LocalConnect) -> None:
        self._server = server
        self._netloc = urlsplit(server.url).netloc

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """One request exactly as given, on a connection of its own."""
        connection = HTTPConnection(self._netloc, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            return _reply(connection.getresponse())
        finally:
            connection.close()

    def signed(self, method: str, path: str, body: Any = None, **changes: Any) -> Reply:
        """One request with a good signature; see `sign` for `changes`."""
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        return self.send(method, path, data, self.sign(method, path, data, **changes))

    def sign(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        secret: str = LocalConnect.secret_key,
        access_key: str = LocalConnect.access_key,
        region: str = LocalConnect.region,
        service: str = "connect",
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, str]:
        """The headers botocore would send."""
        request = AWSRequest(
            method,
            f"http://{self._netloc}{path}",
            data=body,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        SigV4Auth(Credentials(access_key, secret, token), service, region).add_auth(request)
        return dict(request.headers.items())


def _reply(response: HTTPResponse) -> Reply:
    return Reply(
        response.status,
        {name.lower(): value for name, value in response.getheaders()},
        response.read(),
    )


def wait_for(condition: Callable[[], Any], *, timeout_s: float = 30) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("It did not happen in time")


@pytest.fixture(scope="session")
def running_connect() -> Iterator[LocalConnect]:
    with LocalConnect().running() as server:
        yield server


@pytest.fixture
def control(running_connect: LocalConnect) -> ControlApi:
    """The control API of a server as good as new, without rate limits, whose contacts need no media."""
    api = ControlApi(running_connect.url)
    api.call("POST", "reset")
    limits = dict.fromkeys(api.call("GET", "settings")["rate_limits"], UNLIMITED)
    api.call("PATCH", "settings", {"rate_limits": limits, "flow_waits_for_media": False})
    return api


@pytest.fixture
def raw(running_connect: LocalConnect, control: ControlApi) -> RawClient:
    return RawClient(running_connect)


@pytest.fixture(scope="session")
def checked_client(running_connect: LocalConnect) -> Iterator[Any]:
    """A boto3 client without retries, every reply of which is held against the operation's output shape."""
    client = make_client(running_connect)
    client.meta.events.register("before-parse.connect.*", _check_reply)
    yield client
    client.close()


@pytest.fixture
def connect(checked_client: Any, control: ControlApi) -> Any:
    """The checked client, on a server as good as new."""
    return checked_client


@pytest.fixture(scope="session")
def checked_participant_client(running_connect: LocalConnect) -> Iterator[Any]:
    """A boto3 client of `connectparticipant` that signs nothing, every reply of which is checked."""
    client = boto3.client(
        "connectparticipant",
        endpoint_url=running_connect.url,
        region_name=running_connect.region,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-parse.connectparticipant.*", _check_reply)
    yield client
    client.close()


@pytest.fixture
def participant(checked_participant_client: Any, control: ControlApi) -> Any:
    """The checked client of `connectparticipant`, on a server as good as new."""
    return checked_participant_client


@pytest.fixture(scope="session")
def checked_sqs_client(running_connect: LocalConnect) -> Iterator[Any]:
    """A boto3 client of `sqs`, every reply of which is checked."""
    client = make_client(running_connect, service="sqs")
    client.meta.events.register("before-parse.sqs.*", _check_reply)
    yield client
    client.close()


@pytest.fixture
def sqs(checked_sqs_client: Any, control: ControlApi) -> Any:
    """The checked client of `sqs`, on a server as good as new."""
    return checked_sqs_client


def make_client(server: LocalConnect, *, service: str = "connect", **config: Any) -> Any:
    """A boto3 client of `service`."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(
            **{"retries": {"total_max_attempts": 1}, "max_pool_connections": 32, **config}
        ),
    )


def _check_reply(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    assert response_dict["headers"]["x-amzn-requestid"]
    if response_dict["status_code"] == 200 and operation_model.output_shape is not None:
        reply = json.loads(response_dict["body"])
        if operation_model.name.endswith("Batch"):
            reply = {"Successful": [], "Failed": [], **reply}  # required, and yet left out
        report = ParamValidator().validate(reply, operation_model.output_shape)
        assert not report.has_errors(), report.generate_report()


def start_request(**changes: Any) -> dict[str, Any]:
    """Parameters of a StartWebRTCContact that succeeds, with `changes`."""
    return {
        "InstanceId": LocalConnect.instance_id,
        "ContactFlowId": LocalConnect.contact_flow_id,
        "ParticipantDetails": {"DisplayName": "Ana"},
        **changes,
    }


def start(connect: Any, **changes: Any) -> str:
    """The id of a new contact."""
    contact_id: str = connect.start_web_rtc_contact(**start_request(**changes))["ContactId"]
    return contact_id


def start_connected(connect: Any, control: ControlApi, **changes: Any) -> str:
    """The id of a new contact that a scripted agent without media has answered."""
    control.add_agent()
    contact_id = start(connect, **changes)
    control.wait_for_state(contact_id, "connected")
    return contact_id
