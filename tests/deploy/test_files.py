"""What deploy/ holds agrees with the portal: settings that there are, commands that are the same in each, and safe defaults."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.deployment import DEPLOY, INSTALLED, Unit, read_environment
from tests.server_process import PROJECT_DIR

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "compose.yaml").read_text())
DOCKERFILE = (PROJECT_DIR / "Dockerfile").read_text()
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
OURS = ("migrate", "web", "socket", "worker", "events")
# What containers set for others than the portal.
FOREIGN = {"POSTGRES_USER", "POSTGRES_PASSWORD"}


def known_settings() -> set[str]:
    page = (PROJECT_DIR / "docs" / "reference" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]  # type: ignore[misc]


def test_each_setting_of_a_profile_is_one_the_portal_reads() -> None:
    """Should name none that there is not."""
    named = set(read_environment((DEPLOY / "portal.env.example").read_text()))
    for service in COMPOSE["services"].values():
        named |= set(service.get("environment", {}))
    assert named - FOREIGN <= known_settings()


def test_example_of_settings_holds_no_secret() -> None:
    """Should leave empty what must differ from site to site."""
    example = read_environment((DEPLOY / "portal.env.example").read_text())
    assert not any(example[name] for name in ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"))
    assert example["SECURE_SSL_REDIRECT"] == "true"
    assert int(example["SECURE_HSTS_SECONDS"]) >= 31_536_000


@pytest.mark.parametrize("name", UNITS)
def test_unit_is_bounded_and_comes_back(name: str) -> None:
    """Should run as nobody in particular, see little, end in good time, and be started again."""
    service = Unit(name).service
    assert service["User"] == "portal"
    assert service["Restart"] == "always"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert int(service["TimeoutStopSec"]) >= 30
    assert Unit(name).sections["Install"]["WantedBy"] == "portal.target"


def test_units_are_understood_by_systemd(tmp_path: Path) -> None:
    """Should hold nothing that systemd does not know, where there is one to ask."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # the other tests read the units; this one is systemd's own opinion
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace(f"{INSTALLED}/.venv/bin/python", "/bin/true")
        text = text.replace(f"file:{INSTALLED}/", "file:/").replace(INSTALLED, "/")
        (tmp_path / path.name.replace("@.", "@8001.")).write_text(text)
    files = [str(path) for path in tmp_path.iterdir()]
    told = subprocess.run(
        [analyze, "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    ours = [line for line in told.stderr.splitlines() if str(tmp_path) in line]
    assert not [
        line for line in ours if "Unknown" in line or "Invalid" in line or "Failed" in line
    ]


def test_containers_run_what_the_units_run() -> None:
    """Should be the same commands, but for addresses, so that what is tested of one holds for the other."""

    def bare(argv: list[str]) -> list[str]:
        return [
            one for one in argv if not re.fullmatch(r"[\d.]+|/tmp/alive|--heartbeat-file", one)
        ]

    run = {bare_command(name) for name in UNITS}
    for name in ("web", "socket", "worker", "events"):
        command = COMPOSE["services"][name]["command"]
        assert command[0] == "python"
        assert tuple(bare(command[1:])) in run


def bare_command(unit: str) -> tuple[str, ...]:
    """What a unit runs, without Python and addresses."""
    argv = Unit(unit).command("1")[1:]
    return tuple(one for one in argv if not re.fullmatch(r"[\d.]+", one))


def test_compose_file_is_whole() -> None:
    """Should refer to networks, volumes, services and files that there are."""
    services = COMPOSE["services"]
    assert {*OURS, "proxy", "postgresql", "redis"} == set(services)
    for name, service in services.items():
        assert ("image" in service) or ("build" in service), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        for waited, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy" and waited not in ("web", "socket"):
                assert "test" in services[waited]["healthcheck"], waited
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./deploy/nginx"):
                assert (PROJECT_DIR / source).is_file(), source
            elif not source.startswith("./deploy/tls"):
                assert source in COMPOSE["volumes"], source
    published = [name for name, service in services.items() if "ports" in service]
    assert published == ["proxy"]


@pytest.mark.parametrize("name", OURS)
def test_containers_of_ours_can_change_nothing(name: str) -> None:
    """Should have a read-only root, no capabilities, and no way to get any."""
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_image_is_built_as_it_should_be() -> None:
    """Should be made in stages, run as a user of its own, tell its health, and carry no media and no secret."""
    told = instructions()
    kinds = [kind for kind, _ in told]
    assert kinds.count("FROM") == 3
    assert all(re.search(r":[\w.-]*\d", value) for kind, value in told if kind == "FROM")
    last = told[len(kinds) - 1 - kinds[::-1].index("FROM") :]
    assert [value for kind, value in last if kind == "USER"] == ["10001:10001"]
    assert sum(kind == "HEALTHCHECK" for kind, _ in last) == 1
    assert not any(kind == "ADD" for kind in kinds)
    copied = " ".join(value for kind, value in last if kind == "COPY")
    assert "localconnect" not in copied
    assert "--from=scripts /build/. " not in copied
    for kind, value in last:
        if kind in ("CMD", "ENTRYPOINT"):
            assert json.loads(
                value
            )  # a program and its arguments: a shell would keep signals to itself
        if kind == "ENV":
            assert "KEY" not in value
            assert "PASSWORD" not in value
    named = re.findall(r"--from=scripts /build/(\S+)", copied)
    built = {"static/dist"}
    assert all((PROJECT_DIR / path).exists() for path in set(named) - built)
    assert "--require-hashes" in DOCKERFILE
