"""Looks at a company's page the way a browser would, and says what keeps the call from working in it.

Knows HTML, the headers that matter to a frame with a camera, and the entry point's allowed websites; reads, changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from contacts.models import EntryPoint

DEVICES = ("camera", "microphone")
FRAME_FEATURES = (*DEVICES, "display-capture", "autoplay", "fullscreen")
# What each directive falls back to where a policy lacks it (CSP level 3).
FALLBACKS = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is in order, and otherwise what to do, literally."""

    ok: bool
    what: str
    remedy: str = ""


@dataclass(slots=True)
class _Page(HTMLParser):
    """The portal's script and frames in a page."""

    portal: str
    scripts: list[Mapping[str, str | None]] = field(default_factory=list)
    frames: list[Mapping[str, str | None]] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what belongs to the portal."""
        given = dict(attrs)
        source = given.get("src") or ""
        if tag == "script" and source.startswith(f"{self.portal}/embed/"):
            self.scripts.append(given)
        if tag == "iframe" and source.startswith(f"{self.portal}/embed/"):
            self.frames.append(given)
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "content-security-policy":
            self.policies.append(given.get("content") or "")


def examine(
    *, url: str, html: str, headers: Mapping[str, str], portal: str, entry_point: EntryPoint
) -> list[Finding]:
    """Return what was found on the page at `url`, for a portal at the origin `portal`. Header names are lower case."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    page = _Page(portal)
    page.feed(html)
    policies = [one for one in (headers.get("content-security-policy", ""), *page.policies) if one]
    return [
        _secure(parts.scheme, parts.hostname or ""),
        _allowed(origin, entry_point),
        *_snippet(page, portal, entry_point),
        *(_policy(policies, directive, portal) for directive in _needed(page)),
        *_permissions(headers.get("permissions-policy", ""), portal),
        *(_frame(frame) for frame in page.frames),
    ]


def _secure(scheme: str, host: str) -> Finding:
    ok = scheme == "https" or host in ("localhost", "127.0.0.1")
    return Finding(
        ok,
        "the page is secure",
        "Serve it from https://: browsers give a camera to no other page.",
    )


def _allowed(origin: str, entry_point: EntryPoint) -> Finding:
    return Finding(
        origin in entry_point.allowed_origins,
        f"{origin} is an allowed website of {entry_point.slug}",
        f"In admin, add {origin} to the entry point's allowed websites.",
    )


def _snippet(page: _Page, portal: str, entry_point: EntryPoint) -> Iterator[Finding]:
    there = bool(page.scripts or page.frames)
    line = f'<script async src="{portal}/embed/v1.js" data-site="{entry_point.slug}"></script>'
    yield Finding(there, "the page has the script or a frame", f"Add {line}")
    for script in page.scripts:
        site = script.get("data-site")
        yield Finding(
            site == entry_point.slug,
            f"the script's data-site is {site!r}",
            f'Write data-site="{entry_point.slug}".',
        )


def _needed(page: _Page) -> tuple[str, ...]:
    return ("frame-src",) if page.frames and not page.scripts else tuple(FALLBACKS)


def _policy(policies: list[str], directive: str, portal: str) -> Finding:
    lets = all(_lets(policy, directive, portal) for policy in policies)
    return Finding(
        lets,
        f"Content-Security-Policy lets {directive} reach the portal",
        f"Content-Security-Policy: add {portal} to {directive}",
    )


def _lets(policy: str, directive: str, portal: str) -> bool:
    found = {
        words[0].lower(): [word.lower() for word in words[1:]]
        for part in policy.split(";")
        if (words := part.split())
    }
    sources = next((found[name] for name in FALLBACKS[directive] if name in found), None)
    if sources is None:
        return True
    scheme, _, host = portal.partition("://")
    wildcard = "*." + host.partition(".")[2]
    known = {"*", portal, f"{portal}/", host, f"{scheme}:", wildcard, f"{scheme}://{wildcard}"}
    return any(source in known or source.startswith(f"{portal}/embed/") for source in sources)


def _permissions(policy: str, portal: str) -> Iterator[Finding]:
    for feature in DEVICES:
        found = re.search(rf"(?:^|,)\s*{feature}\s*=\s*(\*|\([^)]*\)|[^,]*)", policy)
        list_of = found.group(1) if found else "*"
        ok = list_of == "*" or f'"{portal}"' in list_of or "*" in list_of
        yield Finding(
            ok,
            f"Permissions-Policy leaves the {feature} to the portal",
            f'Permissions-Policy: {feature}=(self "{portal}")',
        )


def _frame(frame: Mapping[str, str | None]) -> Finding:
    allowed = (frame.get("allow") or "").lower()
    missing = [name for name in FRAME_FEATURES if name not in allowed]
    sandbox = frame.get("sandbox")
    if sandbox is not None and not {"allow-same-origin", "allow-scripts", "allow-popups"} <= set(
        sandbox.split()
    ):
        return Finding(
            False, "the frame's sandbox lets the call run", "Take sandbox off the frame."
        )
    return Finding(
        not missing,
        "the frame's allow attribute names what a call uses",
        f'allow="{"; ".join(FRAME_FEATURES)}"',
    )
