#!/usr/bin/env python3
"""The one entry for developers: `python3 dev.py run`, and what else `--help` lists.

Needs Python 3.11 and nothing else: the standard library does the rest. What the commands do is in
`devtools/`; this file only reads the command line.
"""

from __future__ import annotations

import argparse
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this is where an older one is told)
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")

from devtools import audit, checks, javascript, packages, packaging, paths, running, site
from devtools.steps import SetUpFailed


def _build() -> int:
    packages.ensure_packages("run")
    javascript.ensure_built()
    return 0


def _lock() -> int:
    packages.ensure_venv()
    packages.compile_locks()
    return 0


PLAIN = {
    "build": _build,
    "lock": _lock,
    "lint": checks.lint,
    "translate": checks.translate,
    "screenshots": checks.screenshots,
}
MADE = {
    "wheel": lambda: packaging.build_wheel(paths.ROOT / "dist"),
    "docs": lambda: site.build_site() / "index.html",
}


def main() -> int:
    """Do what the command line asks; return the exit status."""
    options, rest = _parser().parse_known_args()
    if rest and options.command != "test":
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _do(options, rest)
    except SetUpFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded.")
        return 130


def _do(options: argparse.Namespace, pytest_arguments: list[str]) -> int:
    match options.command:
        case "run":
            return running.run_everything(
                port=options.port,
                connect_port=options.connect_port,
                lan=options.lan,
                media_processes=options.media_processes,
            )
        case "test":
            return checks.test(pytest_arguments, on_services=options.services)
        case "bench":
            return checks.bench_report() if options.report else checks.bench(options.name)
        case "audit":
            return audit.audit(strict=options.strict)
        case "manage":
            return running.manage(options.arguments)
        case command if command in PLAIN:
            return PLAIN[command]()
        case command:
            print(f"\n  {MADE[command]()}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dev.py", description="Connect Video Portal, on your machine."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="start everything and print where it is; Ctrl-C ends it")
    run.add_argument("--port", type=int, default=8000, help="of the portal (default: 8000)")
    run.add_argument(
        "--connect-port", type=int, default=8100, help="of localconnect (default: 8100)"
    )
    run.add_argument(
        "--lan",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="serve phones and other devices on this network, over https (default: this machine's address there)",
    )
    run.add_argument(
        "--media-processes",
        type=int,
        default=0,
        metavar="N",
        help="of localconnect, so that calls scale with cores (default: 0, in its own)",
    )
    manage = commands.add_parser(
        "manage", help="run a command of manage.py with the settings of `run`"
    )
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    test = commands.add_parser(
        "test", allow_abbrev=False, help="run the whole suite, or pytest with the arguments given"
    )
    test.add_argument("--services", action="store_true", help="on PostgreSQL and Redis")
    commands.add_parser("lint", help="run every static check")
    bench = commands.add_parser("bench", help="run the benchmarks")
    bench.add_argument("name", nargs="?", help="of one benchmark (default: all)")
    bench.add_argument(
        "--report",
        action="store_true",
        help="run none, and make docs/reference/performance.md of the newest runs",
    )
    commands.add_parser("translate", help="add to locale/ what is not translated yet, and list it")
    commands.add_parser("build", help="build the scripts, the protocol classes and translations")
    audited = commands.add_parser("audit", help="look the locked packages up in known weaknesses")
    audited.add_argument(
        "--strict", action="store_true", help="fail when the lists of them cannot be asked"
    )
    commands.add_parser("wheel", help="build a package to install elsewhere, into dist/")
    commands.add_parser("docs", help="build the documentation's site; broken links fail")
    commands.add_parser("lock", help="write requirements/*.txt anew from requirements/*.in")
    commands.add_parser("screenshots", help="take the documentation's pictures anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
