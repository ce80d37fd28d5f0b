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
# As somebody does who looks for a fault: what AWS's client then logs are whole requests and answers.
TALKATIVE = """
import logging.config

configure = logging.config.dictConfig

def configure_and_talk(config):
    configure(config)
    for name in ("auth", "endpoint", "hooks", "httpsession", "parsers", "retryhandler"):
        logging.getLogger("botocore." + name).setLevel(logging.DEBUG)

logging.config.dictConfig = configure_and_talk
"""
SEALED = """
from contacts.models import Participant
sealed = Participant.objects.filter(contact="{contact}").exclude(sealed_token="", sealed_connection="")
print("SEALED", sealed.count())
"""


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[LocalConnect, Portal]]:
    folder = tmp_path_factory.mktemp("talkative")
    (folder / "sitecustomize.py").write_text(TALKATIVE)
    with both_servers({"LOG_LEVEL": "DEBUG", "PYTHONPATH": str(folder)}) as (
        connect_server,
        portal,
    ):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


# localconnect prints its own secret, which is public, when it starts. Django keeps sessions by their keys, and gives them
# to whoever logs in.
ITS_OWN_PLACE = {
    ("AWS secret", "localconnect's logs"),
    ("session of staff", "the database during the call"),
    ("session of staff", "the database after it"),
    ("session of staff", "/admin/login/"),
}


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
        link, guest, guests_cookie = await asyncio.to_thread(let_guest_in, portal, call, cookie)
        tokens = await asyncio.to_thread(participant_tokens, portal)
        assert len(tokens) == 2
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
        "guest's join token": guest["connection"]["Attendee"]["JoinToken"],
        "invitation's link": link,
        **{f"participant token {number}": token for number, token in enumerate(tokens)},
        "customer's cookie": cookie.partition("=")[2],
        "guest's cookie": guests_cookie.partition("=")[2],
        "session of staff": heard.cookies["sessionid"],
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
        if secret in text and (name, place.partition(" (")[0]) not in ITS_OWN_PLACE
    ]
    assert leaks == []
    assert '"level": "debug"' in portal.logs() or "[debug" in portal.logs()
    assert "botocore.parsers" in portal.logs()


def participant_tokens(portal: Portal) -> list[str]:
    """Return the tokens that are stored, sealed, during the call."""
    lines = portal.manage("shell", "-c", UNSEAL).splitlines()
    return [line.removeprefix("TOKEN ") for line in lines if line.startswith("TOKEN ")]


def let_guest_in(portal: Portal, call: Any, cookie: str) -> tuple[str, Any, str]:
    """Invite somebody, who comes. Returns the link's token, what they join with, and their cookie."""
    api = f"{portal.url}/api/v1"
    made, _ = post(f"{api}/contacts/{call['id']}/invitations/", {}, cookie)
    token: str = made["link"].rstrip("/").rpartition("/")[2]
    same_site = {"Sec-Fetch-Site": "same-origin"}
    guest, guests_cookie = post(
        f"{api}/invitations/accept/", {"token": token, "name": "Gil"}, headers=same_site
    )
    joined, _ = post(f"{api}/guests/{guest['id']}/connection/", None, guests_cookie)
    return token, joined, guests_cookie


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
