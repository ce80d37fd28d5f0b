"""The admin as each group of staff finds it: all pages they are offered, and the work that is theirs."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.e2e import axe
from tests.e2e.admin_page import AdminPage
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

PASSWORD = "of-every-group-7"
ADD_STAFF = f"""
from django.contrib.auth.models import Group, User
from contacts.models import EntryPoint, EntryPointGrant
for name in ("Viewer", "Supervisor", "Integrator", "Owner"):
    user, _ = User.objects.get_or_create(username=name.lower(), is_staff=True)
    user.set_password("{PASSWORD}")
    user.save()
    user.groups.add(Group.objects.get(name=name))
    for one in EntryPoint.objects.all():
        EntryPointGrant.objects.get_or_create(entry_point=one, user=user)
"""
ADD_DELIVERY = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from contacts.announcements import News, announce
from contacts.choices import PartnerEventType
from contacts.models import Contact, Partner
from partners.models import WebhookDelivery, WebhookEndpoint
partner, _ = Partner.objects.get_or_create(name="Example")
contact = Contact.objects.order_by("requested_at").last()
Contact.objects.filter(pk=contact.pk).update(partner=partner)
contact.refresh_from_db()
endpoint = WebhookEndpoint(partner=partner, url="https://hooks.example.com/in", created_at=timezone.now())
endpoint.renew_secret(at=endpoint.created_at)
endpoint.save()
with transaction.atomic():
    announce(contact, [News(PartnerEventType.CONTACT_ENDED)], at=timezone.now())
WebhookDelivery.objects.filter(endpoint=endpoint).update(state="failed", next_attempt_at=None, finished_at=timezone.now())
print(contact.reference)
"""


@pytest.fixture
def reference(crowd: Crowd) -> str:
    """Staff of all groups, and one of each thing that they look after; the reference of the call among them."""
    portal = crowd.stack.portal
    portal.manage("shell", "--no-imports", "-c", ADD_STAFF)
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued", name="Ana Lima")
    customer.press("leave")
    customer.press("confirm-leave")
    customer.wait_for("ended")
    wish = {"entry_point": "demo", "phone": "+49301234567", "name": "Ana Lima"}
    assert _post(f"{portal.url}/api/v1/callbacks/", wish) == 201
    key = {"X-Events-Key": portal.events_key}
    assert _post(portal.events_url, {"detail": "not an event"}, **key) == 400
    return portal.manage("shell", "--no-imports", "-c", ADD_DELIVERY).split()[-1]


def _post(url: str, body: dict[str, Any], **headers: str) -> int:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return int(reply.status)
    except HTTPError as error:
        return error.code


def _log_in(crowd: Crowd, group: str, *, bypass_csp: bool = False) -> AdminPage:
    member = AdminPage(crowd.browser(bypass_csp=bypass_csp).page, crowd.stack.portal.url)
    member.log_in(group, PASSWORD)
    return member


def _offered(page: Page) -> list[str]:
    """Return the addresses of all lists that the first page of the admin links to."""
    links = page.locator("#content a[href^='/admin/'], #nav-sidebar a[href^='/admin/']")
    found = {str(one.get_attribute("href")) for one in links.all()}
    return sorted(one for one in found if one.count("/") == 4 and "/auth/" not in one)


def _pages_of(page: Page, portal_url: str) -> Iterator[str]:
    """Open each list that is offered, and the first row of each; yield the name of what is open."""
    page.goto(f"{portal_url}/admin/")
    yield "the first page"
    for address in _offered(page):
        page.goto(f"{portal_url}{address}")
        yield address
        first = page.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            page.wait_for_url("**/change/**")
            yield urlsplit(page.url).path


def _act(page: Page, action: str) -> None:
    """Choose the first row of a list, and an action for it."""
    page.locator("#result_list tbody input[type=checkbox]").first.check()
    page.select_option("select[name=action]", action)
    page.locator("button[name=index]").click()


@pytest.mark.parametrize("group", ["viewer", "owner"])
def test_every_page_a_group_is_offered_is_accessible(
    crowd: Crowd, reference: str, group: str
) -> None:
    """Should have nothing serious in any look, and show whoever may know no names none of them."""
    member = _log_in(crowd, group, bypass_csp=True)
    page, found, seen = member.page, [], []
    for name in _pages_of(page, member.portal_url):
        assert page.locator("#content").count() == 1, name
        seen.append(name)
        found += [f"{name}: {one}" for one in axe.findings(page)]
        if group == "viewer":
            assert "Ana Lima" not in page.content(), name
            assert "+49301234567" not in page.content(), name
    assert not found, "\n".join(found)
    assert any(name.startswith("/admin/contacts/contact/") for name in seen), seen


def test_viewer_changes_nothing(crowd: Crowd, reference: str) -> None:
    """Should offer no action, nor open a page that is not theirs by its address."""
    viewer = _log_in(crowd, "viewer")
    page = viewer.page
    text = viewer.open_contact(reference)
    assert "End call" not in text
    assert page.locator("#content input[name=_save]").count() == 0
    for path in ("contacts/auditentry/", "partners/apikey/", "contacts/entrypoint/add/"):
        reply = page.request.get(f"{viewer.portal_url}/admin/{path}")
        assert reply.status in {403, 404}, path


def test_supervisor_finds_notes_and_calls_back(crowd: Crowd, reference: str) -> None:
    """Should find the call by its customer's name, keep a note of it, and claim and finish the callback."""
    supervisor = _log_in(crowd, "supervisor")
    page = supervisor.page
    page.goto(f"{supervisor.portal_url}/admin/contacts/contact/?q=Ana+Lima")
    assert reference in page.locator("#result_list").inner_text()
    page.locator("#result_list tbody th a").first.click()
    page.fill("#id_notes", "Wants a refund.")
    page.locator("input[name=_save]").click()
    page.locator(".messagelist .success").wait_for()
    page.goto(f"{supervisor.portal_url}/admin/contacts/callbackrequest/?state__exact=open")
    for action in ("claim", "mark_done"):
        _act(page, action)
        page.locator(".messagelist .success").wait_for()


def test_integrator_makes_a_key_that_is_shown_once(crowd: Crowd, reference: str) -> None:
    """Should show it when it is made, and its beginning alone from then on."""
    integrator = _log_in(crowd, "integrator")
    page = integrator.page
    page.goto(f"{integrator.portal_url}/admin/partners/apikey/add/")
    page.select_option("#id_partner", label="Example")
    page.fill("#id_name", "Website")
    for scope in page.locator("[name=scopes]").all()[:1]:
        scope.check()
    page.locator("input[name=_save]").click()
    told = page.locator("#content").inner_text()
    [key] = re.findall(r"vcp_live_\w{51}", told)
    page.goto(f"{integrator.portal_url}/admin/partners/apikey/")
    listed = page.locator("#result_list").inner_text()
    assert key[:17] in listed
    assert key not in page.content()


def test_owner_puts_right_what_did_not_arrive(crowd: Crowd, reference: str) -> None:
    """Should send a webhook again, redrive a dead letter, erase a customer, and find all of it in the audit log."""
    owner = _log_in(crowd, "owner")
    page = owner.page
    for path, action in (
        ("partners/webhookdelivery", "send_again"),
        ("contacts/deadletter", "redrive"),
    ):
        page.goto(f"{owner.portal_url}/admin/{path}/")
        _act(page, action)
        page.locator(".messagelist").wait_for()
    page.goto(f"{owner.portal_url}/admin/contacts/contact/")
    _act(page, "erase_data")
    page.locator("#content form input[type=submit]").click()
    page.locator(".messagelist").wait_for()
    assert "Ana Lima" not in owner.open_contact(reference)
    page.goto(f"{owner.portal_url}/admin/contacts/auditentry/")
    assert "owner" in page.locator("#result_list").inner_text()
