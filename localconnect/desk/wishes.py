"""What an agent may ask for at the desk, by the `type` of the message their page sends.

One function a wish. Whether it is possible now is decided by routing and the call's controls, which refuse with
`UnableToAnswer`; a message that is no wish at all is a `ValueError` or `KeyError`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localconnect.agents import Agent, AgentStatus
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Contact, DisconnectReason
from localconnect.routing import UnableToAnswer

MAX_NOTE = 2000

Wish = dict[str, Any]


def grant(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    """Do what the desk of `agent` asks.

    :raises ValueError: not a wish that exists.
    :raises KeyError: a wish without what it is about.
    :raises UnableToAnswer: not possible now.
    """
    if not isinstance(wish, dict) or wish["type"] not in _WISHES:
        raise ValueError("No such wish")
    _WISHES[wish["type"]](center, agent, wish)


def _set_status(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.routing.set_status(agent, AgentStatus(wish["status"]))


def _accept(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.routing.accept(agent, wish["contact_id"])


def _decline(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.routing.decline(agent, wish["contact_id"])


def _hang_up(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.end_contact(_call(agent, wish), DisconnectReason.AGENT)


def _hold(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.controls.hold(_own_call(agent, wish))


def _resume(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.controls.resume(_own_call(agent, wish))


def _ask_for_screen(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.controls.ask_for_screen(_own_call(agent, wish))


def _end_screen(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    center.controls.end_screen(_own_call(agent, wish))


def _transfer(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    contact = _own_call(agent, wish)
    queue = contact.instance.find_queue(str(wish["queue_id"]))
    if queue is None:
        raise UnableToAnswer("There is no such queue")
    center.transfers.from_desk(contact, queue)


def _invite(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    contact = _own_call(agent, wish)
    colleague = center.roster.find(str(wish["agent_id"]))
    if colleague is None or colleague is agent:
        raise UnableToAnswer("There is no such colleague")
    center.visits.add_colleague(contact, colleague)


def _describe(center: ContactCenter, agent: Agent, wish: Wish) -> None:
    """The outcome and a note, where given, become attributes of the contact."""
    if agent.wrapping_up is None:
        raise UnableToAnswer("There is no call to describe")
    said = {name: str(wish[name])[:MAX_NOTE] for name in ("outcome", "note") if wish.get(name)}
    center.describe_outcome(agent.wrapping_up, said)


def _finish(center: ContactCenter, agent: Agent, _wish: Wish) -> None:
    center.routing.finish_wrap_up(agent)


def _call(agent: Agent, wish: Wish) -> Contact:
    if agent.call is None or agent.call.id != wish["contact_id"]:
        raise UnableToAnswer("This call is over")
    return agent.call


def _own_call(agent: Agent, wish: Wish) -> Contact:
    contact = _call(agent, wish)
    if contact.host is not None:
        raise UnableToAnswer("This call is another agent's")
    return contact


_WISHES: dict[str, Callable[[ContactCenter, Agent, Wish], None]] = {
    "status": _set_status,
    "accept": _accept,
    "decline": _decline,
    "hang_up": _hang_up,
    "hold": _hold,
    "resume": _resume,
    "ask_screen": _ask_for_screen,
    "end_screen": _end_screen,
    "transfer": _transfer,
    "invite": _invite,
    "describe": _describe,
    "ready": _finish,
}
