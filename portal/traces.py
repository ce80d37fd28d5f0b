"""Traces for OpenTelemetry, for sites that set `OTEL_EXPORTER_OTLP_ENDPOINT` and have installed its SDK: what took how long.

Requests, tasks, requests to Amazon Connect and statements to the database, by names of this project's own: routes, never
addresses, which may be keys; tables, never values; kinds of errors, never their texts. Nothing of it is loaded otherwise.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse

import structlog
from django_tasks.signals import task_finished, task_started
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from contacts import spans
from portal.measuring import METHODS, UNROUTED

SERVICE = "connect-video-portal"
STATEMENT = re.compile(r"\s*(?P<verb>[A-Za-z]+)\b")
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"(\w+)"')
IDS = {"request_id": "portal.request_id", "contact": "portal.contact_id"}
"""What log lines and spans have in common, by its name in each."""

_tracer = trace.get_tracer(SERVICE)
_tasks: dict[str, tuple[Span, Any]] = {}


def begin() -> None:
    """Send traces from here on, as the variables of OpenTelemetry's own say."""
    # Of the process itself, nothing is told but what is set: its arguments may be names and keys.
    resource = Resource.create({SERVICE_NAME: SERVICE})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    spans.open_with(_open)
    connection_created.connect(_watch_database, dispatch_uid="portal.traces")
    task_started.connect(_begin_task, dispatch_uid="portal.traces")
    task_finished.connect(_end_task, dispatch_uid="portal.traces")


class TracingMiddleware:
    """A span around each request. A trace begins here: strangers do not choose its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request` within a span that is named after its route."""
        method = request.method if request.method in METHODS else "other"
        with _span(method, SpanKind.SERVER) as span:
            response = self.get_response(request)
            match = request.resolver_match
            route = (match.view_name if match else "") or UNROUTED
            span.update_name(f"{method} {route}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                }
            )
            span.set_attributes(_ids())
            if response.status_code >= 500:
                span.set_status(Status(StatusCode.ERROR))
        return response


@contextmanager
def _open(name: str, attributes: dict[str, str]) -> Iterator[None]:
    """Open a span for `contacts.spans`, and tell the one around it which contact it is about."""
    trace.get_current_span().set_attributes(_ids())
    with _span(name, SpanKind.CLIENT) as span:
        span.set_attributes({**attributes, **_ids()})
        yield


@contextmanager
def _span(name: str, kind: SpanKind) -> Iterator[Span]:
    """Open a span that tells of an error its kind alone: its text may be anything."""
    with _tracer.start_as_current_span(
        name, kind=kind, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as error:
            _fail(span, type(error).__name__)
            raise


def _fail(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def _ids() -> dict[str, str]:
    bound = structlog.contextvars.get_contextvars()
    return {IDS[name]: str(value) for name, value in bound.items() if name in IDS}


def _watch_database(*, connection: Any, **_: Any) -> None:
    if _time_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_time_statement)


def _time_statement(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, state: dict[str, Any]
) -> Any:
    """Time a statement of a request or task: what a worker looks up again and again by itself is no trace."""
    if not trace.get_current_span().is_recording():
        return execute(sql, params, many, state)
    text = str(sql)
    verb = found["verb"].upper() if (found := STATEMENT.match(text)) else "other"
    tables = TABLE.findall(text)[:1]
    with _span(" ".join([verb, *tables]), SpanKind.CLIENT) as span:
        span.set_attributes(
            {
                "db.system.name": state["connection"].vendor,
                "db.operation.name": verb,
                **({"db.collection.name": tables[0]} if tables else {}),
            }
        )
        return execute(sql, params, many, state)


def _begin_task(*, task_result: Any, **_: Any) -> None:
    task = task_result.task
    names = list(inspect.signature(task.func).parameters)
    given = {**dict(zip(names, task_result.args, strict=False)), **task_result.kwargs}
    span = _tracer.start_span(task.func.__name__, kind=SpanKind.CONSUMER)
    span.set_attribute("portal.task", task.module_path)
    if "contact_id" in given:
        span.set_attribute("portal.contact_id", str(given["contact_id"]))
    _tasks[str(task_result.id)] = span, context.attach(trace.set_span_in_context(span))


def _end_task(*, task_result: Any, **_: Any) -> None:
    begun = _tasks.pop(str(task_result.id), None)
    if begun is None:
        return
    span, token = begun
    context.detach(token)
    if task_result.errors:
        _fail(span, task_result.errors[-1].exception_class_path.rpartition(".")[2])
    span.end()
