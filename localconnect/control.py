"""The control API under `/_local/`: what tests and curious developers may see and change. JSON in and out.

Answers to programs on this machine only: never to another host, nor to a web page of another origin that a browser
here happens to show. Nothing it returns holds a token or a key.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localconnect.agents import UnableToAddAgent
from localconnect.aws.throttle import Throttle
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.control_views import agent_view, contact_view
from localconnect.desk.socket import Desks
from localconnect.event_history import UnusableHistory, read_envelopes
from localconnect.event_replay import UnableToReplay, read_replay
from localconnect.event_trouble import UnableToOrderTrouble
from localconnect.faults import Faults, UnableToOrderFault
from localconnect.http_head import MAX_BODY
from localconnect.message_queues import MessageQueues
from localconnect.routing import UnableToAnswer
from localconnect.scripted_agents import ScriptedAgents, UnknownCommand
from localconnect.setting_values import UnableToChangeSettings
from localconnect.settings import Settings
from localconnect.store import Kind
from localconnect.timestamps import iso_time

_MAX_CAPTURED_BODY = 16 * MAX_BODY
_MAX_ENDED = 1000
_MAX_PAGE = 1000
_MAX_ADVANCE_S = 10 * 365 * 86_400
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

Endpoint = Callable[[Request], Awaitable[Response]]


class BadRequest(ValueError):
    """The request's body is not what this endpoint takes."""


class Control:
    """The endpoints, on the parts of one running server."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        center: ContactCenter,
        events: ContactEvents,
        message_queues: MessageQueues,
        agents: ScriptedAgents,
        desks: Desks,
        faults: Faults,
        throttle: Throttle,
    ) -> None:
        self._settings = settings
        self._initial = Settings()
        self._initial.restore(settings)
        self._clock = clock
        self._center = center
        self._events = events
        self._message_queues = message_queues
        self._agents = agents
        self._desks = desks
        self._faults = faults
        self._throttle = throttle

    def routes(self) -> list[Route]:
        """Where everything is."""
        endpoints: list[tuple[str, str, Endpoint]] = [
            ("GET", "/_local/state", self.show_state),
            ("POST", "/_local/reset", self.reset),
            ("POST", "/_local/clock", self.advance_clock),
            ("POST", "/_local/faults", self.order_fault),
            ("DELETE", "/_local/faults", self.clear_faults),
            ("GET", "/_local/settings", self.show_settings),
            ("PATCH", "/_local/settings", self.change_settings),
            ("GET", "/_local/events", self.show_events),
            ("PATCH", "/_local/events", self.trouble_events),
            ("POST", "/_local/events/replay", self.replay_events),
            ("POST", "/_local/agents", self.add_agent),
            ("POST", "/_local/agents/{agent_id}/{command}", self.tell_agent),
        ]
        return [
            Route(path, _guarded(endpoint), methods=[method])
            for method, path, endpoint in endpoints
        ]

    async def show_state(self, _request: Request) -> Response:
        """Contacts (all live ones, the last thousand ended ones), meetings, agents, events, message queues, and what runs."""
        contacts = list(self._center.contacts)
        skipped = max(0, len(contacts) - self._center.contacts.live_count - _MAX_ENDED)
        return JSONResponse(
            {
                "now": iso_time(self._clock.time()),
                "contacts": [
                    contact_view(contact) for contact in itertools.islice(contacts, skipped, None)
                ],
                "meetings": await self._center.meetings.describe(),
                "agents": [agent_view(agent) for agent in self._center.roster],
                "events": {
                    "delivered": self._events.posts.delivered,
                    "undelivered": self._events.posts.undelivered,
                    "given_up": self._events.posts.given_up,
                    **self._events.trouble.described(),
                },
                "message_queues": self._message_queues.described(),
                "faults": self._faults.described(),
                "process": {"tasks": len(asyncio.all_tasks())},
                "media_processes": self._center.meetings.processes(),
            }
        )

    async def reset(self, _request: Request) -> Response:
        """Back to how the server started: no contacts, no agents but those at open desks, the command line's settings."""
        self._agents.clear()
        self._faults.reset()
        await self._events.forget()
        await self._center.reset()
        self._desks.forget_absent()
        self._settings.restore(self._initial)
        self._center.meetings.settings_changed()
        self._throttle.reset()
        self._message_queues.reset()
        self._clock.reset()
        return JSONResponse({})

    async def advance_clock(self, request: Request) -> Response:
        """Move the clock forward; what falls due on the way happens."""
        body = await _json(request, {"advance_s"})
        seconds = body.get("advance_s")
        if (
            not isinstance(seconds, int | float)
            or isinstance(seconds, bool)
            or not 0 <= seconds <= _MAX_ADVANCE_S
        ):
            raise BadRequest("advance_s: expected seconds from 0 up")
        self._clock.advance(seconds)
        self._center.journal.put(
            Kind.CLOCK, "clock", lambda: {"advanced_s": self._clock.advanced_s}
        )
        return JSONResponse({"now": iso_time(self._clock.time())})

    async def order_fault(self, request: Request) -> Response:
        """Make the next requests of an operation fail."""
        fault = self._faults.order(await _json(request))
        return JSONResponse(fault.described(), status_code=201)

    async def clear_faults(self, _request: Request) -> Response:
        """No more faults."""
        self._faults.clear()
        return JSONResponse({})

    async def show_settings(self, _request: Request) -> Response:
        """Every setting with its value."""
        return JSONResponse(self._settings.listed())

    async def change_settings(self, request: Request) -> Response:
        """Set all that is named, or nothing."""
        self._settings.change(await _json(request))
        self._message_queues.make_targets()
        self._center.meetings.settings_changed()
        return JSONResponse(self._settings.listed())

    async def trouble_events(self, request: Request) -> Response:
        """Duplicate, reorder, drop or delay contact events from now on."""
        self._events.trouble.change(await _json(request))
        return JSONResponse(self._events.trouble.described())

    async def show_events(self, request: Request) -> Response:
        """What goes wrong with events, and those published of late; `format=jsonl` captures these, one to a line."""
        query = request.query_params
        captures = query.get("format") == "jsonl"
        limit = None if captures else _whole(query.get("limit", "100"), "limit", _MAX_PAGE)
        after = _whole(query.get("after", "0"), "after", 10**15)
        events, next_after = self._events.history.page(after, limit, query.get("contact_id"))
        if captures:
            lines = b"".join(event.body + b"\n" for event in events)
            return Response(lines, media_type="application/jsonl")
        return JSONResponse(
            {
                **self._events.trouble.described(),
                "history": [json.loads(event.body) for event in events],
                "next_after": next_after,
            }
        )

    async def replay_events(self, request: Request) -> Response:
        """Send events again: those of the history, of one contact of it, or those given."""
        wish = await _json(
            request, {"contact_id", "events", "order", "seed", "speed"}, _MAX_CAPTURED_BODY
        )
        contact_id, replay = wish.get("contact_id"), read_replay(wish)
        if contact_id is not None and (not isinstance(contact_id, str) or "events" in wish):
            raise BadRequest("contact_id: expected a string, and no events besides")
        events = (
            read_envelopes(wish["events"])
            if "events" in wish
            else self._events.history.events(contact_id)
        )
        self._events.replay(events, replay)
        return JSONResponse({"replayed": len(events)}, status_code=202)

    async def add_agent(self, request: Request) -> Response:
        """A scripted agent, available at once."""
        body = await _json(request, {"name", "auto_answer_s", "media"})
        delay, media = body.get("auto_answer_s"), body.get("media", "pattern")
        if not (
            delay is None or (isinstance(delay, int | float) and 0 <= delay <= 3600)
        ) or isinstance(delay, bool):
            raise BadRequest("auto_answer_s: expected seconds to 3600, or null")
        if media not in ("pattern", "none"):
            raise BadRequest("media: expected pattern or none")
        name = body.get("name", "Scripted agent")
        if not isinstance(name, str):
            raise BadRequest("name: expected a string")
        agent = self._agents.add(name=name, auto_answer_s=delay, media=media)
        return JSONResponse({"id": agent.id}, status_code=201)

    async def tell_agent(self, request: Request) -> Response:
        """Have a scripted agent do something now."""
        self._agents.tell(request.path_params["agent_id"], request.path_params["command"])
        return JSONResponse({})


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        stranger = _stranger(request)
        if stranger is not None:
            return _problem(403, stranger)
        try:
            return await endpoint(request)
        except (
            BadRequest,
            UnableToChangeSettings,
            UnableToOrderFault,
            UnableToOrderTrouble,
            UnableToReplay,
            UnusableHistory,
            UnableToAddAgent,
        ) as error:
            return _problem(400, str(error))
        except UnknownCommand as error:
            return _problem(404, str(error.args[0]))
        except UnableToAnswer as error:
            return _problem(409, str(error))

    return guarded


def _stranger(request: Request) -> str | None:
    """Why whoever asks must not be answered, or None."""
    headers = request.headers
    if request.client is None or not _is_loopback(request.client.host):
        return "The control API answers this machine only"
    # Such a request comes from this machine, but not from whoever wants the answer.
    if any(name in headers for name in _PROXY_HEADERS):
        return "The control API does not answer through a proxy"
    host = headers.get("host", "")
    # A name that was made to point here (DNS rebinding) is no loopback name.
    if not _is_loopback(_netloc_host(host)):
        return "The control API must be called by a loopback address or localhost"
    origin = headers.get("origin")
    if origin not in (None, f"http://{host}", f"https://{host}"):
        return "The control API is not for pages of another origin"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "The control API is not for pages of another site"
    return None


def _netloc_host(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


async def _json(
    request: Request, keys: set[str] | None = None, max_body: int = MAX_BODY
) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > max_body:
            raise BadRequest("The body is too long")
    try:
        body = json.loads(raw or b"{}")
        json.dumps(
            body, ensure_ascii=False
        ).encode()  # half of a surrogate pair cannot be shown again
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("The body must be one JSON object")
    unknown = body.keys() - (keys if keys is not None else body.keys())
    if unknown:
        raise BadRequest(f"{', '.join(sorted(unknown))}: unknown")
    return body


def _whole(text: str, name: str, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15 and int(text) <= highest):
        raise BadRequest(f"{name}: expected a whole number from 0 to {highest}")
    return int(text)


def _problem(status: int, text: str) -> Response:
    return JSONResponse({"message": text}, status_code=status)
