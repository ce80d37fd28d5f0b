"""Whether an entry point is connected: asked of the embedded Connect, in the admin and on the command line."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from html import unescape

from django.core.management import CommandError, call_command
from django.utils import timezone

import pytest
from pytest_django.fixtures import Settings

from contacts.models import Contact, EntryPoint
from tests.api.staff import member_of
from tests.contacts_world import EVENTS_KEY, Customer, control, envelope, upstream_contacts
from tests.servers import LocalConnect


def checked(entry_point: EntryPoint) -> str:
    answer = member_of("Integrator", entry_point).get(
        f"/admin/contacts/entrypoint/{entry_point.pk}/check/"
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def tell_of_a_call(customer: Customer) -> None:
    """Make a call, and have its first event arrive."""
    customer.post("/api/v1/contacts/", {"entry_point": "support", "name": "Ana"})
    contact = Contact.objects.get()
    event = envelope(contact.connect_contact_id, "INITIATED", timezone.now())
    customer.post("/api/v1/contact-events/", event, X_Events_Key=EVENTS_KEY)


def test_everything_is_in_order(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should find nothing to do once a call was made and told of."""
    tell_of_a_call(customer)
    page = checked(entry_point)
    assert "To do" not in page
    assert page.count("In order") == 13
    out = io.StringIO()
    call_command("check_connect", entry_point="support", stdout=out)
    assert "Nothing to do." in out.getvalue()


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        (name, f"connect:{name}")
        for name in (
            *("DescribeContactFlow", "DescribeQueue", "GetCurrentMetricData"),
            *("DescribeContact", "GetContactMetrics", "StartWebRTCContact", "StopContact"),
            *("UpdateContact", "UpdateContactAttributes", "CreateParticipant"),
        )
    ],
)
def test_missing_permission_is_named_with_the_statement_to_add(
    connect: LocalConnect, entry_point: EntryPoint, operation: str, action: str
) -> None:
    """Should say which action to allow on which resources."""
    fault = {"operation": operation, "error": "AccessDeniedException", "times": 1}
    control(connect, "POST", "/_local/faults", fault)
    page = unescape(checked(entry_point))
    found = re.search(r"<code data-statement>(.*?)</code>", page, re.DOTALL)
    assert found is not None
    statement = json.loads(found.group(1))
    assert action in statement["Action"]
    assert statement["Resource"][0].endswith(f"instance/{connect.instance_id}")


def test_check_changes_nothing(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should begin no contact, and end none."""
    before = upstream_contacts(connect)
    assert "calls can be started" in checked(entry_point)
    assert upstream_contacts(connect) == before


def test_queue_of_events_that_there_is_not_is_told(
    connect: LocalConnect, entry_point: EntryPoint, settings: Settings
) -> None:
    """Should say what to allow; of a queue that there is, that it can be read."""
    settings.CONNECT_EVENTS_SQS_URL = f"{connect.url}/000000000000/nobodys"
    assert "allow sqs:ReceiveMessage" in checked(entry_point)


def test_wrong_flow_is_told(connect: LocalConnect, entry_point: EntryPoint) -> None:
    """Should say that Amazon Connect knows no such flow, and fail on the command line."""
    EntryPoint.objects.update(connect_contact_flow_id="22222222-2222-4222-8222-999999999999")
    entry_point.refresh_from_db()
    assert "Check the ids of instance and contact flow" in checked(entry_point)
    with pytest.raises(CommandError, match="to do"):
        call_command("check_connect", entry_point="support", stdout=io.StringIO())


def test_events_that_do_not_arrive_are_told(
    connect: LocalConnect, entry_point: EntryPoint, customer: Customer
) -> None:
    """Should tell that no call was made yet, then that one was and nothing told of it."""
    assert "no call has been made yet" in checked(entry_point)
    customer.post("/api/v1/contacts/", {"entry_point": "support", "name": "Ana"})
    Contact.objects.update(initiated_at=timezone.now() - timedelta(minutes=6))
    assert "the last one came never" in checked(entry_point)


def test_check_is_for_who_may_change_the_entry_point(entry_point: EntryPoint) -> None:
    """Should refuse viewers, and know nothing of others' entry points."""
    address = f"/admin/contacts/entrypoint/{entry_point.pk}/check/"
    assert member_of("Viewer", entry_point).get(address).status_code == 403
    assert member_of("Integrator").get(address).status_code == 404


def test_page_offers_the_snippet_and_the_real_page(entry_point: EntryPoint) -> None:
    """Should show the line with the entry point's slug, and lead to its page."""
    answer = member_of("Integrator", entry_point).get(
        f"/admin/contacts/entrypoint/{entry_point.pk}/change/"
    )
    page = answer.content.decode()
    assert '&lt;script async src="http://testserver/embed/v1.js" data-site="support"' in page
    assert '<a href="/call/support/">Open its page</a>' in page
