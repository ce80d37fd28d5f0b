"""What customers hear of the contact centre while they wait and on hold, on real meetings."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from localconnect.configuration import UnusableConfiguration, load_directory
from localconnect.contacts import Contact
from tests.localconnect_world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    built = World()
    yield built
    await built.close()


def heard(world: World, contact: Contact) -> str | None:
    """The name of what is played to the customer."""
    bridge = world.room(contact).bridge
    return bridge.playing_to(contact.customer.attendee_id)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


async def test_waiting_is_greeted_and_has_music(world: World) -> None:
    """Should greet first, go on with music until an agent is there, and then be silent."""
    agent = world.agent()
    contact = world.start()
    world.join(contact, contact.customer)
    await until(lambda: heard(world, contact) == "greeting")
    await until(lambda: heard(world, contact) == "queue music")

    world.center.routing.accept(agent, contact.id)
    world.join(contact, contact.agent)

    await until(lambda: heard(world, contact) is None)


async def test_hold_parts_the_customer_from_the_agent(world: World) -> None:
    """Should take the customer out of the conversation to hear music, and bring them back."""
    contact, _ = world.connect()
    bridge = world.room(contact).bridge

    world.center.controls.hold(contact)
    assert bridge.is_held(contact.customer.attendee_id)
    await until(lambda: heard(world, contact) == "hold music")

    world.center.controls.resume(contact)
    assert not bridge.is_held(contact.customer.attendee_id)
    await until(lambda: heard(world, contact) is None)


async def test_customer_who_lost_the_agent_hears_music_again(world: World) -> None:
    """Should play the queue's music, also when the call was on hold."""
    contact, _ = world.connect()
    world.center.controls.hold(contact)

    world.leave(contact, contact.agent, dropped=True)

    assert not world.room(contact).bridge.is_held(contact.customer.attendee_id)
    await until(lambda: heard(world, contact) == "queue music")


async def test_place_in_the_queue_is_announced_where_wanted(world: World) -> None:
    """Should beep the position as often as the setting says, and stop with the wait."""
    world.settings.change({"announce_position_s": 30})
    first, second = world.start(), world.start()
    for contact in (first, second):
        world.join(contact, contact.customer)
    await until(lambda: heard(world, second) == "queue music")

    world.clock.advance(31)
    await until(lambda: heard(world, second) == "position 2")
    await until(lambda: heard(world, second) == "queue music")


async def test_silence_where_wanted(world: World) -> None:
    """Should play nothing at all."""
    world.settings.change({"waiting_is_audible": False})
    contact = world.start()
    world.join(contact, contact.customer)

    await asyncio.sleep(0.2)

    assert heard(world, contact) is None


def _configuration(folder: Path, sound: str) -> Path:
    path = folder / "center.toml"
    path.write_text(
        f"""
[[instances]]
alias = "shop"

[[instances.queues]]
name = "Sales"

[[instances.flows]]
name = "Buy"
queue = "Sales"
queue_music = "{sound}"
"""
    )
    return path


async def test_companys_own_music_is_played(tmp_path: Path) -> None:
    """Should play the file that the flow names, relative to the configuration."""
    with wave.open(str(tmp_path / "ours.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(96_000))
    directory = load_directory(_configuration(tmp_path, "ours.wav"))
    world = World(directory)
    [instance] = directory.instances
    contact = world.start(instance)

    world.join(contact, contact.customer)

    await until(lambda: "ours.wav" in (heard(world, contact) or ""))
    await world.close()


def test_music_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Should refuse the configuration with the line."""
    with pytest.raises(UnusableConfiguration, match=r":11: .*queue_music: there is no file"):
        load_directory(_configuration(tmp_path, "missing.wav"))
