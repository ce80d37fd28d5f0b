"""Debian packages: installed when we are root, else left to whoever is."""

from __future__ import annotations

import os
import shutil
import subprocess


def install(package: str) -> bool:
    """Install a Debian package without a question; return whether that was possible.

    RUNLEVEL=1 keeps the package from starting its service: whatever needs one starts its own.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"· Debian's {package} …", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    return done.returncode == 0
