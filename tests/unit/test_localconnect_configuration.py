"""The configuration file: what it declares, how mistakes are told, and what routing makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localconnect.agents import AgentStatus
from localconnect.configuration import UnusableConfiguration, load_directory
from localconnect.configuration_example import EXAMPLE
from localconnect.contacts import Contact, ContactDetails, DisconnectReason
from localconnect.directory import Directory, demo_directory
from tests.localconnect_world import NOW, World

SHOP = """
[account]
region = "eu-central-1"

[[instances]]
alias = "shop"
attributes = { MULTI_PARTY_CONFERENCE = false }

[[instances.hours]]
name = "Office"
time_zone = "Europe/Berlin"
open = [{ days = ["MONDAY"], from = "08:00", to = "12:00" }]

[[instances.hours]]
name = "Day and night"
open = [{}]

[[instances.queues]]
name = "Sales"
hours = "Office"

[[instances.queues]]
name = "Service"
hours = "Day and night"

[[instances.flows]]
name = "Buy"
queue = "Sales"

[[instances.flows]]
name = "Repair"
queue = "Service"
greeting = \"\"\"
[[not a header]]
alias = 1
\"\"\"
wait_limit_s = 60

[[instances.agents]]
name = "Ben"
queues = ["Service"]

[[instances]]
alias = "office"
"""


def load(folder: Path, text: str) -> Directory:
    path = folder / "connect.toml"
    path.write_text(text)
    return load_directory(path)


def test_example_declares_the_demo(tmp_path: Path) -> None:
    """Should be what there is without any file."""
    assert load(tmp_path, EXAMPLE) == demo_directory()


def test_configuration_is_read_with_its_defaults(tmp_path: Path) -> None:
    """Should make ids that stay the same, find things by id and ARN, and link what is named."""
    directory = load(tmp_path, SHOP)
    shop, office = directory.instances
    buy, repair = shop.flows

    assert directory == load(tmp_path, SHOP)
    assert shop.arn.startswith("arn:aws:connect:eu-central-1:000000000000:instance/")
    assert shop.find_flow(shop.arn_of("contact-flow", buy.id)) is buy
    assert office.find_flow(buy.id) is None
    assert shop.attributes["MULTI_PARTY_CONFERENCE"] is False
    assert shop.attributes["INBOUND_CALLS"] is True
    assert (buy.hours.name, repair.queue.name, repair.wait_limit_s) == ("Office", "Service", 60)
    assert directory.agent_queues == {"Ben": frozenset({repair.queue.id})}


def test_special_days_replace_the_hours_of_their_weekday(tmp_path: Path) -> None:
    """Should close on a holiday, open at other hours on a special day, and leave all other days alone."""
    special = """[[instances.hours.overrides]]
name = "Holidays"
from = 2026-03-02
to = 2026-03-09
[[instances.hours.overrides]]
name = "Late"
from = 2026-03-17
open = [{ from = "18:00", to = "20:00" }, { from = "08:00", to = "09:00" }]

[[instances.hours]]
name = "Day and night\""""
    text = SHOP.replace('[[instances.hours]]\nname = "Day and night"', special)
    office = load(tmp_path, text).instances[0].hours[0]

    def is_open(day: int, hour: int) -> bool:
        return office.is_open(datetime(2026, 3, day, hour - 1, tzinfo=UTC).timestamp())

    assert [is_open(day, 8) for day in (2, 9, 16, 17, 23)] == [False, False, True, True, True]
    assert [is_open(17, hour) for hour in (9, 17, 18, 19, 20)] == [False, False, True, True, False]
    assert [one.name for one in office.overrides] == ["Holidays", "Late"]


@pytest.mark.parametrize(
    ("from_", "to", "said"),
    [
        ("2026-03-02", "2026-03-01", "not before from"),
        ('"2026-03-02"', "2026-03-03", "expected a day"),
        ("2026-03-02T10:00:00", "2026-03-03", "expected a day"),
    ],
)
def test_special_days_that_cannot_be_are_refused(
    tmp_path: Path, from_: str, to: str, said: str
) -> None:
    """Should name the place."""
    text = SHOP.replace(
        'name = "Office"',
        f'name = "Office"\noverrides = [{{ name = "Off", from = {from_}, to = {to} }}]',
    )
    with pytest.raises(UnusableConfiguration, match=rf"overrides.*{said}"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    ("written", "instead", "line", "said"),
    [
        ('region = "eu-central-1"', 'region = "mars"', 3, "account.region"),
        ('alias = "shop"', 'alias = "d-shop"', 6, "instances.0.alias"),
        ('alias = "shop"', 'colour = "red"', 6, "instances.0.colour: unknown"),
        ("MULTI_PARTY_CONFERENCE = false", "MULTI_PARTY_CONFERENCE = 1", 7, "expected true"),
        ("MULTI_PARTY_CONFERENCE = false", "PIGEONS = true", 7, "unknown"),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Moon/Base"', 11, "time zone"),
        ('from = "08:00"', 'from = "8"', 12, "from 00:00"),
        ('from = "08:00"', 'from = "13:00"', 12, "after from"),
        ('"MONDAY"', '"PAYDAY"', 12, "MONDAY"),
        ('hours = "Office"', 'hours = "Ofice"', 20, "Day and night"),
        ('name = "Service"', 'name = "Sales"', 23, "given twice"),
        ('queue = "Service"', 'queue = "Repairs"', 32, "Sales, Service"),
        ("wait_limit_s = 60", "wait_limit_s = -1", 37, "0 for no limit"),
        ("wait_limit_s = 60", 'wait_limit_s = "60"', 37, "a number"),
        ("wait_limit_s = 60", 'id = "1"', 37, "UUID"),
        ('"MONDAY"', '["MONDAY"]', 12, "MONDAY"),
        ('queues = ["Service"]', "queues = [1]", 41, "expected text"),
        (
            'queues = ["Service"]',
            'queues = []\n[[instances.agents]]\nname = "Ben"\nqueues = []',
            43,
            "given twice",
        ),
        ('alias = "office"', 'alias = "shop"', 43, "given twice"),
    ],
)
def test_mistake_is_reported_with_its_line(
    tmp_path: Path, written: str, instead: str, line: int, said: str
) -> None:
    """Should name file, line and place, and what would do."""
    with pytest.raises(UnusableConfiguration) as refused:
        load(tmp_path, SHOP.replace(written, instead))

    assert said in str(refused.value)
    assert f"connect.toml:{line}:" in str(refused.value)


@pytest.mark.parametrize("text", ["", "x = ", "instances = 1", "instances = [1]", "\x00"])
def test_unreadable_configuration_is_refused(tmp_path: Path, text: str) -> None:
    """Should say so for broken TOML and for a file that declares nothing."""
    with pytest.raises(UnusableConfiguration, match=r"connect\.toml"):
        load(tmp_path, text)
    with pytest.raises(UnusableConfiguration, match="No such file"):
        load_directory(tmp_path / "absent.toml")


def test_configuration_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    """Should say where the first such letter is."""
    path = tmp_path / "connect.toml"
    path.write_bytes(SHOP.replace("Office", "Büro").encode("latin-1"))

    with pytest.raises(UnusableConfiguration, match=r"connect\.toml:10: not UTF-8"):
        load_directory(path)


def test_hours_are_held_in_their_own_time_zone(tmp_path: Path) -> None:
    """Should be open from eight in Berlin, in winter and in summer."""
    office = load(tmp_path, SHOP).instances[0].hours[0]

    def at(*parts: int) -> float:
        return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]

    assert office.is_open(at(2026, 1, 5, 7, 0))
    assert not office.is_open(at(2026, 1, 5, 6, 59))
    assert not office.is_open(at(2026, 1, 5, 11, 0))
    assert office.is_open(at(2026, 7, 6, 6, 0))
    assert not office.is_open(at(2026, 1, 6, 8, 0))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(load(tmp_path, SHOP))
    yield made
    await made.close()


def start(world: World, flow: int) -> Contact:
    instance = world.directory.instances[0]
    return world.center.start_contact(
        instance, instance.flows[flow], ContactDetails(display_name="Ana")
    )


async def test_contact_outside_the_hours_ends_in_its_flow(world: World) -> None:
    """Should be CONTACT_FLOW_DISCONNECT, without ever having been queued (it is a Friday)."""
    contact = start(world, 0)

    world.join(contact, contact.customer)

    assert contact.disconnect_reason is DisconnectReason.FLOW
    assert world.told(contact) == ["INITIATED", "DISCONNECTED", "COMPLETED"]


async def test_contact_waits_no_longer_than_its_flow_allows(world: World) -> None:
    """Should end after a minute in the queue, but not once an agent has answered."""
    patient, answered = start(world, 1), start(world, 1)
    world.join(answered, answered.customer)
    agent = world.agent("Cara")
    world.center.routing.accept(agent, answered.id)
    world.join(answered, answered.agent)
    world.join(patient, patient.customer)

    world.clock.advance(61)

    assert patient.disconnect_reason is DisconnectReason.FLOW
    assert patient.ended_at == NOW + 60
    assert not answered.is_over


async def test_agents_are_offered_their_own_queues_only(world: World) -> None:
    """Should pass by who does not serve the queue, and let the others be served meanwhile."""
    world.clock.advance(3.25 * 86_400)  # Monday morning in Berlin
    ben = world.agent("Ben")
    sale, repair = start(world, 0), start(world, 1)
    for contact in (sale, repair):
        world.join(contact, contact.customer)
    cara = world.agent("Cara")

    assert ben.offer is repair
    assert cara.offer is sale
    assert ben.status is AgentStatus.RINGING
    assert world.center.routing.waiting_in(sale.queue) == [sale]
