"""The admin as staff use it: the list while a call goes on, the call's page, the check of the connection, the export."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.contacts_world import control
from tests.e2e import axe
from tests.e2e.admin_page import AdminPage
from tests.e2e.crowd import Crowd

pytestmark = pytest.mark.e2e

ADD_VIEWER = """
from django.contrib.auth.models import Group, User
from contacts.models import EntryPoint, EntryPointGrant
vera = User.objects.create_user("vera", password="see-no-names-7", is_staff=True)
vera.groups.add(Group.objects.get(name="Viewer"))
for one in EntryPoint.objects.all():
    EntryPointGrant.objects.create(entry_point=one, user=vera)
"""

GRANT = """
from django.contrib.auth.models import User
from contacts.models import EntryPoint, EntryPointGrant
for one in EntryPoint.objects.all():
    EntryPointGrant.objects.get_or_create(entry_point=one, user=User.objects.first())
"""


def _looked_at(looker: AdminPage, page: Page, name: str) -> None:
    """Find nothing serious on the page in any look. Another browser looks: axe's own styles break the page's policy."""
    looker.page.goto(page.url)
    found = axe.findings(looker.page)
    assert not found, f"on {name}:\n" + "\n".join(found)


def _staff(crowd: Crowd, *, bypass_csp: bool = False) -> AdminPage:
    staff = AdminPage(crowd.browser(bypass_csp=bypass_csp).page, crowd.stack.portal.url)
    staff.log_in()
    return staff


def test_staff_follow_end_and_export_a_call(crowd: Crowd) -> None:
    """Should find the call, read its story, end it once confirmed, and take it away as a file."""
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued", name="Ana Lima")
    admin, looker = _staff(crowd), _staff(crowd, bypass_csp=True)
    page = admin.page
    _looked_at(looker, page, "index")
    page.goto(f"{admin.portal_url}/admin/contacts/contact/")
    assert "Ana Lima" in page.locator("#result_list").inner_text()
    reference = page.locator("#result_list tbody th a").first.inner_text()
    _looked_at(looker, page, "list")
    admin.open_contact(reference)
    page.locator(".lane-track rect").first.wait_for(state="attached")
    _looked_at(looker, page, "contact")
    page.get_by_role("button", name="End call…").click()
    assert reference in page.locator("#content").inner_text()
    page.locator("#content input[type=submit]").click()
    customer.wait_for("ended")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert reference in Path(download.value.path()).read_text()


def test_list_follows_calls_without_moving(crowd: Crowd) -> None:
    """Should patch a row where it stands, tell of new calls, and show a viewer no name: case 59."""
    customer = crowd.customer()
    customer.open_from_the_front()
    customer.go_on_to("queued", name="Ana Lima")
    admin = _staff(crowd)
    crowd.stack.portal.manage("shell", "-c", ADD_VIEWER)
    viewer = AdminPage(crowd.browser().page, crowd.stack.portal.url)
    viewer.log_in("vera", "see-no-names-7")
    for one in (admin, viewer):
        one.page.goto(f"{one.portal_url}/admin/contacts/contact/")
        one.page.locator(".live-pill[data-state=live]").wait_for()
    chips = [
        one.page.locator("#result_list tbody tr:first-child .chip") for one in (admin, viewer)
    ]
    listed = admin.page.locator("#result_list tbody th").all_inner_texts()
    bo = {"name": "Bo", "auto_answer_s": 0, "media": "none"}
    control(crowd.stack.connect, "POST", "/_local/agents", bo)
    customer.wait_for("connected")
    for chip in chips:
        chip.and_(chip.page.locator(".chip-connected")).wait_for()
    second = crowd.customer()
    second.open_from_the_front()
    second.go_on_to("queued", name="Bo Berg")
    admin.page.get_by_role("link", name="New contacts: 1").wait_for()
    assert admin.page.locator("#result_list tbody th").all_inner_texts() == listed
    talked = admin.page.locator("#result_list tbody tr:first-child [data-cell=talked]")
    assert talked.inner_text().startswith("0:")
    assert "Ana Lima" in admin.page.locator("#result_list").inner_text()
    assert "•••" in viewer.page.locator("#result_list").inner_text()
    assert "Ana Lima" not in viewer.page.content()
    admin.page.locator(".live-pill").click()
    admin.page.locator(".live-pill[data-state=paused]").wait_for()
    admin.page.locator(".live-pill").click()
    admin.page.locator(".live-pill[data-state=live]").wait_for()
    admin.page.get_by_role("link", name="New contacts: 1").click()
    admin.page.get_by_text("Bo Berg").wait_for()


def test_entry_point_tries_looks_on_and_checks_its_connection(crowd: Crowd) -> None:
    """Should show what is typed before it is saved, and say what is in order and what to do."""
    crowd.stack.portal.manage("shell", "--no-imports", "--command", GRANT)
    admin, looker = _staff(crowd), _staff(crowd, bypass_csp=True)
    page = admin.page
    page.goto(f"{admin.portal_url}/admin/contacts/entrypoint/")
    page.locator("#result_list tbody th a").first.click()
    shown = page.frame_locator("iframe.preview:not(.preview-coming)")
    shown.locator("[data-call-state='ready'][data-drawn]").wait_for()
    before = page.evaluate("history.length")
    page.fill("#id_company", "Acme & Co")
    page.fill("#id_accent", "#ffcc00")
    shown.get_by_text("#ffcc00 has a contrast of 1.39:1").wait_for()
    page.fill("#id_accent", "#7a1fa2")
    shown.get_by_text("#7a1fa2, contrast 7.60:1").wait_for()
    shown.get_by_text("Acme & Co").wait_for()
    start = shown.locator("[data-action=start]")
    start.wait_for()
    assert start.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(122, 31, 162)"
    page.select_option("[name=preview_theme]", "dark")
    page.wait_for_function(
        """() => {
          const frame = document.querySelector("iframe.preview:not(.preview-coming)");
          const start = frame.contentDocument?.querySelector("[data-action=start]");
          return start && getComputedStyle(start).backgroundColor === "rgb(175, 121, 199)";
        }"""
    )
    assert page.evaluate("history.length") == before
    _looked_at(looker, page, "entry-point")
    page.get_by_role("link", name="Check connection").click()
    page.locator(".findings .chip-connected").first.wait_for()
    _looked_at(looker, page, "check")
