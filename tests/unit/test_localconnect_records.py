"""Contacts and agents as documents: nothing is lost on the way there and back."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localconnect.agents import Agent
from localconnect.audio_quality import AudioQuality
from localconnect.contacts import Contact, ContactDetails, Participant
from localconnect.records import (
    UndeclaredResource,
    agent_record,
    contact_record,
    read_agent,
    read_contacts,
)
from tests.localconnect_world import DIRECTORY, FLOW, INSTANCE

TEXTS = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)
JSON = st.recursive(
    st.text(max_size=5), lambda values: st.dictionaries(st.text(max_size=5), values, max_size=2)
)
TIMES = st.none() | st.floats(0, 2e9)
CONTACTS = st.builds(
    Contact,
    details=st.builds(
        ContactDetails, attributes=TEXTS, segment_attributes=JSON.map(lambda v: {"x": v})
    ),
    instance=st.just(INSTANCE),
    flow=st.just(FLOW),
    queue=st.just(FLOW.queue),
    tags=TEXTS,
    host=st.none(),
    guests=st.builds(list),
    offered_to=st.none(),
)


def through_json(value: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(value))
    return copy


def values_of(thing: object) -> object:
    """A dataclass without identity as something that compares."""
    if isinstance(thing, Contact | Participant | Agent | AudioQuality):
        return {item.name: values_of(getattr(thing, item.name)) for item in fields(thing)}
    return repr(thing) if isinstance(thing, float) else thing  # one NaN is like another


@given(contact=CONTACTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_contact_comes_back_whole(contact: Contact) -> None:
    """Should keep every member there is, and every one that will be added."""
    [read] = read_contacts([through_json(contact_record(contact))], DIRECTORY)

    assert values_of(read) == values_of(contact)


@given(
    agent=st.builds(
        Agent, queue_ids=st.none(), offer=st.none(), call=st.none(), wrapping_up=st.none(),
        ring_ends_at=st.none(), timer=st.none(),
    )
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_agent_comes_back_whole(agent: Agent) -> None:
    """Should keep every member but those that follow from contacts."""
    read = read_agent(through_json(agent_record(agent)), DIRECTORY)

    assert values_of(read) == values_of(agent)


@given(host=CONTACTS, guest=CONTACTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_visit_is_tied_to_its_host(host: Contact, guest: Contact) -> None:
    """Should belong to its host, and be among the guests while it lasts; a host may be forgotten."""
    host.id, guest.id, guest.host = "host", "guest", host
    records = [through_json(contact_record(contact)) for contact in (host, guest)]

    read_host, read_guest = read_contacts(records, DIRECTORY)
    [orphan] = read_contacts(records[1:], DIRECTORY)

    assert read_guest.host is read_host
    assert read_host.guests == ([] if guest.is_over else [read_guest])
    assert (read_guest.customer is read_host.customer) == (guest.agent is not None)
    assert orphan.host is None


@given(contact=CONTACTS)
@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_document_of_an_older_version_is_read(contact: Contact) -> None:
    """Should give what the document does not know its default, and leave out what is not known any more."""
    record = {**contact_record(contact), "obsolete": 1}
    del record["held_s"]

    [read] = read_contacts([record], DIRECTORY)

    assert read.held_s == 0
    assert read.id == contact.id


@given(contact=CONTACTS)
@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_contact_of_what_is_undeclared_is_refused(contact: Contact) -> None:
    """Should name what is missing."""
    record = contact_record(contact)
    for member in ("instance", "flow", "queue"):
        with pytest.raises(UndeclaredResource, match=f"{member} nowhere"):
            read_contacts([{**record, member: "nowhere"}], DIRECTORY)
