"""Contacts driven any way there is, and compared after each step with a model of what they should be.

The rules for hypothesis to choose from; each does one thing over HTTP, expects the answer that the model's state
demands, and has the model do the same.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.conformance.conftest import UNLIMITED, ControlApi
from tests.conformance.contact_comparison import Observer
from tests.conformance.contact_model import (
    CLIENT_TOKEN_H,
    CONCURRENT_CALLS,
    CONNECTION_TOKEN_H,
    INVITATIONS,
    MOST_ATTRIBUTE_BYTES,
    MOST_REFERENCE_BYTES,
    MOST_TAGS,
    NEVER_ARRIVED_H,
    RING_H,
    Agent,
    Contact,
    ContactCenterModel,
)
from tests.conformance.event_listener import Listener
from tests.conformance.live_world import FLOW, INSTANCE, QUEUE_ID
from tests.conformance.wire_client import WireClient

HOUR_S = 3600
MOST_CONTACTS, MOST_AGENTS = 8, 3
CLIENT_TOKENS = st.sampled_from([None, "one", "two"])
IMPATIENT_FLOW = {"ContactFlowId": "22222222-2222-4222-8222-222222222224"}
"""A flow with a limit of `WAIT_LIMIT_H`, which the server's configuration must have."""

PICK = st.integers(0, MOST_CONTACTS - 1)
KEYS = st.sampled_from("abcdefgh")
TEXTS = st.sampled_from(["", "v", "é" * 1500, "é" * 9000, "v" * 20_000])


class ContactLifecycle(RuleBasedStateMachine):
    """One contact centre, from a reset on."""

    client: WireClient
    control: ControlApi
    listener: Listener

    @initialize(
        agents=st.lists(st.booleans(), min_size=1, max_size=2),
        contacts=st.lists(st.booleans(), min_size=1, max_size=3),
    )
    def begin(self, agents: list[bool], contacts: list[bool]) -> None:
        """Have something there that rules can work on, whichever of them hypothesis leaves out of a run."""
        self.observer = Observer(self.client, self.control, self.listener)
        self._reset()
        for answers in agents:
            self.add_agent(answers)
        for waits_for_media in contacts:
            self.start(None, "Ana", waits_for_media, is_impatient=False)

    @precondition(lambda self: len(self.model.contacts) == MOST_CONTACTS)
    @rule()
    def reset(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.control.call("POST", "reset")
        self.listener.events.clear()
        limits = dict.fromkeys(self.control.call("GET", "settings")["rate_limits"], UNLIMITED)
        self.settings = {
            "rate_limits": limits,
            "ring_s": RING_H * HOUR_S,
            "never_arrived_s": NEVER_ARRIVED_H * HOUR_S,
            "concurrent_calls": CONCURRENT_CALLS,
            "invitations_per_call": INVITATIONS,
            "transfer_calls": True,
            "events_targets": [{"url": self.listener.url}],
        }
        self.control.call("PATCH", "settings", self.settings)
        self.observer.started_at = self.observer.seen(
            "GetCurrentMetricData",
            **INSTANCE,
            Filters={"Queues": [QUEUE_ID]},
            CurrentMetrics=[{"Name": "AGENTS_ONLINE"}],
        )["DataSnapshotTime"]
        self.model = ContactCenterModel()
        self.replies: dict[tuple[str, ...], tuple[Any, int]] = {}
        self.connections: list[tuple[str, str, int]] = []
        self.model.settle()

    # What callers do

    @rule(
        token=CLIENT_TOKENS,
        name=st.sampled_from(["Ana", "Bo"]),
        waits_for_media=st.booleans(),
        is_impatient=st.booleans(),
    )
    def start(
        self, token: str | None, name: str, waits_for_media: bool, is_impatient: bool
    ) -> None:
        if len(self.model.contacts) >= MOST_CONTACTS:
            return
        self.control.call("PATCH", "settings", {"flow_waits_for_media": waits_for_media})
        flow = IMPATIENT_FLOW if is_impatient else FLOW
        request = {**INSTANCE, **flow, "ParticipantDetails": {"DisplayName": name}}
        reply = self.observer.ask("StartWebRTCContact", **request, **_client_token(token))
        first = self._replayed("start", token or "")
        if first is not None:
            assert reply.json == first
        elif len(self.model.calls) >= CONCURRENT_CALLS:
            assert reply.error == "LimitExceededException"
        else:
            started = reply.json
            self._remember("start", token, started)
            contact = Contact(
                started["ContactId"],
                name,
                self.model.now,
                started["ParticipantToken"],
                is_impatient,
            )
            self.model.start(contact, waits_for_media=waits_for_media)
        self.model.settle()

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        contact = self._contact(pick)
        reply = self.observer.ask("StopContact", **INSTANCE, ContactId=contact.id)
        if contact.is_over:
            assert reply.error == "ContactNotFoundException"
        elif contact.method == "TRANSFER":
            assert reply.error == "InvalidRequestException"
        else:
            assert reply.json == {}
            self.model.end(contact, "OTHER")
        self.model.settle()

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, token=CLIENT_TOKENS)
    def create_participant(self, pick: int, token: str | None) -> None:
        host = self._contact(pick)
        details = {"ParticipantRole": "CUSTOMER", "DisplayName": "Cy"}
        request = {**INSTANCE, "ContactId": host.id, "ParticipantDetails": details}
        first = self._replayed("invite", host.id, token or "")
        if first is None and len(self.model.contacts) >= MOST_CONTACTS:
            return
        reply = self.observer.ask("CreateParticipant", **request, **_client_token(token))
        if first is not None:
            assert reply.json == first
        elif host.host is not None:
            assert reply.error == "InvalidRequestException"
        elif host.is_over:
            assert reply.error == "ConflictException"
        elif host.state != "connected":
            assert reply.error == "InvalidRequestException"
        elif len(host.guests) >= INVITATIONS:
            assert reply.error == "ServiceQuotaExceededException"
        else:
            made = reply.json
            self._remember("invite", token, made, host.id)
            participant_token = made["ParticipantCredentials"]["ParticipantToken"]
            known = self.model.contacts.keys()
            [new] = {c["id"] for c in self.control.call("GET", "state")["contacts"]} - known
            self.model.invite(host, Contact(new, "Cy", self.model.now, participant_token))
        self.model.settle()

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK)
    def connect_participant(self, pick: int) -> None:
        token = self._contact(pick).token
        reply = self.observer.ask(
            "CreateParticipantConnection",
            ParticipantToken=token,
            Type=["CONNECTION_CREDENTIALS", "WEBRTC_CONNECTION"],
        )
        if self.model.bearer(token) is None:
            assert reply.error == "AccessDeniedException"
        else:
            made = reply.json["ConnectionCredentials"]["ConnectionToken"]
            self.connections.append((made, token, self.model.now + CONNECTION_TOKEN_H))

    @precondition(lambda self: self.connections)
    @rule(pick=PICK, digits=st.sampled_from(["1", "2,#", "x"]))
    def send_digits(self, pick: int, digits: str) -> None:
        connection, contact = self._connection(pick)
        reply = self.observer.ask(
            "SendMessage", ConnectionToken=connection, ContentType="audio/dtmf", Content=digits
        )
        if contact is None:
            assert reply.error == "AccessDeniedException"
        elif digits == "x":
            assert reply.error == "ValidationException"
        else:
            contact.digits += digits

    @precondition(lambda self: self.connections)
    @rule(pick=PICK)
    def disconnect_participant(self, pick: int) -> None:
        connection, contact = self._connection(pick)
        reply = self.observer.ask("DisconnectParticipant", ConnectionToken=connection)
        if contact is None:
            assert reply.error == "AccessDeniedException"
        else:
            assert reply.json == {}
            self.model.end(contact, "CUSTOMER_DISCONNECT")
        self.model.settle()

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, token=CLIENT_TOKENS, is_impatient=st.booleans())
    def transfer(self, pick: int, token: str | None, is_impatient: bool) -> None:
        contact = self._contact(pick)
        first = self._replayed("transfer", contact.id, token or "")
        if first is None and len(self.model.contacts) >= MOST_CONTACTS:
            return
        flow = IMPATIENT_FLOW if is_impatient else FLOW
        request = {**INSTANCE, **flow, "ContactId": contact.id, "QueueId": QUEUE_ID}
        reply = self.observer.ask("TransferContact", **request, **_client_token(token))
        if first is not None:
            assert reply.json == first
        elif contact.host is not None or contact.state not in ("queued", "connected"):
            assert reply.error == "InvalidRequestException"
        else:
            self._remember("transfer", token, reply.json, contact.id)
            successor = Contact(
                reply.json["ContactId"],
                contact.name,
                self.model.now,
                is_impatient=is_impatient,
            )
            self.model.transfer(contact, successor)
        self.model.settle()

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, key=KEYS, value=TEXTS)
    def update_attributes(self, pick: int, key: str, value: str) -> None:
        contact = self._contact(pick)
        merged = {**contact.attributes, key: value}
        reply = self.observer.ask(
            "UpdateContactAttributes",
            **INSTANCE,
            InitialContactId=contact.id,
            Attributes={key: value},
        )
        if _bytes(merged) > MOST_ATTRIBUTE_BYTES:
            assert reply.error == "InvalidRequestException"
        else:
            assert reply.json == {}
            contact.attributes = merged
            self.model.update(contact, "UserDefinedAttributes")

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, key=KEYS, kind=st.sampled_from(["URL", "STRING"]), value=TEXTS)
    def update_contact(self, pick: int, key: str, kind: str, value: str) -> None:
        contact = self._contact(pick)
        merged = {**contact.references, key: (kind, value)}
        reply = self.observer.ask(
            "UpdateContact",
            **INSTANCE,
            ContactId=contact.id,
            Description=key,
            References={key: {"Type": kind, "Value": value}},
        )
        if len(value) > MOST_REFERENCE_BYTES:
            assert reply.error == "InvalidParameterException"
        elif _bytes({key: text for key, (_, text) in merged.items()}) > MOST_REFERENCE_BYTES:
            assert reply.error == "InvalidRequestException"
        else:
            assert reply.json == {}
            contact.references, contact.description = merged, key

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, keys=st.sets(KEYS, min_size=1, max_size=6))
    def tag(self, pick: int, keys: set[str]) -> None:
        contact = self._contact(pick)
        merged = {**contact.tags, **dict.fromkeys(sorted(keys), "t")}
        tags = dict.fromkeys(sorted(keys), "t")
        reply = self.observer.ask("TagContact", **INSTANCE, ContactId=contact.id, Tags=tags)
        if len(merged) > MOST_TAGS:
            assert reply.error == "InvalidRequestException"
        else:
            assert reply.json == {}
            contact.tags = merged
            self.model.update(contact, "Tags")

    @precondition(lambda self: self.model.contacts)
    @rule(pick=PICK, keys=st.sets(KEYS, min_size=1, max_size=6))
    def untag(self, pick: int, keys: set[str]) -> None:
        contact = self._contact(pick)
        where = {**INSTANCE, "ContactId": contact.id}
        assert self.observer.seen("UntagContact", **where, TagKeys=sorted(keys)) == {}
        contact.tags = {key: tag for key, tag in contact.tags.items() if key not in keys}
        self.model.update(contact, "Tags")

    # What agents do

    @rule(answers=st.booleans())
    def add_agent(self, answers: bool) -> None:
        if len(self.model.agents) < MOST_AGENTS:
            agent_id = self.control.add_agent(auto_answer_s=0 if answers else None)
            self.model.add_agent(Agent(agent_id, answers))
            self.model.settle()

    @precondition(lambda self: self.model.agents)
    @rule(pick=PICK, command=st.sampled_from(["available", "answer", "answer", "hang-up"]))
    def tell_agent(self, pick: int, command: str) -> None:
        agent = self._agent(pick)
        path = f"agents/{agent.id}/{command}"
        if (command == "answer" and agent.offer is None) or (
            command == "hang-up" and agent.call is None
        ):
            assert self.control.refusal("POST", path) == 409
            return
        self.control.call("POST", path)
        if command == "available":
            self.model.make_available(agent)
        elif command == "answer":
            self.model.answer(agent)
        else:
            assert agent.call is not None
            self.model.end(agent.call, "AGENT_DISCONNECT")
        self.model.settle()

    @precondition(lambda self: self.model.agents)
    @rule(pick=PICK)
    def remove_agent(self, pick: int) -> None:
        agent = self._agent(pick)
        self.control.call("POST", f"agents/{agent.id}/remove")
        self.model.remove(agent)
        self.model.settle()

    # What time does

    @rule(hours=st.sampled_from([1, 1, 2, 3, 5, 20, 168]))
    def advance(self, hours: int) -> None:
        self.control.call("POST", "clock", {"advance_s": hours * HOUR_S})
        self.model.advance(hours)
        self.model.settle()

    @invariant()
    def compare(self) -> None:
        if hasattr(self, "model"):
            self.observer.compare(self.model)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.observer.check_event_times()

    def _contact(self, pick: int) -> Contact:
        contacts = list(self.model.contacts.values())
        return contacts[pick % len(contacts)]

    def _agent(self, pick: int) -> Agent:
        agents = list(self.model.agents.values())
        return agents[pick % len(agents)]

    def _connection(self, pick: int) -> tuple[str, Contact | None]:
        """A connection token, and the contact it is still good for."""
        connection, token, expires = self.connections[pick % len(self.connections)]
        return connection, self.model.bearer(token) if self.model.now < expires else None

    def _replayed(self, *key: str) -> Any:
        """The first reply to a client token that is still remembered."""
        reply, expires = self.replies.get(key, (None, 0))
        return reply if key[-1] and self.model.now < expires else None

    def _remember(self, what: str, token: str | None, reply: Any, *of: str) -> None:
        if token is not None:
            self.replies[(what, *of, token)] = (reply, self.model.now + CLIENT_TOKEN_H)


def _client_token(token: str | None) -> dict[str, str]:
    return {} if token is None else {"ClientToken": token}


def _bytes(pairs: dict[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items())
