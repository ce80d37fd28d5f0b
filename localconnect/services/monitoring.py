"""MonitorContact: a supervisor listens to a call in progress."""

from __future__ import annotations

from typing import Any

from localconnect.agents import Agent
from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact, ContactState
from localconnect.services.idempotency import made_once
from localconnect.services.registry import Service, operation
from localconnect.services.resources import addressed_contact, found_agent
from localconnect.visits import TooManySupervisors, UnableToMonitor


@operation("MonitorContact")
def monitor_contact(service: Service, call: Call) -> dict[str, Any]:
    """Puts the call on the desk of the user it names, as a contact of theirs; they hear and see it, unnoticed."""
    host = addressed_contact(service, call)

    def start() -> str:
        agent = found_agent(service, host.instance, call.params["UserId"])
        return _started(service, host, agent).id

    made, _ = made_once(service, call, host.id, start)
    return {"ContactId": made, "ContactArn": host.instance.arn_of("contact", made)}


def _started(service: Service, host: Contact, agent: Agent) -> Contact:
    if not host.instance.attributes["ENHANCED_CONTACT_MONITORING"]:
        raise ApiError(Cause.RULE, "The instance does not allow calls to be monitored")
    if host.host is not None:
        raise ApiError(Cause.RULE, "ContactId: expected the contact that the agent has answered")
    if host.state is not ContactState.CONNECTED:
        raise ApiError(Cause.RULE, "The contact is not connected to an agent")
    try:
        return service.center.visits.add_supervisor(host, agent)
    except UnableToMonitor as error:
        raise ApiError(Cause.RULE, f"UserId: {error}") from error
    except TooManySupervisors as error:
        raise ApiError(Cause.QUOTA, str(error)) from error
