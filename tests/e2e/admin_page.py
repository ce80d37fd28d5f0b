"""Django admin, as a supervisor reads it."""

from __future__ import annotations

from playwright.sync_api import Page


class AdminPage:
    """The administrator of the demo, logged in."""

    def __init__(self, page: Page, portal_url: str) -> None:
        self.page = page
        self.portal_url = portal_url

    def log_in(self, user: str = "admin", password: str = "admin") -> None:
        self.page.goto(f"{self.portal_url}/admin/login/?next=/admin/")
        self.page.fill("#id_username", user)
        self.page.fill("#id_password", password)
        self.page.click("input[type=submit]")
        self.page.wait_for_url("**/admin/")

    def open_contact(self, reference: str) -> str:
        """Find the contact by its human reference and return everything its page says."""
        self.page.goto(f"{self.portal_url}/admin/contacts/contact/?q={reference}")
        self.page.locator("#result_list tbody th a").first.click()
        self.page.wait_for_url("**/contacts/contact/*/change/**")
        return self.page.locator("#content").inner_text()
