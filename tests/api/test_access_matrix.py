"""Who may use which address: every route of the portal, by everybody there is, and what each is answered.

A route without a row fails, so that nobody adds one without saying who may use it. Strangers get one and the same 404,
whether the thing is somebody else's or does not exist.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts import customers, guests
from contacts.call_references import new_reference
from contacts.models import Contact, EntryPoint, EntryPointGrant
from contacts.routing import websocket_urlpatterns
from partners.models import WebhookDelivery
from partners.webhooks.endpoints import send_test
from portal.asgi import application
from tests.contacts_world import EVENTS_KEY, Customer, make_contact
from tests.partners_world import Program, make_key, make_partner
from tests.servers import LocalConnect
from tests.webhook_world import make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)

BROWSERS = ("anonymous", "other", "guest", "staff", "viewer", "superuser", "owner")
ROLES = ("other_partner", "partner", *BROWSERS)
"""In the order in which they try: those who may last, since what they may do cannot be done twice."""

BODIES: dict[str, Any] = {
    "contact-dtmf": {"digits": "1"},
    "contact-survey": {"score": 5},
    "handover-take": {"token": "x" * 43},
    "invitation-accept": {"token": "x" * 43, "name": "Eve"},
}


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


def partners(status: int, other: int | None = None, *, others: int = 401) -> dict[str, int]:
    """Tell what a partner is answered, and another one, where nobody else may go, or where others do what they do."""
    return dict.fromkeys(BROWSERS, others) | {
        "partner": status,
        "other_partner": status if other is None else other,
    }


def only(status: int, *roles: str, others: int = 404) -> dict[str, int]:
    return {role: status if role in roles else others for role in ROLES}


def partners_refused() -> dict[str, int]:
    """Tell what partners are answered where browsers alone may go: the same, whatever there is."""
    return dict.fromkeys(("partner", "other_partner"), 403)


# By name and method. Any other answer than the strangers' says that the thing is theirs, though not now, or not so. What is public is public for all; who is let in by a key in the body or a header has no role here.
PAGES_AND_API: dict[tuple[str, str], dict[str, int]] = {
    ("home", "GET"): everybody(200),
    ("call", "GET"): everybody(200),
    ("existing-call", "GET"): only(200, "owner"),
    ("call-help", "GET"): only(200, "owner", "viewer", "superuser"),
    ("call-help", "POST"): only(200, "owner", "viewer", "superuser"),
    ("join", "GET"): everybody(404),  # a link that nobody was given
    ("guest", "GET"): only(200, "guest"),
    ("embed-script", "GET"): everybody(200),
    ("embed-frame", "GET"): everybody(200),
    ("embed-button", "GET"): everybody(200),
    ("handover", "GET"): everybody(410),  # a link that nobody was given
    ("theme", "GET"): everybody(200),
    ("logo", "GET"): everybody(404),  # it has none
    ("sentences", "GET"): everybody(200),
    # By who may change how an entry point looks.
    ("looks-preview", "GET"): only(200, "superuser"),
    ("looks-preview", "POST"): only(200, "superuser"),
    ("looks-preview-sheet", "GET"): everybody(404),  # there is no such theme
    # On a developer's own machine only.
    ("gallery", "GET"): everybody(404),
    ("gallery-scene", "GET"): everybody(404),
    ("gallery-help", "GET"): everybody(404),
    ("gallery-page", "GET"): everybody(404),
    ("gallery-sheet", "GET"): everybody(404),
    ("healthz", "GET"): everybody(200),
    ("readyz", "GET"): everybody(200),
    ("metrics", "GET"): everybody(404),  # by its token or its network alone
    ("favicon", "GET"): everybody(302),
    ("openapi", "GET"): everybody(200),
    ("problem-type", "GET"): everybody(200),
    ("availability", "GET"): everybody(200),
    ("api-docs", "GET"): everybody(200),
    ("contact-list", "GET"): partners(200),  # each its own
    ("contact-list", "POST"): everybody(400),  # an empty request is nobody's
    ("survey-list", "GET"): partners(200),
    ("callback-list", "GET"): partners(200),
    ("callback-detail", "GET"): partners(404),
    ("entry-point-list", "GET"): partners(200),
    ("entry-point-detail", "GET"): partners(200, 404),
    ("entry-point-list", "POST"): partners(400),
    ("entry-point-detail", "PATCH"): partners(200, 404),
    ("entry-point-detail", "DELETE"): partners(409, 404),  # it has calls
    ("callback-done", "POST"): partners(404),
    ("contact-timeline", "GET"): partners(200, 404),
    ("reference-list", "GET"): partners(200, 404),
    ("reference-list", "POST"): partners(400, 404),
    ("contact-detail", "PATCH"): partners(428, 404),
    ("contact-detail", "DELETE"): only(200, "owner") | {"partner": 202},
    ("event-list", "GET"): partners(200),  # each its own
    ("webhook-endpoint-list", "GET"): partners(200),
    ("webhook-endpoint-list", "POST"): partners(400),
    ("webhook-endpoint-detail", "GET"): partners(200, 404),
    ("webhook-endpoint-detail", "PATCH"): partners(200, 404),
    ("webhook-endpoint-detail", "DELETE"): partners(204, 404),
    ("webhook-rotate", "POST"): partners(200, 404),
    ("webhook-test", "POST"): partners(202, 404),
    ("webhook-delivery-list", "GET"): partners(200, 404),
    ("webhook-delivery-detail", "GET"): partners(200, 404),
    ("webhook-redeliver", "POST"): partners(202, 404),
    ("contact-events", "POST"): everybody(401),  # by the events key alone
    ("reminder-list", "POST"): everybody(400) | partners_refused(),
    ("callback-list", "POST"): everybody(400),
    ("callback-cancel", "POST"): everybody(404),
    ("invitation-accept", "POST"): partners(403, others=410),
    ("contact-handover", "POST"): only(201, "owner") | partners_refused(),
    ("handover-take", "POST"): partners(403, others=410),
    ("contact-detail", "GET"): only(200, "owner", "partner"),
    ("contact-end", "POST"): only(200, "owner", "partner"),
    ("contact-connection", "POST"): only(200, "owner", "partner"),
    ("contact-dtmf", "POST"): only(410, "owner", "partner"),
    ("contact-survey", "POST"): only(400, "owner", "partner"),
    ("contact-quality", "POST"): only(400, "owner") | partners_refused(),
    ("guest-quality", "POST"): only(400, "guest") | partners_refused(),
    ("invitation-list", "GET"): only(200, "owner", "partner"),
    ("invitation-list", "POST"): only(201, "owner", "partner"),
    ("invitation-detail", "DELETE"): only(200, "owner", "partner"),
    ("invitation-detail", "GET"): only(200, "owner", "partner"),
    ("participant-detail", "GET"): only(200, "owner", "partner"),
    ("participant-detail", "DELETE"): only(409, "owner", "partner"),  # the customer stays
    ("participant-list", "GET"): only(200, "owner", "partner"),
    # Places are for people's browsers.
    ("guest-detail", "GET"): only(200, "guest") | partners_refused(),
    ("guest-connection", "POST"): only(409, "guest") | partners_refused(),
    ("guest-end", "POST"): only(200, "guest") | partners_refused(),
}
SOCKETS: dict[str, dict[str, int]] = {
    # The code a socket is closed with, or 0 if it shows something.
    # It names the customer, which not everybody may see who may see contacts.
    "ws/contacts/<uuid:contact_id>/": only(0, "owner", "superuser", others=4404),
    "ws/guests/<uuid:invitation_id>/": only(0, "guest", others=4404),
    "ws/entry-points/<slug:slug>/": everybody(0),
    # It names no customer, and tells each of what they were granted.
    "ws/admin/contacts/": only(0, "viewer", "superuser", others=4404),
}
# What somebody may open in the admin who may view contacts and nothing else.
VIEWED = {
    "index",
    "contacts_contact_changelist",
    "contacts_contact_change",
    "contacts_contact_history",
}
FOR_ALL_STAFF = {
    "logout",
    "password_change",
    "password_change_done",
    "jsi18n",
    "index",
    "app_list",
    "view_on_site",
    "second_factor",
}
BY_PROVIDER = {"login_provider", "login_callback"}  # there are none until one is configured
NOT_BY_HAND = re.compile(
    r"contacts_(contact_(add|delete)|deadletter_add|auditentry_(add|delete)|secondfactor_add)"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A call, its guest, and everybody's browser."""

    contact: Contact
    invitation_id: str
    delivery: WebhookDelivery
    clients: dict[str, Client]

    def url(self, name: str, *, strange: bool = False) -> str:
        """Return the address of the scene's own thing, or of one that does not exist."""
        given = {
            "contact_id": uuid.uuid4() if strange else self.contact.pk,
            "invitation_id": uuid.uuid4() if strange else self.invitation_id,
            "participant_id": uuid.uuid4()
            if strange
            else self.contact.participants.earliest("created_at").pk,
            "endpoint_id": uuid.uuid4() if strange else self.delivery.endpoint_id,
            "delivery_id": uuid.uuid4() if strange else self.delivery.pk,
            "callback_id": uuid.uuid4(),
            "slug": "nowhere" if strange else self.contact.entry_point.slug,
            "reference": "ZZZZ-ZZZZ" if strange else self.contact.reference,
            "token": "x" * 43,
            "code": "not_found",
            "digest": "0" * 16,
            "language": "en",
            "name": "error",
            "object_id": self.contact.pk,
            "id": 1,
            "content_type_id": 1,
        }
        wanted = parameters_of(name)
        query = f"?entry_point={given['slug']}" if name == "availability" else ""
        return reverse(name, kwargs={key: given[key] for key in wanted}) + query


@pytest.fixture
def scene(contact: Contact, customer_key: str) -> Scene:
    """The call of `owner` and of `partner`, with a guest; `other` has a call of their own."""
    partner = make_partner("Example")
    endpoint = make_endpoint(partner, "https://hooks.example.com/")
    EntryPoint.objects.update(partner=partner)
    Contact.objects.filter(pk=contact.pk).update(reference=new_reference(), partner=partner)
    contact.refresh_from_db()
    owner = Customer(customer_key).client
    other_key = customers.new_customer_key()
    make_contact(contact.entry_point, other_key)
    guest = Client(SERVER_NAME="testserver")
    made = post(owner, reverse("invitation-list", args=[contact.pk]), {}).json()
    token = made["link"].rstrip("/").rpartition("/")[2]
    accepted = post(guest, reverse("invitation-accept"), {"token": token, "name": "Gil"}).json()
    clients = {
        "anonymous": Client(SERVER_NAME="testserver"),
        "other": Customer(other_key).client,
        "guest": guest,
        "owner": owner,
        "partner": Program(make_key(partner).made_key).client,
        "other_partner": Program(make_key(make_partner("Other")).made_key).client,
    } | {role: staff(role) for role in ("staff", "viewer", "superuser")}
    assert guests.COOKIE in guest.cookies
    delivery = send_test(endpoint=endpoint, at=timezone.now())
    return Scene(contact, accepted.get("invitation_id") or made["id"], delivery, clients)


def staff(role: str) -> Client:
    """Log a member of staff in."""
    user = get_user_model().objects.create_user(
        role, is_staff=True, is_superuser=role == "superuser"
    )
    if role == "viewer":
        user.user_permissions.add(Permission.objects.get(codename="view_contact"))
        EntryPointGrant.objects.create(entry_point=EntryPoint.objects.get(), user=user)
    client = Client(SERVER_NAME="testserver")
    client.force_login(user)
    return client


def post(client: Client, url: str, body: Any) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json")


def ask(client: Client, method: str, url: str, body: Any) -> Any:
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def routes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, name and parameters of every route."""

    def walk(patterns: Any, path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for one in patterns:
            below = path + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, below)
            elif isinstance(one, URLPattern):
                yield below, one.name or "", one.pattern.converters

    yield from walk(get_resolver().url_patterns, "")


def parameters_of(name: str) -> list[str]:
    bare = name.removeprefix("admin:")
    return next(list(converters) for _, known, converters in routes() if known == bare)


def names(*, admin: bool) -> set[str]:
    return {name for path, name, _ in routes() if name and path.startswith("admin/") is admin}


def test_every_route_has_a_row() -> None:
    """Should say of each address who may use it."""
    assert names(admin=False) == {name for name, _ in PAGES_AND_API}
    assert {str(one.pattern) for one in websocket_urlpatterns} == set(SOCKETS)


@pytest.mark.parametrize(("name", "method"), PAGES_AND_API)
def test_address_answers_those_who_may_and_nobody_else(
    name: str, method: str, scene: Scene, connect: LocalConnect
) -> None:
    """Should answer each as the table says, and strangers as if there were nothing."""
    expected = PAGES_AND_API[name, method]
    answers = {
        role: ask(scene.clients[role], method, scene.url(name), BODIES.get(name, {}))
        for role in ROLES
    }
    assert {role: answer.status_code for role, answer in answers.items()} == expected
    address = scene.url(name, strange=True)
    strange = {
        role: ask(scene.clients[role], method, address, BODIES.get(name, {}))
        for role in ("anonymous", "other_partner")
    }
    for role, answer in answers.items():
        if expected[role] == 404:
            asked_as = "anonymous" if role in BROWSERS else "other_partner"
            assert shape(answer) == shape(strange[asked_as])


def shape(answer: Any) -> tuple[int, Any, dict[str, str]]:
    """Return what tells two answers apart, but for the address asked and the request's own id."""
    kept = {
        name: value
        for name, value in answer.items()
        if name not in ("X-Request-ID", "Content-Length", "RateLimit")
    }
    if "json" in answer["Content-Type"]:
        document = {**answer.json(), "instance": "", "request_id": ""}
        return answer.status_code, document, kept
    return answer.status_code, re.sub(rb"[0-9a-f-]{36}", b"", answer.content), kept


@pytest.mark.parametrize("name", sorted(names(admin=True) - {"login", "app_list", *BY_PROVIDER}))
def test_admin_is_for_staff_as_far_as_each_is_allowed(name: str, scene: Scene) -> None:
    """Should send everybody else to the login, and staff away from what they were not given."""
    url = scene.url(f"admin:{name}")
    status = {role: ask(scene.clients[role], "GET", url, {}).status_code for role in ROLES}
    outsiders = ("anonymous", "other", "guest", "owner", "partner", "other_partner")
    assert {status[role] for role in outsiders} == {302}
    if name not in FOR_ALL_STAFF | {"autocomplete"}:
        assert status["staff"] != 200
        assert (status["viewer"] == 200) is (name in VIEWED)
    if NOT_BY_HAND.fullmatch(name):
        assert status["superuser"] == 403


@pytest.mark.parametrize("name", sorted(BY_PROVIDER))
def test_single_sign_on_is_for_nobody_without_a_provider(name: str, scene: Scene) -> None:
    """Should answer everybody as if there were no such address."""
    url = scene.url(f"admin:{name}")
    assert {ask(scene.clients[role], "GET", url, {}).status_code for role in ROLES} == {404}


@pytest.mark.parametrize("pattern", SOCKETS)
@pytest.mark.parametrize("role", ROLES)
async def test_socket_shows_those_who_may_and_nobody_else(
    pattern: str, role: str, scene: Scene, entry_point: EntryPoint, settings: Settings
) -> None:
    """Should close with 4404 for a stranger, as for a thing that does not exist."""
    own = {
        "<uuid:contact_id>": scene.contact.pk,
        "<uuid:invitation_id>": scene.invitation_id,
        "<slug:slug>": entry_point.slug,
    }
    path = "/" + re.sub(r"<.*?>", lambda found: str(own[found[0]]), pattern)
    cookies = "; ".join(f"{key}={one.value}" for key, one in scene.clients[role].cookies.items())
    headers = [
        (b"host", b"testserver"),
        (b"origin", b"http://testserver"),
        (b"cookie", cookies.encode()),
    ]
    communicator = WebsocketCommunicator(application, path, headers)
    accepted, _ = await communicator.connect(timeout=10)
    assert accepted
    expected = SOCKETS[pattern][role]
    if expected:
        assert (await communicator.receive_output(timeout=10))["code"] == expected
    elif "_id" in pattern:
        shown = await communicator.receive_json_from(timeout=10)
        assert shown["contact"]["id"] in path
    await communicator.disconnect()


def test_events_key_opens_its_one_door(scene: Scene) -> None:
    """Should let the event source in, and nowhere else."""
    client = Client(SERVER_NAME="testserver", headers={"X-Events-Key": EVENTS_KEY})
    assert post(client, reverse("contact-events"), {}).status_code == 400
    assert client.get(scene.url("contact-detail")).status_code == 404
