"""Fuzzes one target, guided by coverage: `python -m tests.fuzz.run TARGET [libFuzzer options] [corpus folders]`.

Inputs that break it are written to where `-artifact_prefix=` says; keep them in `tests/fuzz/inputs/TARGET/`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["localconnect"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    program, target, *options = sys.argv
    atheris.Setup([program, *options], TARGETS[target])
    atheris.Fuzz()
