"""The wheel: built, installed with what it needs into an environment of its own, and run far from any clone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import packages, packaging, paths
from devtools.steps import run
from tests.server_process import ServerProcess
from tests.servers import LocalConnect, Portal, free_port

LOADED = re.compile(r'(?:<link [^>]*rel="stylesheet"[^>]*href|<script [^>]*src)="([^"]+)"')


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of an environment with the wheel and its dependencies, from the package index."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = packaging.build_wheel(folder)
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"])
    programs = folder / "venv" / paths.VENV_BIN.name
    packages.install_package(f"{wheel}[portal]", python=programs / "python")
    return programs


@pytest.fixture(scope="module")
def connect() -> Iterator[LocalConnect]:
    """A contact centre for the portal to find."""
    connect = LocalConnect()
    with connect.running():
        yield connect


@pytest.fixture(scope="module")
def environment(
    installed: Path, connect: LocalConnect, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What an operator sets; the database is left to its default."""
    described = Portal(connect_url=connect.url).environment()
    without = ("DEBUG", "DATABASE_URL", "PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    return {k: v for k, v in described.items() if k not in without} | {
        "PATH": f"{installed}{os.pathsep}{os.environ['PATH']}"
    }


def command(*argv: str, cwd: Path, env: dict[str, str]) -> str:
    """Run an installed program and return all it printed."""
    done = subprocess.run(
        argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_portal_runs_without_a_clone(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Should be checked, migrated and served, with its pages, styles, scripts and translations."""
    program = str(installed / "video-portal")
    command(program, "check", "--fail-level", "ERROR", cwd=tmp_path, env=environment)
    command(program, "migrate", "--no-input", cwd=tmp_path, env=environment)
    assert (tmp_path / "db.sqlite3").is_file()
    command(program, "create_demo", cwd=tmp_path, env=environment)

    port = free_port()
    served = f"cd {tmp_path} && exec {program} serve -b 127.0.0.1 -p {port}"
    server = ServerProcess(
        "portal", ["sh", "-c", served], env=environment, log=tmp_path / "portal.log"
    )
    try:
        server.wait_until_healthy(f"http://127.0.0.1:{port}/healthz", port)
        loaded = LOADED.findall(read(f"http://127.0.0.1:{port}/"))
        loaded += LOADED.findall(read(f"http://127.0.0.1:{port}/call/demo/"))
        assert any(name.endswith(".css") for name in loaded)
        assert any(name.endswith(".js") for name in loaded)
        for address in loaded:
            assert read(f"http://127.0.0.1:{port}{address}")
        assert 'lang="de"' in read(f"http://127.0.0.1:{port}/", language="de")
    finally:
        server.stop()


def test_it_holds_no_file_of_developers(installed: Path) -> None:
    """Should leave tests, tools, sources of scripts and the pseudo-locale where they are."""
    [packages_folder] = (installed.parent / "lib").glob("*/site-packages")
    packaged = packages_folder / "portal" / "packaged"

    assert not [
        name for name in ("tests", "devtools", "docs") if (packages_folder / name).exists()
    ]
    assert {path.name for path in (packaged / "static").iterdir()} == {"css", "dist", "img"}
    assert "en_XA" not in {path.name for path in (packaged / "locale").iterdir()}


def test_localconnect_is_installed_beside_it(installed: Path, tmp_path: Path) -> None:
    """Should start from the same wheel."""
    printed = command(
        str(installed / "localconnect"), "--help", cwd=tmp_path, env=dict(os.environ)
    )

    assert "--events-url" in printed


def read(url: str, language: str = "en") -> str:
    """Return what an address answers, which must be 200."""
    request = urllib.request.Request(url, headers={"Accept-Language": language})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
        return str(answer.read().decode(errors="replace"))
