"""The documentation's site, built as it is published: whole, without a broken link, and asking nobody else for anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devtools import site
from devtools.steps import SetUpFailed

LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?([^\"'\s>]+)"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|preconnect|icon|modulepreload))[^>]*\bhref=[\"']?([^\"'\s>]+)"
)
IN_STYLES = re.compile(r"(?:url\(|@import\s+)[\"']?(https?:)?//")
READERS = ("web-teams", "administrators", "partners", "operators")


@pytest.fixture(scope="module")
def built() -> Path:
    """The folder of the site."""
    return site.build_site()


def test_every_page_is_in_the_site(built: Path) -> None:
    """Should have each page of the repository's documentation, and a list of decisions."""
    for page in site.DOCS.rglob("*.md"):
        name = page.relative_to(site.DOCS).with_suffix(".html")
        assert (built / name.parent / name.name.replace("README", "index")).is_file(), name
    assert "42. One wheel" in (built / "adr" / "index.html").read_text()


def test_nothing_is_fetched_from_anybody_else(built: Path) -> None:
    """Should load scripts, styles, fonts and pictures of its own alone."""
    pages = list(built.rglob("*.html"))
    loaded = {
        address
        for page in pages
        for found in LOADED.findall(page.read_text())
        for address in found
        if address
    }
    assert any(address.endswith(".css") for address in loaded)
    assert any(address.endswith(".js") for address in loaded)
    assert not [address for address in loaded if re.match(r"(\w+:)?//", address)]
    assert not [style for style in built.rglob("*.css") if IN_STYLES.search(style.read_text())]


def test_each_reader_has_a_page_that_all_find(built: Path) -> None:
    """Should be one click from the start, and from the README."""
    start = (built / "index.html").read_text()
    readme = (site.paths.ROOT / "README.md").read_text()
    for reader in READERS:
        assert f"readers/{reader}.html" in start
        assert f"docs/readers/{reader}.md" in readme


@pytest.mark.parametrize("link", ["how-to/gone.md", "how-to/deploy.md#gone"], ids=["page", "part"])
def test_broken_link_fails_the_build(
    link: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Should say which page has it, and what it leads to."""
    folder = tmp_path / "docs"
    site.shutil.copytree(site.DOCS, folder)
    with (folder / "index.md").open("a") as page:
        page.write(f"\n[broken]({link})\n")
    monkeypatch.setattr(site, "DOCS", folder)

    with pytest.raises(SetUpFailed, match=r"index\.md.*gone"):
        site.build_site()
