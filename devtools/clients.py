"""Other clients of Amazon Connect, for the tests that meet localconnect with them.

Each Python client has a virtual environment of its own, since each wants its own botocore; the JavaScript
client has its npm packages beside it. Knows how they are installed, not how they are used.
"""

from __future__ import annotations

from devtools import javascript, packages, paths

BOTO3_OLDEST = paths.CLIENTS / "boto3-oldest"
AWS_CLI = paths.CLIENTS / "aws-cli"


def ensure_clients() -> None:
    """Install every client that is not installed yet as its lock file says."""
    for folder in (BOTO3_OLDEST, AWS_CLI):
        packages.ensure_environment(folder)
    javascript.ensure_npm_packages("packages (JavaScript client)", paths.JAVASCRIPT_CLIENT)
