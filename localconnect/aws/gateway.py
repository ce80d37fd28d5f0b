"""The front door of the API: an ASGI application in which the life of a request is one ordered list, `STEPS`.

Owns the order, the limits on what is read from the network and the last resort for errors. What each operation does
is looked up by its name in the behaviours it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from localconnect.aws import parser, serializer, validation
from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause, ServiceError, as_service_error, modelled_error
from localconnect.aws.router import Router
from localconnect.aws.serializer import Reply
from localconnect.aws.signature import SignedRequest
from localconnect.aws.sigv4 import Verifier
from localconnect.aws.throttle import Throttle
from localconnect.clock import Clock
from localconnect.faults import Fault, Faults
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

Behaviour = Callable[[Call], dict[str, Any] | None]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

MAX_BODY = 1024 * 1024
_MAX_DISCARDED = 16 * MAX_BODY
_BODY_TIMEOUT_S = 30


class _ConnectionCut(Exception):
    """The client is to see its connection end without an answer."""


class Gateway:
    """Answers the operations of `router`, with what `behaviours` does for each."""

    def __init__(
        self,
        *,
        router: Router,
        behaviours: Mapping[str, Behaviour],
        verifier: Verifier,
        settings: Settings,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self.router = router
        self.behaviours = behaviours
        self.verifier = verifier
        self.settings = settings
        self.clock = clock
        self.faults = faults
        self.throttle = Throttle(settings.rate_limit)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        call = _call_from(scope)
        try:
            call.body = await _body(receive)
            for step in STEPS:
                pending = step(self, call)
                if pending is not None:
                    await pending
        except _ConnectionCut:
            await _cut_connection(receive, send)
            return
        except Exception as error:  # noqa: BLE001 - the last resort; logged in `_refusal`
            call.reply = _refusal(call, error)
        if call.reply is not None:
            await _answer(call.reply, send)


def find_route(gateway: Gateway, call: Call) -> None:
    """Which operation is meant."""
    call.route = gateway.router.find(call.method, call.path)
    if call.route is None:
        raise ServiceError(
            "UnknownOperationException",
            f"No operation of Amazon Connect is at {call.method} here.",
        )


def authenticate(gateway: Gateway, call: Call) -> None:
    """Whether the caller is who it says: a signature, or for participants the token they carry."""
    if call.operation.service == "connectparticipant":
        return  # authorised by X-Amz-Bearer alone, which its behaviours look up
    request = SignedRequest(call.method, call.path, call.query, call.headers, call.body)
    gateway.verifier.verify(
        request,
        service=call.operation.service,
        now=gateway.clock.machine_time(),
        skew_s=gateway.settings.signature_skew_s,
        expired_session_tokens=gateway.settings.expired_session_tokens,
    )


def inflict_fault(gateway: Gateway, call: Call) -> Awaitable[None] | None:
    """What a test has ordered to go wrong."""
    fault = gateway.faults.take(call.operation.name)
    return None if fault is None else _suffer(gateway, call, fault)


def throttle(gateway: Gateway, call: Call) -> None:
    """Whether the operation has been called too often of late."""
    if not gateway.throttle.admits(call.operation.name, gateway.clock.time()):
        raise ApiError(Cause.THROTTLED, "Rate exceeded")


def parse_parameters(_gateway: Gateway, call: Call) -> None:
    """What was said, by the names of the input shape."""
    assert call.route is not None  # noqa: S101 - steps run in order
    call.params = parser.parse(
        call.operation,
        labels=call.route.labels,
        query=call.query,
        headers=dict(call.headers),
        body=call.body,
    )


def validate_parameters(_gateway: Gateway, call: Call) -> None:
    """Whether the service model allows it."""
    validation.validate(call.params, call.operation.input)


def behave(gateway: Gateway, call: Call) -> None:
    """What the operation does."""
    behaviour = gateway.behaviours.get(call.operation.name)
    if behaviour is None:
        text = f"localconnect knows {call.operation.name}, but does not implement it."
        raise ServiceError("UnknownOperationException", text, status=501)
    call.result = behaviour(call)


def serialize_result(_gateway: Gateway, call: Call) -> None:
    """The answer, by the output shape."""
    call.reply = serializer.serialize(call.result, call.operation.output, call.request_id)
    logger.debug("%s 200 %s", call.operation.name, call.request_id)


STEPS: tuple[Callable[[Gateway, Call], Awaitable[None] | None], ...] = (
    find_route,
    authenticate,
    inflict_fault,
    throttle,
    parse_parameters,
    validate_parameters,
    behave,
    serialize_result,
)
"""The life of a request, from its bytes to its answer. Any step may refuse it by raising."""


async def _suffer(gateway: Gateway, call: Call, fault: Fault) -> None:
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    if fault.drop == "after":
        with contextlib.suppress(ApiError, ServiceError):
            for step in STEPS[STEPS.index(inflict_fault) + 1 :]:
                step(gateway, call)
    if fault.drop is not None:
        raise _ConnectionCut
    if fault.error is not None:
        error = modelled_error(fault.error, "A fault that was ordered", call.operation)
        error.status = fault.status or error.status
        raise error


def _refusal(call: Call, error: Exception) -> Reply:
    if isinstance(error, ApiError):
        error = as_service_error(error, call.operation)
    if not isinstance(error, ServiceError):
        logger.error("%s %s failed", call.method, call.request_id, exc_info=error)
        failure = ApiError(Cause.FAILURE, "localconnect failed; its log says more")
        error = (
            as_service_error(failure, call.operation)
            if call.route
            else ServiceError("InternalServiceException", failure.message)
        )
    name = call.route.operation.name if call.route else call.method
    # A message may quote a key of the request, and no line of the log is the client's to write.
    logger.info(
        "%s %d %s: %a [%s]", name, error.status, error.code, error.message[:300], call.request_id
    )
    return serializer.serialize_error(error, call.request_id)


def _call_from(scope: Mapping[str, Any]) -> Call:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    host = next((value for name, value in headers if name == "host"), "localhost")
    return Call(
        request_id=str(uuid.uuid4()),
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"",
        base_url=f"{scope['scheme']}://{host}",
    )


async def _body(receive: Receive) -> bytes:
    """The whole body, read within half a minute.

    One that is too long is read on and thrown away, within reason: a client that is still writing would not see an
    answer, only a broken connection.
    """
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ServiceError(
                        "SerializationException",
                        "The client left before its request was complete.",
                    )
                length += len(message.get("body", b""))
                if length <= MAX_BODY:
                    chunks.append(message.get("body", b""))
                more = message.get("more_body", False) and length <= _MAX_DISCARDED
    except TimeoutError:
        text = f"The request's body did not arrive within {_BODY_TIMEOUT_S} s."
        raise ServiceError("RequestTimeoutException", text, status=408) from None
    if length > MAX_BODY:
        raise ServiceError(
            "RequestEntityTooLargeException", f"A request may have at most {MAX_BODY} bytes."
        )
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _answer(reply: Reply, send: Send) -> None:
    headers = reply.headers
    if reply.status in (408, 413):
        headers = [
            *headers,
            (b"connection", b"close"),
        ]  # what is left of the body is not worth reading
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut_connection(receive: Receive, send: Send) -> None:
    """End the TCP connection without an answer. ASGI has no word for it, so the server's own transport is asked."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError(
            "This ASGI server does not let go of its transport, so no connection can be dropped"
        )
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
