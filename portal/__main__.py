"""The command `video-portal` of an installed portal: what `manage.py` is in a clone, and `serve`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

MISSING = "The portal's packages are not installed: pip install 'connect-video-portal[portal]'."


def main() -> None:
    """Run one management command, or serve the portal with Daphne's options (`serve -b ADDRESS -p PORT`)."""
    if find_spec("django") is None:
        sys.exit(MISSING)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["serve"]:
        from portal.serving.__main__ import serve

        serve(sys.argv[2:])
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
