"""Asks Amazon Connect what changes nothing, and says what keeps an entry point's calls from working, with what to add.

What would change a call is asked of a contact, or a flow, that there is not: to be told so is to be allowed to ask.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from contacts import connect, connect_credentials, connect_participants, errors
from contacts.choices import EventSource
from contacts.connect_queues import opening_hours, queue_figures, queue_of_flow
from contacts.embed_doctor import Finding
from contacts.event_queue import EventQueue, QueueUnavailable
from contacts.models import Contact, ContactEvent, EntryPoint

EVENTS_WITHIN = timedelta(minutes=5)  # of a call's beginning, its first event should have come
EVENTS_REMEDY = (
    "Send the instance's contact events to /api/v1/contact-events/ or a queue (docs/how-to/connect-a-real-instance.md), "
    "then make a call."
)


@dataclass(slots=True)
class _Examination:
    """One look at an entry point, and the permissions found missing."""

    entry_point: EntryPoint
    at: datetime
    missing: list[str] = field(default_factory=list)
    queue_id: str = ""

    def findings(self) -> Iterator[Finding]:
        yield Finding(
            connect_credentials.has_credentials(),
            "AWS credentials were found",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role.",
        )
        instance_id = self.entry_point.instance_id
        yield Finding(
            bool(instance_id),
            f"the instance is {instance_id or 'not set'}",
            "Set CONNECT_INSTANCE_ID, or the instance of the entry point.",
        )
        if instance_id:
            yield from self._asked(instance_id)
        if settings.CONNECT_EVENTS_SQS_URL:
            yield _queue_of_events(settings.CONNECT_EVENTS_SQS_URL)
        yield self._events()

    def _asked(self, instance_id: str) -> Iterator[Finding]:
        flow_id = self.entry_point.contact_flow_id
        yield self._try(
            "DescribeContactFlow",
            "the contact flow is there and leads to one queue",
            lambda: self._find_queue(instance_id, flow_id),
            "Check the ids of instance and contact flow, and that the flow is published.",
        )
        if self.queue_id:
            yield from self._asked_of_queue(instance_id, self.queue_id)
        for action, what, ask in _harmless(instance_id, str(uuid.uuid4())):
            yield self._try(
                action, f"{what} ({action})", partial(_of_nobody, ask), "See the reason."
            )

    def _asked_of_queue(self, instance_id: str, queue_id: str) -> Iterator[Finding]:
        today = self.at.date()
        yield self._try(
            ("DescribeQueue", "GetEffectiveHoursOfOperations"),
            "the queue has hours of operation",
            lambda: opening_hours(
                instance_id=instance_id, queue_id=queue_id, first=today, last=today
            ),
            "Give the queue hours of operation.",
        )
        yield self._try(
            "GetCurrentMetricData",
            "the queue tells its agents and waiting calls",
            lambda: queue_figures(instance_id=instance_id, queue_ids=[queue_id]),
            "Check the id of the queue.",
        )

    def _find_queue(self, instance_id: str, flow_id: str) -> None:
        found = queue_of_flow(instance_id=instance_id, flow_id=flow_id)
        self.queue_id = self.entry_point.connect_queue_id.rpartition("/")[2] or found
        if not self.queue_id:
            raise errors.ConnectMisconfigured(
                "the flow leads to no queue, or to several: name one"
            )

    def _try(
        self, actions: str | tuple[str, ...], what: str, ask: Callable[[], object], remedy: str
    ) -> Finding:
        wanted = (actions,) if isinstance(actions, str) else actions
        try:
            ask()
        except errors.ConnectUnauthenticated as error:
            return Finding(False, what, f"Amazon Connect refuses the credentials ({error}).")
        except errors.ConnectForbidden:
            names = [f"connect:{one}" for one in wanted]
            self.missing += names
            return Finding(False, what, f"Allow {' and '.join(names)}.")
        except errors.ConnectError as error:
            return Finding(False, what, f"{error.code}: {error}. {remedy}")
        return Finding(True, what)

    def _events(self) -> Finding:
        """Whether the newest call that began a while ago was told of."""
        events = ContactEvent.objects.filter(source=EventSource.CONNECT)
        calls = Contact.objects.filter(
            entry_point=self.entry_point,
            initiated_at__lte=self.at - EVENTS_WITHIN,
        )
        last_call = calls.order_by("-requested_at").first()
        mine = events.filter(contact__entry_point=self.entry_point)
        last = mine.order_by("-pk").values_list("received_at", flat=True).first()
        if not (settings.CONNECT_EVENTS_KEYS or settings.CONNECT_EVENTS_SQS_URL):
            return Finding(
                False,
                "contact events can come",
                "Set CONNECT_EVENTS_KEY or CONNECT_EVENTS_SQS_URL.",
            )
        if last_call is None and last is None:
            return Finding(
                False, "contact events arrive: no call has been made yet", EVENTS_REMEDY
            )
        told = last_call is None or last_call.events.filter(source=EventSource.CONNECT).exists()
        when = "never" if last is None else f"{last:%Y-%m-%d %H:%M:%S} UTC"
        return Finding(told, f"contact events arrive: the last one came {when}", EVENTS_REMEDY)


def examine_connection(*, entry_point: EntryPoint, at: datetime) -> tuple[list[Finding], str]:
    """Return what was found, and the statement to add to the role's policy; empty if no permission is missing."""
    examination = _Examination(entry_point, at)
    findings = list(examination.findings())
    return findings, _statement(entry_point, examination.missing) if examination.missing else ""


def _statement(entry_point: EntryPoint, actions: list[str]) -> str:
    instance = entry_point.instance_id.rpartition("/")[2]
    arn = f"arn:aws:connect:{settings.CONNECT_REGION}:*:instance/{instance}"
    statement = {"Effect": "Allow", "Action": actions, "Resource": [arn, f"{arn}/*"]}
    return json.dumps(statement, indent=2)


def _harmless(instance_id: str, strange: str) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Requests of every kind that a call needs, about something whose id nobody has."""
    of_nobody = {"instance_id": instance_id, "contact_id": strange}
    may_nothing = connect.Capabilities(video=False, screen_share=False)
    start = connect.StartRequest(
        instance_id=instance_id,
        contact_flow_id=strange,
        client_token=strange,
        display_name="Check",
        description="",
        attributes={},
        references={},
        customer=may_nothing,
        agent=may_nothing,
    )
    admission = connect_participants.AdmissionRequest(
        **of_nobody, client_token=strange, display_name="Check", capabilities=may_nothing
    )
    followed, changed = "calls can be followed", "calls can be annotated"
    yield "DescribeContact", followed, partial(connect.describe_contact, **of_nobody)
    yield "GetContactMetrics", followed, partial(connect.queue_place, **of_nobody)
    yield (
        "StartWebRTCContact",
        "calls can be started",
        partial(connect.start_webrtc_contact, start),
    )
    yield "StopContact", "calls can be ended", partial(connect.stop_contact, **of_nobody)
    annotate = partial(connect.update_contact_attributes, attributes={"check": "connection"})
    yield "UpdateContactAttributes", changed, partial(annotate, **of_nobody)
    refer = partial(connect.update_contact_references, references={"check": ("STRING", "check")})
    yield "UpdateContact", changed, partial(refer, **of_nobody)
    admit = partial(connect_participants.create_participant, admission)
    yield "CreateParticipant", "people can be invited", admit


def _queue_of_events(url: str) -> Finding:
    """Whether the queue of events may be read. What is read is put back at once."""
    what = "the queue of contact events can be read"
    queue = EventQueue(url)
    try:
        queue.put_back(queue.receive(wait_s=0), after_s=0)
    except QueueUnavailable as error:
        wanted = "sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility"
        return Finding(False, what, f"{error}. Check CONNECT_EVENTS_SQS_URL, and allow {wanted}.")
    finally:
        queue.close()
    return Finding(True, what)


def _of_nobody(ask: Callable[[], object]) -> None:
    """Ask about what there is not: that nobody knows it proves that one may ask."""
    with contextlib.suppress(
        errors.ConnectContactGone, errors.ConnectMisconfigured, errors.ContactNotConnected
    ):
        ask()
