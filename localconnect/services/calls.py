"""A call while it waits or goes on: its place in the queue, its screen sharing, its transfer."""

from __future__ import annotations

from typing import Any

from localconnect.agents import AgentStatus
from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact, ContactState
from localconnect.directory import Queue
from localconnect.routing import UnableToAnswer
from localconnect.services.idempotency import made_once
from localconnect.services.registry import Service, operation
from localconnect.services.resources import addressed_contact, found_queue, started_flow


@operation("GetContactMetrics")
def get_contact_metrics(service: Service, call: Call) -> dict[str, Any]:
    """The place of a waiting contact, 1 for the head of the queue, and how long it may still wait."""
    contact = addressed_contact(service, call)
    waiting = service.center.routing.waiting_in(contact.queue)
    if contact not in waiting:
        raise ApiError(Cause.RULE, "The contact is not in a queue")
    position = waiting.index(contact) + 1
    values = {
        "POSITION_IN_QUEUE": float(position),
        "ESTIMATED_WAIT_TIME": estimated_wait_s(service, position),
    }
    return {
        "MetricResults": [
            {"Name": asked["Name"], "Value": {"Number": values[asked["Name"]]}}
            for asked in call.params["Metrics"]
        ],
        "Id": contact.id,
        "Arn": contact.instance.arn_of("contact", contact.id),
    }


@operation("StartScreenSharing")
def start_screen_sharing(service: Service, call: Call) -> None:
    """Opens the screen sharing session of a call in progress."""
    contact = addressed_contact(service, call)

    def ask() -> str:
        try:
            service.center.controls.ask_for_screen(contact)
        except UnableToAnswer as error:
            raise ApiError(Cause.RULE, str(error)) from error
        return contact.id

    made_once(service, call, contact.id, ask)


@operation("TransferContact")
def transfer_contact(service: Service, call: Call) -> dict[str, Any]:
    """Sends a waiting or connected call to the end of a queue, as a new contact that follows this one."""
    contact = addressed_contact(service, call)

    def transfer() -> str:
        flow = started_flow(contact.instance, call.params["ContactFlowId"])
        queue = _target(service, contact, call.params)
        return service.center.transfers.to_new_contact(contact, flow, queue).id

    made, _ = made_once(service, call, contact.id, transfer)
    return {"ContactId": made, "ContactArn": contact.instance.arn_of("contact", made)}


def estimated_wait_s(service: Service, position: int) -> float:
    """How long the contact at `position` of the queue may wait: an assumption, by the setting `handling_s`."""
    at_work = sum(
        agent.status not in (AgentStatus.OFFLINE, AgentStatus.BREAK)
        for agent in service.center.roster
    )
    return position * service.settings.handling_s / max(1, at_work)


def _target(service: Service, contact: Contact, params: dict[str, Any]) -> Queue:
    if not service.settings.transfer_calls:
        raise ApiError(Cause.RULE, "Transfer is supported for TASK and EMAIL contacts only")
    if "UserId" in params:
        raise ApiError(Cause.RULE, "UserId: calls are transferred to queues only")
    if "QueueId" not in params:
        raise ApiError(Cause.RULE, "QueueId is expected")
    queue = found_queue(contact.instance, params["QueueId"])
    if contact.host is not None:
        raise ApiError(Cause.RULE, "The contact is an invited person's")
    if contact.state not in (ContactState.QUEUED, ContactState.CONNECTED):
        raise ApiError(Cause.RULE, "The contact is neither in a queue nor with an agent")
    return queue
