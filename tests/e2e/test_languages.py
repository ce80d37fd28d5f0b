"""The customer's page in other languages: nothing left in English, and from right to left with room for every word.

Screens come from the gallery, which draws them with the product's own template, styles and scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.gallery_scenes import SCENES
from tests.e2e.crowd import Crowd, Stack

# Each text a person can read or hear, with where it stands; what is filled in and names are not ours to translate.
TEXTS = """
() => {
  const shown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? true;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement: parent, textContent: text } = walker.currentNode;
    if (/script|noscript|option|kbd/i.test(parent.tagName) || parent.closest('nav.languages')) continue;
    if (text.trim() && shown(parent)) found.push(text.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      const text = element.getAttribute(name);
      if (text?.trim() && !element.closest('nav.languages')) found.push(text.trim());
    }
  }
  return found;
}
"""
# What sticks out of the page or of its own box, by more than rounding.
OVERFLOWS = """
() => {
  const wide = document.documentElement.scrollWidth > innerWidth + 1
    ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
  const words = [...document.querySelectorAll('[data-msg]')].filter(
    (one) => one.checkVisibility?.() && one.getBoundingClientRect().width > 1,
  );
  const outside = words.filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    if (getComputedStyle(one).position === 'absolute') return false;
    return left < -1 || right > innerWidth + 1;
  });
  const clipped = words.filter((one) => {
    const { overflowX, display } = getComputedStyle(one);
    return display !== 'inline' && overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
  });
  return [...wide, ...new Set([...outside, ...clipped].map((one) => `${one.dataset.msg}: ${one.textContent}`))];
}
"""
# Names, numbers, and what the gallery fills in: nothing that a catalogue could say.
NOT_OURS = re.compile(
    r"(Example Company|Sam|Ana|Headset|Webcam|Order number|Carnival|K7QX-2M4P|Mar 2, 2026, .*|[\W\d]+|\[.*\])",
    re.DOTALL,
)


def scenes(page: Page, stack: Stack, language: str) -> Iterator[str]:
    """Go through the gallery's screens, each drawn."""
    for name in SCENES:
        page.goto(f"{stack.portal.url}/gallery/call/{name}/?lang={language}&theme=light")
        page.locator("[data-drawn]").wait_for(state="attached")
        yield name


@pytest.fixture
def page(crowd: Crowd) -> Page:
    """Open a browser as narrow as the narrowest phones."""
    opened = crowd.browser().page
    opened.set_viewport_size({"width": 320, "height": 640})
    return opened


def test_no_screen_has_a_word_without_an_id(page: Page, crowd: Crowd) -> None:
    """Should have every text in brackets in the pseudo-locale, so that each went through the catalogue."""
    raw: dict[str, Any] = {}

    for name in scenes(page, crowd.stack, "en-xa"):
        loose = [text for text in page.evaluate(TEXTS) if not NOT_OURS.fullmatch(text)]
        if loose:
            raw[name] = loose

    assert raw == {}


def test_every_screen_fits_from_right_to_left(page: Page, crowd: Crowd) -> None:
    """Should lose no Arabic word at 320 px, with the bar mirrored (case 55)."""
    cut: dict[str, Any] = {}

    for name in scenes(page, crowd.stack, "ar"):
        if found := page.evaluate(OVERFLOWS):
            cut[name] = found
        if name == "call.connected":
            assert page.evaluate("getComputedStyle(document.documentElement).direction") == "rtl"
            mute, leave = (
                page.locator(f'.bar [data-action="{action}"]').bounding_box()
                for action in ("mute", "leave")
            )
            assert mute
            assert leave
            assert mute["x"] > leave["x"]

    assert cut == {}


def test_person_chooses_a_language_on_the_page_and_it_stays(crowd: Crowd) -> None:
    """Should speak Arabic from the choice on, also after the page was left and opened again."""
    customer = crowd.customer()
    customer.open()

    customer.page.locator('.languages a[hreflang="ar"]').click()
    customer.wait_for("ready")
    heading = customer.page.locator("h1").inner_text()
    customer.open()

    assert customer.page.locator("html").get_attribute("dir") == "rtl"
    assert "بالفيديو" in heading
    assert customer.page.locator("h1").inner_text() == heading
