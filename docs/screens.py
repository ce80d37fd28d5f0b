"""Takes a picture of every screen into `docs/screens/`, with an index: part of `python3 dev.py screenshots`.

Each picture shows one screen of the gallery as phone, tablet and desktop draw it, light above dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page

from portal.gallery_scenes import SCENES

FOLDER = Path(__file__).resolve().parent / "screens"
INDEX = FOLDER / "README.md"
STRIP = "../img/a-whole-call.webp"  # docs/film.py

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (320, 768, 1280)
HEIGHT = 720
TALLEST = 1600
"""Beyond this a page is cut off: it goes on in the same way."""
GAP = 24
GROUND = {"light": (204, 208, 214), "dark": (70, 74, 82)}
QUALITY = 55

SAME_EVERYWHERE = """
() => {
  for (const field of document.querySelectorAll("[data-part=address]")) field.value = "https://calls.example.com/";
  return document.fonts.ready.then(() => true);
}
"""
# A picture that is taken before the colours have changed everywhere shows both themes.
IS_DRAWN = """
(theme) => matchMedia(`(prefers-color-scheme: ${theme})`).matches
  && new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))
"""
OTHER_PAGES = ("help/agent_ended", "help/connection_lost", "page/not_found", "page/error")
LIST = "every sentence"  # of the translators: no screen
GROUPS = (
    ("Before the call", ("entry", "embed", "details", "perm", "dev", "spk")),
    (
        "Starting and waiting",
        ("req", "join", "q", "guest.ready", "guest.waiting", "call.ready", "reload"),
    ),
    ("After the call", ("end", "start", "help", "page")),
)
IN_THE_CALL = "In the call"


def take_screens(page: Page, portal_url: str) -> None:
    """Keep a picture of every screen of the gallery, and write the index."""
    FOLDER.mkdir(exist_ok=True)
    page.emulate_media(reduced_motion="reduce")
    for name in screens():
        _take(page, portal_url, name).save(
            FOLDER / file_of(name), "WEBP", quality=QUALITY, method=4
        )
    INDEX.write_text(index())


def screens() -> list[str]:
    """Return the names of all screens there are pictures of."""
    return [*(name for name in SCENES if name != LIST), *OTHER_PAGES]


def file_of(name: str) -> str:
    """Return the name of a screen's picture."""
    return re.sub(r"[^a-z0-9._]+", "-", name.lower()).strip("-") + ".webp"


def index() -> str:
    """Return the index: every screen by name, in the order of a call."""
    lines = [
        "# Every screen",
        "",
        "Made by `python3 dev.py screenshots` from [the gallery](../how-to/translate.md): each screen at 320, 768 and",
        "1280 px, light above dark, in the product's own template, styles and scripts. The names are the ids of sentences.",
        "",
        "## A whole call, on a phone",
        "",
        f"![From the entry over device check, queue and call to the end]({STRIP})",
    ]
    for title, names in _grouped():
        lines += ["", f"## {title}", ""]
        lines += [f"- [{name}]({quote(file_of(name))})" for name in names]
        lines += ["", "<details><summary>All of them, drawn</summary>", ""]
        for name in names:
            lines += [f"### {name}", "", f"![{name}]({quote(file_of(name))})", ""]
        lines += ["</details>"]
    return "\n".join(lines) + "\n"


def _grouped() -> Iterator[tuple[str, list[str]]]:
    def group_of(name: str) -> str:
        fitting = (title for title, begins in GROUPS if name.startswith(begins))
        is_call = "(call)" in name or name.startswith(("dev.lost", "dev.interrupted"))
        return IN_THE_CALL if is_call else next(fitting, IN_THE_CALL)

    titles = [GROUPS[0][0], GROUPS[1][0], IN_THE_CALL, GROUPS[2][0]]
    for title in titles:
        yield title, [name for name in screens() if group_of(name) == title]


def _take(page: Page, portal_url: str, name: str) -> Image.Image:
    kind, _, rest = name.rpartition("/") if name in OTHER_PAGES else ("call", "", name)
    shots: dict[Theme, list[Image.Image]] = {theme: [] for theme in THEMES}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        # Phones are told apart when the page is drawn.
        if width != WIDTHS[-1]:
            page.goto(f"{portal_url}/gallery/{kind}/{quote(rest)}/?lang=en")
        if kind == "call":
            page.locator("[data-drawn]").wait_for(state="attached")
        page.evaluate(SAME_EVERYWHERE)
        for theme, taken in shots.items():
            page.emulate_media(color_scheme=theme)
            page.wait_for_function(IS_DRAWN, arg=theme)
            taken.append(_opened(page.screenshot(full_page=True, animations="disabled")))
    rows = [_beside(taken, GROUND[theme]) for theme, taken in shots.items()]
    both = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)))
    at = 0
    for row in rows:
        both.paste(row, (0, at))
        at += row.height
    return both


def _opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return image.crop((0, 0, image.width, min(image.height, TALLEST)))


def _beside(images: list[Image.Image], ground: tuple[int, int, int]) -> Image.Image:
    width = sum(one.width for one in images) + GAP * (len(images) + 1)
    row = Image.new("RGB", (width, max(one.height for one in images) + 2 * GAP), ground)
    at = GAP
    for one in images:
        row.paste(one, (at, GAP))
        at += one.width + GAP
    return row
