"""Features that an entry point goes without: refused by the portal, whatever the page shows, and named to page and partner."""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

import pytest

from contacts.choices import Feature
from contacts.models import AuditEntry, CallbackRequest, Contact, EntryPoint, Invitation, Survey
from tests.api.staff import member_of
from tests.api.test_looks import save
from tests.contacts_world import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("configuration")]

ASKED: dict[Feature, tuple[str, dict[str, Any]]] = {
    Feature.SURVEY: ("contact-survey", {"rating": 5}),
    Feature.INVITATIONS: ("invitation-list", {}),
    Feature.HANDOVER: ("contact-handover", {}),
    Feature.CALLBACKS: (
        "callback-list",
        {"entry_point": "support", "name": "Ana", "phone": "+49301234567"},
    ),
    Feature.REMINDERS: ("reminder-list", {"entry_point": "support", "email": "ana@example.com"}),
}


def ask(contact: Contact, customer_key: str, feature: Feature) -> Any:
    """Ask for a feature as the customer's page does."""
    name, body = ASKED[feature]
    if "entry_point" in body:
        body = body | {"entry_point": contact.entry_point.slug}
    address = reverse(name, args=[] if "entry_point" in body else [contact.pk])
    client = Customer(customer_key).client
    return client.post(address, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("feature", ASKED, ids=lambda feature: feature.value)
def test_portal_refuses_what_is_switched_off(
    feature: Feature, contact: Contact, customer_key: str
) -> None:
    """Should say so, and keep nothing; what is not switched off is not refused for it."""
    EntryPoint.objects.update(switched_off=[feature.value])
    refused = ask(contact, customer_key, feature)
    assert (refused.status_code, refused.json()["code"]) == (409, "feature_off")
    kept = [model.objects.exists() for model in (Survey, Invitation, CallbackRequest)]
    assert kept == [False] * 3
    others = [one.value for one in Feature if one is not feature]
    EntryPoint.objects.update(switched_off=others)
    assert ask(contact, customer_key, feature).json().get("code") != "feature_off"


def test_staff_switch_features_off_and_the_page_is_told(entry_point: EntryPoint) -> None:
    """Should keep it in the audit log, and tell the page what not to show."""
    client = member_of("Owner")
    given = {"switched_off": ["chat", "survey"], "company": "Acme"}
    assert save(client, entry_point, **given).status_code == 302
    entry_point.refresh_from_db()
    assert entry_point.switched_off == ["chat", "survey"]
    assert AuditEntry.objects.filter(after__switched_off=["chat", "survey"]).exists()
    page = Client().get(f"/call/{entry_point.slug}/").content.decode()
    data = json.loads(re.findall(r'id="call-data" type="application/json">(.*?)</', page)[0])
    assert data["entry_point"]["off"] == ["chat", "survey"]


@pytest.mark.parametrize("wrong", [["video"], ["chat", "chat"], "chat", {"chat": 1}, [["chat"]]])
def test_what_is_no_feature_is_refused(entry_point: EntryPoint, wrong: Any) -> None:
    """Should hold no name that means nothing."""
    entry_point.switched_off = wrong
    with pytest.raises(ValidationError, match="Give a list of features"):
        entry_point.full_clean()
