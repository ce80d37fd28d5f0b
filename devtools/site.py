"""`dev.py docs`: the documentation as a site, from `docs/`. What leads nowhere, or stands in no menu, fails the build.

The pages are written to be read in the repository as well. What they link to outside of `docs/` is copied into the site, if it is a
page, and otherwise named without a link.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from devtools import packages, paths
from devtools.steps import run

DOCS = paths.ROOT / "docs"
ENVIRONMENT = paths.STATE / "tools" / "docs"
PAGES = paths.STATE / "site-pages"
SITE = paths.STATE / "site"
TAKEN_ALONG = ("CHANGELOG.md", "CONTRIBUTING.md")
OUTSIDE = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+)([^)#]+)(#[^)]*)?\)")
TITLES = {
    "tutorials": "Tutorial",
    "readers": "For you",
    "how-to": "How to",
    "reference": "Reference",
    "explanation": "Explanation",
    "adr": "Decisions",
}
"""The folders of `docs/`, in the order of the menu."""


def build_site() -> Path:
    """Build the site; return its folder. Raises SetUpFailed when a link is broken."""
    python = packages.ensure_environment(ENVIRONMENT)
    gather_pages()
    config = paths.STATE / "mkdocs.json"
    config.write_text(json.dumps(_configuration()))
    run([python, "-m", "mkdocs", "build", "--strict", "--config-file", config])
    return SITE


def gather_pages() -> None:
    """Copy what the site is made of, each link such that it holds there."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(DOCS, PAGES, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name in TAKEN_ALONG:
        shutil.copyfile(paths.ROOT / name, PAGES / name)
    (PAGES / "adr" / "index.md").write_text(_list_of_decisions())
    for page in sorted(PAGES.rglob("*.md")):
        page.write_text(_with_links_that_hold(page.read_text(), page.relative_to(PAGES)))


def _with_links_that_hold(text: str, page: Path) -> str:
    """Point links to pages taken along at where they are now, and leave the names of other files outside."""
    if str(page) in TAKEN_ALONG:
        text = text.replace("](docs/", "](").replace("](adr/)", "](adr/index.md)")
        return re.sub(r"\[([^\]]*)\]\((?:README\.md|LICENSE)\)", r"\1", text)

    def moved(found: re.Match[str]) -> str:
        label, up, target, anchor = found.groups()
        ups = up.count("../")
        if ups <= len(page.parts) - 1:
            return found[0].replace("adr/)", "adr/index.md)")
        if target in TAKEN_ALONG:
            return f"[{label}]({'../' * (ups - 1)}{target}{anchor or ''})"
        return label

    return OUTSIDE.sub(moved, text)


def _list_of_decisions() -> str:
    lines = [f"- [{title_of(page)}]({page.name})" for page in _pages_of("adr")]
    return "# Decisions\n\nWhy it is built this way, in the order it was decided.\n\n" + "\n".join(
        lines
    )


def title_of(page: Path) -> str:
    """Return the heading of a page."""
    return page.read_text().splitlines()[0].removeprefix("# ").strip()


def _pages_of(folder: str) -> list[Path]:
    return sorted((DOCS / folder).glob("*.md"))


def _configuration() -> dict[str, object]:
    """Return what mkdocs is told: no fonts, scripts or pictures of others."""
    menu: list[object] = [{"Start": "index.md"}]
    for folder, title in TITLES.items():
        index = [f"{folder}/index.md"] if folder == "adr" else []
        entries = [{title_of(page): f"{folder}/{page.name}"} for page in _pages_of(folder)]
        menu.append({title: [*index, *entries]})
    menu.append({"Every screen": "screens/README.md"})
    menu += [{"Changelog": "CHANGELOG.md"}, {"Contributing": "CONTRIBUTING.md"}]
    return {
        "site_name": "Connect Video Portal",
        "docs_dir": str(PAGES),
        "site_dir": str(SITE),
        "use_directory_urls": False,  # so that it can be read from a disk
        "theme": {
            "name": "material",
            "font": False,
            "palette": [
                {"media": "(prefers-color-scheme: light)", "scheme": "default", "primary": "teal"},
                {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "primary": "teal"},
            ],
            "features": ["navigation.indexes", "navigation.top", "content.code.copy"],
        },
        "plugins": ["search"],
        "extra": {"generator": False},
        "markdown_extensions": [
            *("tables", "toc", "md_in_html", "attr_list"),
            {"pymdownx.superfences": {}},
        ],
        "nav": menu,
        "validation": {
            "nav": {"omitted_files": "warn", "not_found": "warn"},
            "links": {"not_found": "warn", "anchors": "warn", "unrecognized_links": "warn"},
        },
    }
