"""Webhooks in the admin: how well endpoints do, what a contact's partner was told, and telling it again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import pytest

from contacts.announcements import News, announce
from contacts.choices import PartnerEventType
from contacts.commits import commit
from contacts.models import AuditEntry, Contact, EntryPointGrant, Partner
from partners.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.partners_world import partner_of_contact
from tests.webhook_world import make_endpoint

pytestmark = pytest.mark.django_db(transaction=True)
partner = partner_of_contact

URL = "https://hooks.example.com/"


@pytest.fixture
def delivery(contact: Contact, partner: Partner) -> WebhookDelivery:
    """A delivery that was given up."""
    make_endpoint(partner, URL)
    news = [News(PartnerEventType.CONTACT_QUEUED)]
    commit(lambda: announce(contact, news, at=timezone.now()))
    WebhookDelivery.objects.update(
        state="failed", next_attempt_at=None, finished_at=timezone.now()
    )
    delivery = WebhookDelivery.objects.get()
    WebhookAttempt.objects.create(
        delivery=delivery, url=URL, began_at=timezone.now(), latency_ms=7, status=503
    )
    return delivery


def staff(group: str | None) -> Client:
    """Log a member of staff in: of a group, or a superuser."""
    user = get_user_model().objects.create_user(
        group or "root", is_staff=True, is_superuser=group is None
    )
    if group is not None:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, page: str, action: str, *chosen: Any) -> str:
    """Do an action of a list, and return the page that follows."""
    data = {"action": action, "_selected_action": [str(one) for one in chosen]}
    reply = client.post(reverse(f"admin:{page}_changelist"), data, follow=True)
    assert reply.status_code == 200
    return reply.content.decode()


def test_endpoint_is_made_and_its_secret_shown_once(partner: Partner) -> None:
    """Should show it in one answer that is stored nowhere, and refuse an address of a private network."""
    root = staff(None)
    add = reverse("admin:partners_webhookendpoint_add")
    form = {"partner": str(partner.pk), "url": "https://10.0.0.1/", "types": ["contact.ended"]}
    refused = root.post(add, form)
    assert "private or special network" in refused.content.decode()
    made = root.post(add, {**form, "url": URL})
    assert "no-store" in made["Cache-Control"]
    found = re.search(r"data-secret>(whsec_[^<]+)<", made.content.decode())
    assert found is not None
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secrets_at(timezone.now()) == [found[1]]
    assert endpoint.types == ["contact.ended"]
    page = root.get(reverse("admin:partners_webhookendpoint_change", args=[endpoint.pk]))
    assert found[1] not in page.content.decode()
    assert found[1] not in str(list(AuditEntry.objects.values()))


def test_staff_pause_resume_and_replay(delivery: WebhookDelivery) -> None:
    """Should keep each deed in the audit log."""
    root, endpoint = staff(None), delivery.endpoint
    assert "Paused: Staff paused it" in act(root, "partners_webhookendpoint", "pause", endpoint.pk)
    assert "resume it first" in act(root, "partners_webhookendpoint", "replay", endpoint.pk)
    act(root, "partners_webhookendpoint", "resume", endpoint.pk)
    assert "1 event is sent again" in act(root, "partners_webhookendpoint", "replay", endpoint.pk)
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    kept = AuditEntry.objects.order_by("at").values_list("after", flat=True)
    assert list(kept) == [{"enabled": False}, {"enabled": True}, {"replayed": 1}]


def test_contact_shows_what_its_partner_was_told_and_tells_it_again(
    delivery: WebhookDelivery, contact: Contact
) -> None:
    """Should show how far each event got, with a button that sends all of them again."""
    root = staff(None)
    page = root.get(reverse("admin:contacts_contact_change", args=[contact.pk])).content.decode()
    assert "contact.queued" in page
    assert f"{URL}: Given up" in page
    assert 'value="resend_webhooks"' in page
    assert "1 event is sent again" in act(root, "contacts_contact", "resend_webhooks", contact.pk)
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    WebhookEndpoint.objects.update(paused_at=timezone.now(), paused_because="gone")
    assert "endpoint that is paused" in act(
        root, "partners_webhookdelivery", "send_again", delivery.pk
    )


@pytest.mark.parametrize(
    ("group", "sees"), [("Viewer", False), ("Supervisor", False), ("Integrator", True)]
)
def test_staff_see_deliveries_as_far_as_they_are_granted(
    group: str, sees: bool, delivery: WebhookDelivery, contact: Contact
) -> None:
    """Should show them to those who connect partners, of the entry points that they were granted."""
    client = staff(group)
    address = reverse("admin:partners_webhookdelivery_change", args=[delivery.pk])
    assert client.get(address).status_code != 200
    user = get_user_model().objects.get()
    EntryPointGrant.objects.create(entry_point=contact.entry_point, user=user)
    assert (client.get(address).status_code == 200) is sees
    page = client.get(reverse("admin:contacts_contact_change", args=[contact.pk]))
    assert page.status_code == 200
    assert ("contact.queued" in page.content.decode()) is sees
    assert ("resend_webhooks" in page.content.decode()) is sees


def test_log_of_a_delivery_is_shown_and_cannot_be_edited(delivery: WebhookDelivery) -> None:
    """Should show body and attempts, and neither a secret nor a field."""
    root = staff(None)
    address = reverse("admin:partners_webhookdelivery_change", args=[delivery.pk])
    page = root.get(address).content.decode()
    assert "503" in page
    assert "&quot;type&quot;:&quot;contact.queued&quot;" in page
    assert "whsec_" not in page
    assert root.post(address, {}).status_code == 403
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert (
        "contact.queued"
        in root.get(reverse("admin:partners_webhookdelivery_changelist")).content.decode()
    )
