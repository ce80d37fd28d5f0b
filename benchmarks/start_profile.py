"""What a start spends its CPU time on: a profile of one thread of the portal, in this process, written beside the report.

Amazon Connect, PostgreSQL and Redis are those of `bench start-call`. Profiling makes Python's own calls look dearer than they are, so the shares
count, not the times.
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import random
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

from benchmarks._portal_site import prepared
from benchmarks._upstream import upstream
from devtools import paths

STARTS = 60
FIRST = 10
"""Starts before those that count: they make connections and import modules."""
SHOWN = 90
KEPT = paths.ROOT / "docs" / "reference" / "start-call-profile.txt"
_FOLDERS = re.compile(r"/\S*?/(?:site-packages|lib/python3\.\d+)/|" + re.escape(f"{paths.ROOT}/"))


def main() -> None:
    """Profile, print, and keep."""
    with upstream() as connect, prepared(connect, ALLOWED_HOSTS="testserver") as portal:
        os.environ.update(portal.environment() | {"DJANGO_SETTINGS_MODULE": "portal.settings"})
        from portal.serving import garbage
        from portal.wsgi import application

        garbage.look_rarely()
        for _ in range(FIRST):
            _start(application)
        began = time.thread_time()
        for _ in range(STARTS):
            _start(application)
        took_ms = 1000 * (time.thread_time() - began) / STARTS
        profile = cProfile.Profile(time.thread_time)
        profile.enable()
        for _ in range(STARTS):
            _start(application)
        profile.disable()
    text = f"{STARTS} starts; {took_ms:.1f} ms of CPU time each without the profiler\n{_written(profile)}"
    KEPT.write_text(text)
    print(text)


def _start(application: Callable[..., Any]) -> None:
    """Ask for a call as a WSGI server would, each time from a browser and an address of its own."""
    body = b'{"entry_point": "demo", "name": "Ana", "attributes": {"order": "4711"}}'
    request: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/contacts/",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4()),
        "HTTP_X_FORWARDED_FOR": ".".join(str(random.randint(1, 250)) for _ in range(4)),
        "HTTP_X_FORWARDED_PROTO": "https",
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(request)
    said: list[str] = []
    answer = application(request, lambda status, _headers: said.append(status))
    told = b"".join(answer)
    answer.close()
    assert said[0].startswith("201"), (said, told[:500])


def _written(profile: cProfile.Profile) -> str:
    """Return the functions in which most of the time passed, without the folders they lie in."""
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(SHOWN)
    lines = (_FOLDERS.sub("", line.rstrip()) for line in text.getvalue().splitlines())
    return "\n".join(line for line in lines if "start_profile.py" not in line) + "\n"


if __name__ == "__main__":
    main()
