"""What a browser keeps of a call: nothing that lets anybody into it, neither in storage nor in addresses."""

from __future__ import annotations

import json

import pytest

from tests.e2e.crowd import Crowd
from tests.e2e.test_first_call import connect_two

pytestmark = pytest.mark.e2e

_TOKEN = """
async (id) => {
  const answer = await fetch(`/api/v1/contacts/${id}/connection/`, { method: "POST" });
  return (await answer.json()).connection.Attendee.JoinToken;
}
"""
_KEPT = """
() => ({
  local: { ...localStorage },
  session: { ...sessionStorage },
  cookies: document.cookie,
  address: location.href,
  referrer: document.referrer,
  state: history.state,
  requested: performance.getEntriesByType("resource").map((entry) => entry.name),
})
"""


def test_browser_keeps_no_token_during_a_call_nor_after(crowd: Crowd) -> None:
    """Should hold the connection in memory alone, and ask for it again after a reload."""
    customer, _ = connect_two(crowd)
    page = customer.browser.page
    token = page.evaluate(_TOKEN, customer.contact_id)
    assert len(token) > 12
    during = page.evaluate(_KEPT)
    # The socket that carries the meeting is of the SDK, which puts the token into its subprotocol.
    assert token not in json.dumps(during)
    customer.press("leave")
    customer.wait_for("ended")
    after = page.evaluate(_KEPT)
    assert token not in json.dumps(after)
    assert "JoinToken" not in json.dumps([during, after])
