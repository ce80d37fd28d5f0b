"""What pyproject.toml cannot say of the package: what is generated for it, and what stands outside of its folders."""

from __future__ import annotations

import shutil
from pathlib import Path

from grpc_tools import protoc
from setuptools import setup
from setuptools.command.build_py import build_py

SIGNALING = "localconnect/media"
BUILT = Path("static/dist")
SERVED = ("dist", "css", "img")


class BuildWithProtocol(build_py):
    """Generates the classes of the signalling protocol before the modules are looked for, and adds the portal's files."""

    def run(self) -> None:
        options = (f"-I{SIGNALING}", f"--python_out={SIGNALING}", f"--pyi_out={SIGNALING}")
        status = protoc.main(["protoc", *options, f"{SIGNALING}/signaling.proto"])
        if status:
            raise SystemExit(f"protoc failed with {status}")
        super().run()
        if BUILT.is_dir():
            self._add_what_stands_beside()
        else:
            self.warn("without the portal's pages: `python3 dev.py build` makes them first")

    def _add_what_stands_beside(self) -> None:
        packaged = Path(self.build_lib) / "portal" / "packaged"
        shutil.rmtree(packaged, ignore_errors=True)
        for source in _files():
            target = packaged / source
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _files() -> list[Path]:
    """Return the templates, compiled translations and served files that belong into a package."""
    found = [
        *Path("templates").rglob("*.html"),
        *(mo for mo in Path("locale").glob("*/LC_MESSAGES/django.mo") if "en_XA" not in mo.parts),
        *(file for folder in SERVED for file in (Path("static") / folder).rglob("*")),
    ]
    return [file for file in found if file.is_file()]


setup(cmdclass={"build_py": BuildWithProtocol})
