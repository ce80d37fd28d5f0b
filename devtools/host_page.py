"""A shop's website with the button in it: another site than the portal, as a company's own is.

Standard library only. `python -m devtools.host_page --port 8200 --portal http://127.0.0.1:8000` serves it at
http://localhost:8200/: `localhost` and `127.0.0.1` are different sites to a browser, cookies included. The page has a
strict Content-Security-Policy with what docs/how-to/embed-the-button.md asks for, and no more.
"""

from __future__ import annotations

import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOST = "localhost"
NO_DEVICES = "camera=(), microphone=()"  # what `/blocked` says of itself and of every frame in it
ENTRY_POINT = "demo"
_STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.6 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 44rem; padding: 3rem 1.5rem 8rem; }
a { color: LinkText; }
iframe { width: 100%; height: 46rem; border: 1px solid; border-radius: 0.75rem; }
"""
_SHOP = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Example shop</title>
    <link rel="stylesheet" href="/shop.css">
    {script}
  </head>
  <body>
    <h1>Example shop</h1>
    <p>A page of another website. The button below right is all it has of the portal: one line of HTML.</p>
    {body}
  </body>
</html>
"""


def page(path: str, portal: str) -> str | None:
    """Return the page at a path: `/` with the script, `/launcher` with an element of its own, `/frame` with a plain frame, `/blocked` without devices."""
    script = f'<script async src="{portal}/embed/v1.js" data-site="{ENTRY_POINT}" '
    script += 'data-name="Ana Lima" data-attributes=\'{"basket":"3 cameras"}\'></script>'
    frame = f'<iframe src="{portal}/embed/{ENTRY_POINT}/" title="Video call with Example Company" '
    allow = "camera; microphone; display-capture; autoplay; fullscreen; picture-in-picture; clipboard-write; compute-pressure"
    bodies = {
        "/": (
            script,
            '<p><a href="/launcher">An element of your own</a> · <a href="/frame">A plain frame</a></p>',
        ),
        "/launcher": (
            script,
            '<p><button type="button" data-video-call>Talk to a person</button></p>',
        ),
        "/blocked": (script, ""),
        "/frame": ("", f'{frame}allow="{allow}"></iframe>'),
        "/frame-without-allow": ("", f"{frame}></iframe>"),
    }
    if path not in bodies:
        return None
    head, body = bodies[path]
    return _SHOP.format(script=head, body=body)


def make_server(port: int, portal: str) -> ThreadingHTTPServer:
    """Return the shop's server for a portal at the origin `portal`; port 0 takes any free one."""
    policy = f"default-src 'none'; style-src 'self'; script-src {portal}; connect-src {portal}; frame-src {portal}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path in ("/shop.css", "/favicon.ico"):
                self._answer(200, "text/css", _STYLE if path == "/shop.css" else "")
                return
            found = page(path, portal)
            self._answer(
                200 if found else 404, "text/html; charset=utf-8", found or "No such page."
            )

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", policy)
            if urlsplit(self.path).path == "/blocked":
                self.send_header("Permissions-Policy", NO_DEVICES)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

    return ThreadingHTTPServer((HOST, port), Handler)


def main() -> None:
    """Serve the shop until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--portal", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    make_server(options.port, options.portal).serve_forever()


if __name__ == "__main__":
    main()
