"""The client of Amazon Connect: one for the process, guarded requests, one table of errors. Only contacts.connect* use it.

Knows nothing of rows or of what is asked. Logs operation, outcome, request id and duration; never a body, which may hold
names or tokens.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.dispatch import receiver

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from contacts import connect_credentials, errors, metrics, spans, turns
from contacts.connect_answers import bound_answers
from contacts.connect_credentials import skew_told_by
from contacts.connect_guards import guarded

logger = logging.getLogger(__name__)

# The two services, by their names in botocore.
CONTACTS, PARTICIPANTS = "connect", "connectparticipant"

AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")

FIRST_PAUSE_S = 0.5  # at most, before the second attempt; doubled before each further one
LONGEST_PAUSE_S = 1.5  # of one attempt's share: the pause before it, and our own work around it

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
    "ValidationException": errors.ConnectMisconfigured,
    "ContactFlowNotPublishedException": errors.ConnectMisconfigured,
    "ConflictException": errors.ConnectConflict,
    "ContactNotFoundException": errors.ConnectContactGone,
    "InvalidActiveRegionException": errors.ConnectWrongRegion,
    "AccessDeniedException": errors.ConnectForbidden,
    "ExpiredTokenException": errors.ConnectUnauthenticated,
    "IncompleteSignatureException": errors.ConnectUnauthenticated,
    "InvalidSignatureException": errors.ConnectUnauthenticated,
    "MissingAuthenticationTokenException": errors.ConnectUnauthenticated,
    "RequestExpired": errors.ConnectUnauthenticated,
    "UnrecognizedClientException": errors.ConnectUnauthenticated,
}


# Time ran out, or the connection broke, after the request had been sent; or the answer was no whole one.
UNANSWERED = (HTTPClientError, IncompleteReadError, ResponseParserError)
# What an attempt is counted as; Amazon Connect may invent other codes, and a metric's labels must not grow with them.
COUNTED = frozenset(
    {
        "ok",
        *ERRORS,
        "NoCredentialsError",
        "PartialCredentialsError",
        "ParamValidationError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ConnectionClosedError",
        "ReadTimeoutError",
        "IncompleteReadError",
        "ResponseParserError",
        "HTTPClientError",
    }
)


def ask(
    method: str, parameters: dict[str, Any], *, service: str = CONTACTS, wants: str = ""
) -> dict[str, Any]:
    """Call one method of a service's client, if the guards let it. An answer without the member `wants` is none.

    :raises ConnectError: Amazon Connect refused, failed or did not answer in time.
    """
    with guarded(_client(service).meta.method_to_api_mapping[method]):
        if not connection.in_atomic_block:
            connection.close()  # back to the pool: slow answers must not starve pages and events
        with turns.given_back():
            return _insist(service, method, parameters, wants)


def prepare() -> None:
    """Build the clients now rather than in the first customer's call."""
    for service in (CONTACTS, PARTICIPANTS):
        _client(service)


def is_simulated() -> bool:
    """Whether no real contact centre is asked. Addresses of Amazon's, private ones too, are those of real ones."""
    host = urlsplit(settings.CONNECT_ENDPOINT_URL or "").hostname or ""
    return bool(host) and not f".{host}".endswith(AMAZON)


def longest_request_s() -> float:
    """Return the seconds after which a request has been answered or given up, with all its attempts and their pauses.

    It is the time of two attempts that get no answer; a third one is made only if those before it were refused quickly.
    """
    attempts = min(settings.CONNECT_ATTEMPTS, 2)
    return float(attempts * (_longest_attempt_s() + LONGEST_PAUSE_S))


def _longest_attempt_s() -> float:
    """To connect, and for the whole answer, however slowly it comes."""
    return float(settings.CONNECT_CONNECT_TIMEOUT_S + settings.CONNECT_READ_TIMEOUT_S)


def _insist(service: str, method: str, parameters: dict[str, Any], wants: str) -> dict[str, Any]:
    """Call one method, again after what may pass, while another attempt fits into the time.

    An attempt without an answer may have done what it was to do, whatever those after it are told: then it is the one to tell of.
    """
    deadline = time.monotonic() + longest_request_s()
    unanswered: errors.ConnectUnanswered | None = None
    for attempt in count(1):
        try:
            with spans.opened(
                f"Connect {method}", **{"rpc.service": service, "rpc.method": method}
            ):
                reply = _send(service, method, parameters)
            if not wants or reply.get(wants):
                return reply
            raise errors.ConnectUnanswered(f"{method} answered without {wants}")
        except errors.ConnectError as error:
            if isinstance(error, errors.ConnectUnanswered):
                unanswered = error
            pause_s = _pause_after(error, attempt)
            if pause_s is None or time.monotonic() + pause_s + _longest_attempt_s() > deadline:
                raise unanswered or error from None
        time.sleep(pause_s)
    raise AssertionError("attempts end by themselves")


def _pause_after(error: errors.ConnectError, attempt: int) -> float | None:
    """Return the seconds to wait before another attempt, or None if there shall be none."""
    if isinstance(error, errors.ConnectUnauthenticated):
        if attempt > 1 or not connect_credentials.take_newer():
            return None
        _client.cache_clear()
        return 0.0
    passes = isinstance(error, errors.ConnectUnavailable | errors.ConnectBusy)
    if not passes or attempt >= settings.CONNECT_ATTEMPTS:
        return None
    longest_s: float = FIRST_PAUSE_S * 2 ** (attempt - 1)
    return longest_s * random.uniform(0.5, 1)  # noqa: S311 (no secret: it spreads requests)


def _send(service: str, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Call one method of the client, translate what goes wrong, and log it."""
    started = time.monotonic()
    outcome, request_id = "ok", ""
    try:
        reply: dict[str, Any] = getattr(_client(service), method)(**parameters)
        request_id = reply.get("ResponseMetadata", {}).get("RequestId", "")
    except ClientError as error:
        outcome = str(error.response.get("Error", {}).get("Code", ""))
        request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "")
        raise _error_of(outcome, error.response) from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        outcome = type(error).__name__
        connect_credentials.note_refusal(outcome)
        raise errors.ConnectUnauthenticated(outcome) from None
    except ParamValidationError as error:
        outcome = type(error).__name__
        raise errors.ConnectMisconfigured(outcome) from None
    except UNANSWERED as error:
        outcome = type(error).__name__
        raise errors.ConnectUnanswered(outcome) from None
    except BotoCoreError as error:
        outcome = type(error).__name__
        raise errors.ConnectUnavailable(outcome) from None
    else:
        if service == CONTACTS:
            connect_credentials.note_acceptance()
    finally:
        _note(service, method, outcome, request_id, time.monotonic() - started)
    return reply


def _note(service: str, method: str, outcome: str, request_id: str, took_s: float) -> None:
    """Log and count one attempt."""
    logger.info(
        "connect_call",
        extra={
            "operation": method,
            "outcome": outcome,
            "aws_request_id": request_id,
            "duration_ms": round(took_s * 1000),
        },
    )
    operation = _client(service).meta.method_to_api_mapping[method]
    counted = outcome if outcome in COUNTED else "other"
    metrics.CONNECT_REQUESTS.labels(operation, counted).inc()
    metrics.CONNECT_REQUEST_S.labels(operation).observe(took_s)


def _error_of(code: str, response: Mapping[str, Any]) -> errors.ConnectError:
    """Return the error of a refusal, and note one of our credentials."""
    kind = ERRORS.get(code, errors.ConnectUnavailable)
    if not issubclass(kind, errors.ConnectUnauthenticated):
        return kind(code)
    cause = code + skew_told_by(response, now=time.time())
    connect_credentials.note_refusal(cause)
    return kind(cause)


@cache
def _client(service: str) -> Any:
    """Return the process's client: building one costs most of a second, calling it a millisecond."""
    client = connect_credentials.session().client(
        service,
        region_name=settings.CONNECT_REGION,
        endpoint_url=settings.CONNECT_ENDPOINT_URL or None,
        config=Config(
            connect_timeout=settings.CONNECT_CONNECT_TIMEOUT_S,
            read_timeout=settings.CONNECT_READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=settings.CONNECT_POOL_SIZE,
            parameter_validation=True,
            # Participants are known by the tokens they hold; credentials would only be asked for.
            signature_version=UNSIGNED if service == PARTICIPANTS else None,
        ),
    )
    return bound_answers(client)


@receiver(setting_changed)
def _forget_client(*, setting: str, **_: Any) -> None:
    if setting.startswith("CONNECT_"):
        connect_credentials.session.cache_clear()
        _client.cache_clear()
