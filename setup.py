"""What pyproject.toml cannot say of the package: its protocol classes are generated, never committed."""

from __future__ import annotations

from grpc_tools import protoc
from setuptools import setup
from setuptools.command.build_py import build_py

SIGNALING = "localconnect/media"


class BuildWithProtocol(build_py):
    """Generates the classes of the signalling protocol before the modules are looked for."""

    def run(self) -> None:
        options = (f"-I{SIGNALING}", f"--python_out={SIGNALING}", f"--pyi_out={SIGNALING}")
        status = protoc.main(["protoc", *options, f"{SIGNALING}/signaling.proto"])
        if status:
            raise SystemExit(f"protoc failed with {status}")
        super().run()


setup(cmdclass={"build_py": BuildWithProtocol})
