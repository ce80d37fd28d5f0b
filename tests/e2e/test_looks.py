"""Entry points that look as their companies do, seen by a browser."""

from __future__ import annotations

from tests.e2e.crowd import Crowd
from tests.entry_points import save_entry_point

BUTTON = """
() => {
  const style = getComputedStyle(document.querySelector('[data-action="start"]'));
  return [style.backgroundColor, style.color, style.borderRadius];
}
"""


def test_page_has_the_colours_and_corners_of_its_entry_point(crowd: Crowd) -> None:
    """Should draw buttons with them in light and dark, and leave other entry points alone; no policy is broken (case 56, 58)."""
    looks = {"accent": "#7a1fa2", "corner_radius": 4}
    save_entry_point(crowd.stack.portal, "violet", ignores_hours=True, **looks)
    customer = crowd.customer()
    customer.open("/call/violet/")
    assert customer.page.evaluate(BUTTON) == ["rgb(122, 31, 162)", "rgb(255, 255, 255)", "4px"]

    customer.page.emulate_media(color_scheme="dark")
    background, text, _ = customer.page.evaluate(BUTTON)
    assert background != "rgb(122, 31, 162)"
    assert text == "rgb(0, 0, 0)"

    customer.page.emulate_media(color_scheme="light")
    customer.open("/call/demo/")
    assert customer.page.evaluate(BUTTON)[0] == "rgb(10, 107, 90)"
