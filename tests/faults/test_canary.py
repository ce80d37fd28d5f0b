"""A whole call through the real processes, with everything logged that can be; then everything it left is looked through.

What is looked for is what would let somebody else into the call, or into the portal: it may be in the answer to whom it
belongs, and nowhere else.
"""

from __future__ import annotations

import asyncio
import http.cookies
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.both_servers import both_servers
from tests.contacts_world import after, control, envelope, upstream_contacts
from tests.realtime.test_whole_call import post, until, watching
from tests.servers import DEMO_CONNECT, LocalConnect, Portal

SECRETS_OF_THE_PORTAL = ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "CONNECT_EVENTS_KEY")
UNSEAL = """
from contacts.models import Participant
from contacts.sealing import unseal
for one in Participant.objects.exclude(sealed_token=""):
    print("TOKEN", unseal(one.sealed_token))
"""
SEALED = """
from contacts.models import Participant
sealed = Participant.objects.filter(contact="{contact}").exclude(sealed_token="", sealed_connection="")
print("SEALED", sealed.count())
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    with both_servers({"LOG_LEVEL": "DEBUG"}) as (connect_server, portal):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: what it sets is to be seen."""


UNREDIRECTED = urllib.request.build_opener(_NoRedirect)


class Heard:
    """Everything that others than the customer were told, with what it was."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.texts: list[tuple[str, str]] = []
        self.cookies: dict[str, str] = {}

    def ask(
        self, path: str, *, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> str:
        """Ask as staff or as a stranger, and keep the answer."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(
            self.portal.url + path, data, {"Cookie": cookie, **(headers or {})}
        )
        try:
            with UNREDIRECTED.open(request, timeout=30) as reply:
                return self._keep(path, reply)
        except urllib.error.HTTPError as error:
            return self._keep(path, error)

    def _keep(self, path: str, reply: Any) -> str:
        jar = http.cookies.SimpleCookie()
        for line in reply.headers.get_all("Set-Cookie", []):
            jar.load(line)
        self.cookies |= {name: one.value for name, one in jar.items() if one.value}
        text = reply.read().decode()
        self.texts.append((path, f"{reply.headers}{text}"))
        return str(text)

    def log_in(self) -> None:
        """Become the demo administrator."""
        self.ask("/admin/login/")
        form = {"username": "admin", "password": "admin", "next": "/admin/"}
        form["csrfmiddlewaretoken"] = self.cookies["csrftoken"]
        self.ask("/admin/login/", data=urllib.parse.urlencode(form).encode())
        assert "sessionid" in self.cookies


async def test_nothing_that_a_call_leaves_lets_anybody_else_in(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should keep every token and key out of logs, errors, other people's sockets and pages, and the database."""
    connect_server, portal = servers
    heard = Heard(portal)
    url = f"{portal.url}/api/v1/contacts/"
    call, cookie = await asyncio.to_thread(
        post,
        url,
        {"entry_point": "demo", "name": "Ana"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    await asyncio.to_thread(heard.log_in)
    session = f"sessionid={heard.cookies['sessionid']}"
    async with (
        watching(portal, call["id"], cookie) as own,
        watching(portal, call["id"], session) as staffs,
    ):
        await until(own, state="queued")
        agent = {"name": "Bob", "auto_answer_s": 0, "media": "none"}
        made = await asyncio.to_thread(control, connect_server, "POST", "/_local/agents", agent)
        await asyncio.to_thread(
            control, connect_server, "POST", f"/_local/agents/{made['id']}/available"
        )
        await until(own, state="connected")
        again, _ = await asyncio.to_thread(post, f"{url}{call['id']}/connection/", None, cookie)
        assert again["connection"] == call["connection"]
        token = await asyncio.to_thread(participant_token, portal)
        await asyncio.to_thread(force_errors, connect_server, portal, heard, call, cookie)
        await asyncio.to_thread(look_around, heard, call)
        database = await asyncio.to_thread(dump, portal)
        await asyncio.to_thread(post, f"{url}{call['id']}/end/", None, cookie)
        await until(own, state="ended")
        async with asyncio.timeout(30):
            async for frame in staffs:
                heard.texts.append(("the socket of staff", str(frame)))
                if json.loads(frame).get("contact", {}).get("state") == "ended":
                    break
    sealed = SEALED.format(contact=call["id"])
    assert "SEALED 0" in await asyncio.to_thread(portal.manage, "shell", "-c", sealed)
    look_around(heard, call)
    attendee = call["connection"]["Attendee"]
    secrets = {
        "join token": attendee["JoinToken"],
        "participant token": token,
        "customer's cookie": cookie.partition("=")[2],
        # localconnect prints its own, which is public, when it starts.
        "AWS secret": DEMO_CONNECT["AWS_SECRET_ACCESS_KEY"],
        **{name: portal.environment()[name] for name in SECRETS_OF_THE_PORTAL},
    }
    places = {
        "the portal's logs": portal.logs(),
        "localconnect's logs": connect_server.logs(),
        "the database during the call": database,
        "the database after it": await asyncio.to_thread(dump, portal),
        **{f"{place} ({number})": text for number, (place, text) in enumerate(heard.texts)},
    }
    assert all(len(secret) > 12 for secret in secrets.values())
    leaks = [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, text in places.items()
        if secret in text and (name, place) != ("AWS secret", "localconnect's logs")
    ]
    assert leaks == []
    assert '"level": "debug"' in portal.logs() or "[debug" in portal.logs()


def participant_token(portal: Portal) -> str:
    """Return the one token that is stored, sealed, during the call."""
    [line] = [
        line
        for line in portal.manage("shell", "-c", UNSEAL).splitlines()
        if line.startswith("TOKEN ")
    ]
    return line.removeprefix("TOKEN ")


def force_errors(
    connect_server: LocalConnect, portal: Portal, heard: Heard, call: Any, cookie: str
) -> None:
    """Have everything fail that can, with the token where a client or a source might put it by mistake."""
    token = call["connection"]["Attendee"]["JoinToken"]
    json_type = {"Content-Type": "application/json"}
    for fault in (
        {"error": "InternalServiceException", "times": 2},
        {"error": "AccessDeniedException", "status": 403, "times": 1},
        {"drop": "after", "times": 2},
    ):
        control(
            connect_server, "POST", "/_local/faults", {"operation": "StartWebRTCContact", **fault}
        )
        heard.ask(
            "/api/v1/contacts/", data=b'{"entry_point": "demo", "name": "Eve"}', headers=json_type
        )
        control(connect_server, "DELETE", "/_local/faults")
    for path in ("/api/v1/contacts/", f"/api/v1/contacts/{call['id']}/end/", "/api/v1/nothing/"):
        body = json.dumps({"entry_point": {"connection": call["connection"]}}).encode()
        heard.ask(path, data=body, headers={**json_type, "Authorization": f"Bearer {token}"})
        heard.ask(path, data=b"{" + token.encode(), headers=json_type)
    keyed = {**json_type, "X-Events-Key": portal.events_key}
    [upstream] = [
        one for one in upstream_contacts(connect_server) if one["state"].lower() == "connected"
    ]
    event = envelope(upstream["id"], "QUEUED", after(0), connection=call["connection"])
    heard.ask("/api/v1/contact-events/", data=json.dumps(event).encode(), headers=keyed)
    heard.ask("/api/v1/contact-events/", data=f'{{"token": "{token}"'.encode(), headers=keyed)
    heard.ask(
        "/api/v1/contact-events/", data=b"{}", headers={**json_type, "X-Events-Key": "wrong"}
    )


def look_around(heard: Heard, call: Any) -> None:
    """Open what staff and strangers may open of a call, and what they may not."""
    contact = call["id"]
    for path in (
        "/admin/",
        "/admin/contacts/contact/",
        f"/admin/contacts/contact/{contact}/change/",
        f"/admin/contacts/contact/{contact}/history/",
        "/admin/contacts/deadletter/",
        "/admin/django_tasks_database/dbtaskresult/",
        f"/help/call/{call['reference']}/",
        f"/calls/{contact}/",
        f"/api/v1/contacts/{contact}/",
        "/api/v1/openapi.json",
        "/readyz",
    ):
        heard.ask(path)


def dump(portal: Portal) -> str:
    """Return all that the database holds, as its files or its own dump have it."""
    url = portal.environment()["DATABASE_URL"]
    if url.startswith("sqlite"):
        files = Path(url.removeprefix("sqlite:///")).parent.glob("portal.sqlite3*")
        return "".join(file.read_bytes().decode("latin-1") for file in files)
    [*_, folder] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    done = subprocess.run([folder / "pg_dump", url], capture_output=True, text=True, check=True)
    return done.stdout
