"""The adapter to Amazon Connect, and the only importer of boto3: one cached client, typed results, one table of errors.

The embedded Connect and AWS differ only in endpoint and credentials. Knows nothing of rows or of HTTP towards us. Logs
operation, outcome, request id and duration; never a body, which may hold names or tokens.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.dispatch import receiver

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from contacts import errors
from contacts.facts import ContactFacts, moment_or_none

logger = logging.getLogger(__name__)

ERRORS: dict[str, type[errors.ConnectError]] = {
    "LimitExceededException": errors.ConnectCapacity,
    "ServiceQuotaExceededException": errors.ConnectCapacity,
    "ThrottlingException": errors.ConnectBusy,
    "TooManyRequestsException": errors.ConnectBusy,
    "InternalServiceException": errors.ConnectUnavailable,
    "InternalServerException": errors.ConnectUnavailable,
    "InvalidParameterException": errors.ConnectMisconfigured,
    "InvalidRequestException": errors.ConnectMisconfigured,
    "ResourceNotFoundException": errors.ConnectMisconfigured,
    "ContactFlowNotPublishedException": errors.ConnectMisconfigured,
    "ContactNotFoundException": errors.ConnectContactGone,
    "InvalidActiveRegionException": errors.ConnectWrongRegion,
    "AccessDeniedException": errors.ConnectForbidden,
    "ExpiredTokenException": errors.ConnectForbidden,
    "IncompleteSignatureException": errors.ConnectForbidden,
    "InvalidSignatureException": errors.ConnectForbidden,
    "MissingAuthenticationTokenException": errors.ConnectForbidden,
    "RequestExpired": errors.ConnectForbidden,
    "UnrecognizedClientException": errors.ConnectForbidden,
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one side may send besides sound."""

    video: bool
    screen_share: bool


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What StartWebRTCContact is asked."""

    instance_id: str
    contact_flow_id: str
    client_token: str
    display_name: str
    description: str
    attributes: Mapping[str, str]
    references: Mapping[str, tuple[str, str]]  # key -> type, value
    customer: Capabilities
    agent: Capabilities


@dataclass(frozen=True, slots=True)
class StartedContact:
    """What StartWebRTCContact answered. A repeated client token may bring the contact id alone."""

    contact_id: str
    participant_id: str
    participant_token: str
    connection: dict[str, Any] | None


def start_webrtc_contact(request: StartRequest) -> StartedContact:
    """Start a contact. The same client token never starts a second one.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    parameters: dict[str, Any] = {
        "InstanceId": request.instance_id,
        "ContactFlowId": request.contact_flow_id,
        "ClientToken": request.client_token,
        "ParticipantDetails": {"DisplayName": request.display_name},
        "AllowedCapabilities": {
            "Customer": _capabilities(request.customer),
            "Agent": _capabilities(request.agent),
        },
        "Attributes": dict(request.attributes),
        "References": {
            key: {"Type": kind, "Value": value}
            for key, (kind, value) in request.references.items()
        },
    }
    if request.description:
        parameters["Description"] = request.description
    reply = _ask("start_web_rtc_contact", parameters)
    if not reply.get("ContactId"):
        raise errors.ConnectUnavailable("StartWebRTCContact answered without a ContactId")
    return StartedContact(
        contact_id=reply["ContactId"],
        participant_id=reply.get("ParticipantId") or "",
        participant_token=reply.get("ParticipantToken") or "",
        connection=_connection(reply.get("ConnectionData")),
    )


def stop_contact(*, instance_id: str, contact_id: str) -> None:
    """End a contact.

    :raises ConnectContactGone: it was over already.
    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    try:
        _ask("stop_contact", {"InstanceId": instance_id, "ContactId": contact_id})
    except errors.ConnectMisconfigured as error:
        if error.args[0] == "ResourceNotFoundException":
            raise errors.ConnectContactGone(*error.args) from error
        raise


def describe_contact(*, instance_id: str, contact_id: str) -> ContactFacts:
    """Read what Amazon Connect knows of a contact.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    reply = _ask("describe_contact", {"InstanceId": instance_id, "ContactId": contact_id})
    contact: dict[str, Any] = reply.get("Contact") or {}
    agent: dict[str, Any] = contact.get("AgentInfo") or {}
    queue: dict[str, Any] = contact.get("QueueInfo") or {}
    return ContactFacts(
        queued_at=moment_or_none(queue.get("EnqueueTimestamp")),
        connected_at=moment_or_none(agent.get("ConnectedToAgentTimestamp")),
        ended_at=moment_or_none(contact.get("DisconnectTimestamp")),
        agent_id=str(agent.get("Id") or ""),
        disconnect_reason=str(contact.get("DisconnectReason") or ""),
    )


def prepare() -> None:
    """Build the client now rather than in the first customer's call."""
    _client()


def has_credentials() -> bool:
    """Whether boto3 finds credentials in any of the places it looks."""
    return boto3.session.Session().get_credentials() is not None


def _capabilities(capabilities: Capabilities) -> dict[str, str]:
    # "Not allowed" has no value of its own on the wire: the member is left out.
    wanted = {"Video": capabilities.video, "ScreenShare": capabilities.screen_share}
    return {member: "SEND" for member, allowed in wanted.items() if allowed}


def _connection(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return Meeting and Attendee as the Chime SDK takes them, or None if either is missing."""
    if not data or not data.get("Meeting") or not data.get("Attendee"):
        return None
    return {"Meeting": data["Meeting"], "Attendee": data["Attendee"]}


def _ask(method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Call one method of the client and translate what goes wrong."""
    if not connection.in_atomic_block:
        connection.close()  # back to the pool: slow answers must not starve pages and events
    started = time.monotonic()
    outcome, request_id = "ok", ""
    try:
        reply: dict[str, Any] = getattr(_client(), method)(**parameters)
        request_id = reply.get("ResponseMetadata", {}).get("RequestId", "")
    except ClientError as error:
        outcome = str(error.response.get("Error", {}).get("Code", ""))
        request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "")
        raise ERRORS.get(outcome, errors.ConnectUnavailable)(outcome) from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        outcome = type(error).__name__
        raise errors.ConnectForbidden(outcome) from None
    except ParamValidationError as error:
        outcome = type(error).__name__
        raise errors.ConnectMisconfigured(outcome) from None
    except BotoCoreError as error:
        outcome = type(error).__name__
        raise errors.ConnectUnavailable(outcome) from None
    finally:
        logger.info(
            "connect_call",
            extra={
                "operation": method,
                "outcome": outcome,
                "aws_request_id": request_id,
                "duration_ms": round((time.monotonic() - started) * 1000),
            },
        )
    return reply


@cache
def _client() -> Any:
    """Return the process's client: building one costs most of a second, calling it a millisecond."""
    return boto3.session.Session().client(
        "connect",
        region_name=settings.CONNECT_REGION,
        endpoint_url=settings.CONNECT_ENDPOINT_URL or None,
        config=Config(
            connect_timeout=settings.CONNECT_CONNECT_TIMEOUT_S,
            read_timeout=settings.CONNECT_READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": settings.CONNECT_ATTEMPTS},
            max_pool_connections=settings.CONNECT_POOL_SIZE,
            parameter_validation=True,
        ),
    )


@receiver(setting_changed)
def _forget_client(*, setting: str, **_: Any) -> None:
    if setting.startswith("CONNECT_"):
        _client.cache_clear()
