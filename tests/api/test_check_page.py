"""The doctor of pages with the button: finds what keeps the call from working, and says the line to add."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import StringIO

from django.core.management import CommandError, call_command

import pytest

from contacts.embed_doctor import examine
from contacts.models import EntryPoint
from devtools.host_page import make_server

PORTAL = "https://calls.example.com"
SHOP = "https://shop.example"
SNIPPET = f'<script async src="{PORTAL}/embed/v1.js" data-site="support"></script>'
FRAME = f'<iframe src="{PORTAL}/embed/support/" {{}}></iframe>'
ALLOW = 'allow="camera; microphone; display-capture; autoplay; fullscreen"'


def remedies(
    entry_point: EntryPoint, html: str = SNIPPET, url: str = f"{SHOP}/contact", **headers: str
) -> list[str]:
    """What the doctor prescribes."""
    entry_point.allowed_origins = [SHOP]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = examine(url=url, html=html, headers=named, portal=PORTAL, entry_point=entry_point)
    return [one.remedy for one in found if not one.ok]


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        (SNIPPET, {}),
        (SNIPPET, {"content_security_policy": f"default-src 'self' {PORTAL}"}),
        (
            SNIPPET,
            {
                "content_security_policy": "script-src *.example.com; connect-src *; frame-src https:"
            },
        ),
        (SNIPPET, {"permissions_policy": f'camera=(self "{PORTAL}"), microphone=*'}),
        (
            FRAME.format(ALLOW),
            {"content_security_policy": f"script-src 'none'; frame-src {PORTAL}"},
        ),
    ],
)
def test_page_in_order_needs_nothing(
    entry_point: EntryPoint, html: str, headers: dict[str, str]
) -> None:
    """Should find nothing to do where a browser finds nothing wrong."""
    assert remedies(entry_point, html, **headers) == []


@pytest.mark.parametrize(
    ("html", "headers", "told"),
    [
        ("<p>no button</p>", {}, "Add <script async"),
        (SNIPPET.replace("support", "sales"), {}, 'data-site="support"'),
        (SNIPPET, {"content_security_policy": "script-src 'self'"}, f"add {PORTAL} to script-src"),
        (
            SNIPPET,
            {
                "content_security_policy": f"default-src 'self'; script-src {PORTAL}; frame-src {PORTAL}"
            },
            "to connect-src",
        ),
        (
            SNIPPET,
            {"content_security_policy": f"default-src {PORTAL}; child-src 'none'"},
            "to frame-src",
        ),
        (
            f'<meta http-equiv="Content-Security-Policy" content="frame-src \'self\'">{SNIPPET}',
            {},
            "to frame-src",
        ),
        (SNIPPET, {"permissions_policy": "camera=(), microphone=*"}, f'camera=(self "{PORTAL}")'),
        (SNIPPET, {"permissions_policy": "microphone=(self)"}, f'microphone=(self "{PORTAL}")'),
        (FRAME.format(""), {}, 'allow="camera; microphone'),
        (FRAME.format(ALLOW + ' sandbox="allow-scripts"'), {}, "Take sandbox off"),
    ],
)
def test_what_a_browser_would_refuse_is_named_with_its_remedy(
    entry_point: EntryPoint, html: str, headers: dict[str, str], told: str
) -> None:
    """Should prescribe exactly the one thing that is missing."""
    found = remedies(entry_point, html, **headers)

    assert len(found) == 1
    assert told in found[0]


def test_site_must_be_allowed_and_secure(entry_point: EntryPoint) -> None:
    """Should name the origin to allow, and https."""
    found = remedies(entry_point, url="http://other.example/")

    assert any("https://" in remedy for remedy in found)
    assert any("add http://other.example to" in remedy for remedy in found)


@pytest.fixture
def shop_page() -> Iterator[str]:
    """The demo's shop, as a server on the network."""
    server = make_server(0, "http://127.0.0.1:8000")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def check(url: str, slug: str = "demo") -> str:
    """Run the command; return what it printed."""
    out = StringIO()
    call_command(
        "check_page", url, "--entry-point", slug, "--portal", "http://127.0.0.1:8000", stdout=out
    )
    return out.getvalue()


@pytest.mark.django_db
def test_command_checks_a_page_on_the_network(shop_page: str) -> None:
    """Should pass the demo's own page once its origin is allowed, and say so before."""
    entry_point = EntryPoint.objects.create(slug="demo", name="Demo")

    with pytest.raises(CommandError, match="1 to fix"):
        check(shop_page)
    entry_point.allowed_origins = [shop_page.rstrip("/")]
    entry_point.save()
    assert "Nothing to fix." in check(shop_page)


@pytest.mark.django_db
def test_command_says_what_is_wrong_with_its_arguments(shop_page: str) -> None:
    """Should name the entry points there are, and what is no address or does not answer."""
    EntryPoint.objects.create(slug="demo", name="Demo")

    with pytest.raises(CommandError, match="There are: demo"):
        check(shop_page, "nowhere")
    with pytest.raises(CommandError, match="no http"):
        check("file:///etc/passwd")
    with pytest.raises(CommandError, match="could not be read"):
        check("http://127.0.0.1:9/")
