"""The front door of the API: an ASGI application in which the life of a request is one ordered list, `STEPS`.

Owns the order, the limits on what is read from the network and the last resort for errors. What each operation does
is looked up by its name in the behaviours it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
from localconnect.http_head import MAX_BODY, TRANSPORT_EXTENSION
from localconnect.journal import Journal
from localconnect.random_ids import new_id
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

Result = dict[str, Any] | None
Behaviour = Callable[[Call], Result | Awaitable[Result]]
"""What an operation does. Those that wait for something return an awaitable of their result."""
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class _ConnectionCut(Exception):
    """The client is to see its connection end without an answer."""


class _ClientGone(Exception):
    """Nobody is there any more to be answered."""


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
        journal: Journal,
    ) -> None:
        self.router = router
        self.behaviours = behaviours
        self.verifier = verifier
        self.settings = settings
        self.clock = clock
        self.faults = faults
        self.journal = journal
        self.throttle = Throttle(settings.rate_limit)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        call = _call_from(scope, receive)
        try:
            call.body = await _body(receive)
            for step in STEPS:
                pending = step(self, call)
                if pending is not None:
                    await pending
        except _ConnectionCut:
            await _cut_connection(scope, receive)
            return
        except _ClientGone:
            logger.debug("%s: the client left before its request was complete", call.method)
            return
        except Exception as error:  # noqa: BLE001 - the last resort; logged in `_refusal`
            call.reply = _refusal(call, error)
        if call.reply is not None:
            await _answer(call.reply, send)


def find_route(gateway: Gateway, call: Call) -> None:
    """Which operation is meant."""
    target = next((value for name, value in call.headers if name == "x-amz-target"), None)
    call.route = gateway.router.find(call.method, call.path, target)
    if call.route is None:
        raise ServiceError("UnknownOperationException", _nothing_here(call))


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
    fault = gateway.faults.take(call.operation.key)
    return None if fault is None else _suffer(gateway, call, fault)


def throttle(gateway: Gateway, call: Call) -> None:
    """Whether the operation has been called too often of late."""
    if not gateway.throttle.admits(call.operation.key, gateway.clock.time()):
        raise ApiError(Cause.THROTTLED, "Rate exceeded")


def find_behaviour(gateway: Gateway, call: Call) -> None:
    """Whether the operation is implemented: said before anything is asked of its parameters."""
    if call.operation.key not in gateway.behaviours:
        text = f"localconnect knows {call.operation.name}, but does not implement it."
        raise ServiceError("UnknownOperationException", text, status=501)


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


def behave(gateway: Gateway, call: Call) -> Awaitable[None] | None:
    """What the operation does."""
    result = gateway.behaviours[call.operation.key](call)
    if result is None or isinstance(result, dict):
        call.result = result
        return None
    return _wait_for(result, call)


def keep_changes(gateway: Gateway, _call: Call) -> None:
    """What is answered to have happened must have happened for good."""
    gateway.journal.flush()


def serialize_result(_gateway: Gateway, call: Call) -> None:
    """The answer, by the output shape."""
    call.reply = serializer.serialize(call.result, call.operation, call.request_id)
    logger.debug("%s 200 %s", call.operation.name, call.request_id)


STEPS: tuple[Callable[[Gateway, Call], Awaitable[None] | None], ...] = (
    find_route,
    authenticate,
    inflict_fault,
    throttle,
    find_behaviour,
    parse_parameters,
    validate_parameters,
    behave,
    keep_changes,
    serialize_result,
)
"""The life of a request, from its bytes to its answer. Any step may refuse it by raising."""


def _nothing_here(call: Call) -> str:
    if call.body.startswith(b"Action="):
        return (
            "The query protocol is not spoken here: Amazon SQS's JSON protocol is, which boto3 and the AWS CLI speak "
            "since botocore 1.34.91."
        )
    return f"No operation of Amazon Connect is at {call.method} here."


async def _wait_for(result: Awaitable[Result], call: Call) -> None:
    """The result of a behaviour that waits, given up as soon as its client leaves."""
    waiting, left = asyncio.ensure_future(result), asyncio.ensure_future(call.receive())
    try:
        await asyncio.wait((waiting, left), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise _ConnectionCut
        call.result = waiting.result()
    finally:
        waiting.cancel()
        left.cancel()


async def _suffer(gateway: Gateway, call: Call, fault: Fault) -> None:
    if fault.delay_s:
        resets = gateway.faults.resets
        await asyncio.sleep(fault.delay_s)
        if gateway.faults.resets != resets:
            raise _ConnectionCut  # it would begin something in a world that it was not sent to
    if fault.drop == "after":
        with contextlib.suppress(ApiError, ServiceError):
            for step in STEPS[STEPS.index(inflict_fault) + 1 :]:
                pending = step(gateway, call)
                if pending is not None:
                    await pending
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
        "%s %d %s: %a [%s]",
        name,
        error.status,
        error.code,
        error.message[:300],
        call.request_id,
        extra={"kind": (name, error.code)},
    )
    return serializer.serialize_error(
        error, call.request_id, call.route.operation if call.route else None
    )


def _call_from(scope: Mapping[str, Any], receive: Receive) -> Call:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    host = next((value for name, value in headers if name == "host"), "localhost")
    return Call(
        request_id=new_id(),
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"",
        base_url=f"{scope['scheme']}://{host}",
        receive=receive,
    )


async def _body(receive: Receive) -> bytes:
    """The whole body. How long it may take to arrive, and how much of it at all, is the server's to limit.

    One that is too long is read on and thrown away: a client that is still writing would not see an answer, only a
    broken connection.
    """
    message = await _part(receive)
    if not message.get("more_body", False) and len(message.get("body", b"")) <= MAX_BODY:
        body: bytes = message.get("body", b"")
        return body
    kept = bytearray(message.get("body", b""))
    while message.get("more_body", False):
        message = await _part(receive)
        if len(kept) <= MAX_BODY:
            kept += message.get("body", b"")
    if len(kept) > MAX_BODY:
        raise ServiceError(
            "RequestEntityTooLargeException", f"A request may have at most {MAX_BODY} bytes."
        )
    return bytes(kept)


async def _part(receive: Receive) -> Mapping[str, Any]:
    message: Mapping[str, Any] = await receive()
    if message["type"] == "http.disconnect":
        raise _ClientGone
    return message


async def _answer(reply: Reply, send: Send) -> None:
    headers = reply.headers
    if reply.status == 413:
        headers = [*headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut_connection(scope: Mapping[str, Any], receive: Receive) -> None:
    """End the TCP connection without an answer. ASGI has no word for it, so the server offers an extension."""
    scope["extensions"][TRANSPORT_EXTENSION]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
