"""`dev.py bench --report`: makes docs/reference/performance.md and its charts of what was measured.

    python -m benchmarks._report

The text is that of benchmarks/performance.md, where `[[NAME]]` stands for what `bench NAME` has found. Of the runs that this machine has made
(`.dev/benchmarks.jsonl`) the newest of each benchmark is kept in docs/reference/benchmarks.jsonl, which is committed; text and charts
follow from that alone, and are the same wherever they are made.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks import plan
from benchmarks._aims import AIMS, Aim
from benchmarks._charts import chart
from benchmarks._figures import HISTORY, ROOT

KEPT = ROOT / "docs" / "reference" / "benchmarks.jsonl"
TEXT = ROOT / "benchmarks" / "performance.md"
PAGE = ROOT / "docs" / "reference" / "performance.md"
CHARTS = ROOT / "docs" / "img" / "performance"
SCALING = ROOT / "docs" / "explanation" / "scaling.md"
MADE = "<!-- Made by `dev.py bench --report` of benchmarks/performance.md and benchmarks.jsonl: change those. -->\n"
_PLACE = re.compile(r"^\[\[([a-z-]+)\]\]$", re.MULTILINE)
_PLAN = re.compile(r"(<!-- plan:.*?-->\n).*?(<!-- /plan -->)", re.DOTALL)

Run = dict[str, Any]


def main() -> None:
    """Keep the newest runs, and write the page and its charts."""
    runs = newest(_read(KEPT) + _read(HISTORY))
    KEPT.write_text("".join(json.dumps(_trimmed(run)) + "\n" for run in runs.values()))
    CHARTS.mkdir(parents=True, exist_ok=True)
    for stale in CHARTS.glob("*.svg"):
        stale.unlink()
    for name, run in runs.items():
        drawn = chart(
            name, [(aim, figure) for aim, figure in _described(run) if _share(aim, figure)]
        )
        if drawn:
            (CHARTS / f"{name}.svg").write_text(drawn)
    PAGE.write_text(page(TEXT.read_text(), runs))
    SCALING.write_text(_PLAN.sub(rf"\1{plan.table(plan.figures())}\n\2", SCALING.read_text()))


def newest(runs: list[Run]) -> dict[str, Run]:
    """Return the newest run of each benchmark, by its name."""
    found: dict[str, Run] = {}
    for run in sorted(runs, key=lambda one: str(one["at"])):
        found[run["benchmark"]] = run
    return dict(sorted(found.items()))


def page(text: str, runs: dict[str, Run]) -> str:
    """Return the text with what was found in its places."""

    def found(place: re.Match[str]) -> str:
        run = runs.get(place[1])
        return _section(run) if run else f"*Not measured yet: `dev.py bench {place[1]}`.*"

    return MADE + _PLACE.sub(found, text)


def _section(run: Run) -> str:
    rows = ["| Figure | Measured | Rounds | Ratio to the peer | Aim |", "|---|---|---|---|---|"]
    rows += [_row(aim, figure) for aim, figure in _described(run)]
    name = run["benchmark"]
    when = (
        f"`bench {name}`, {run['at'][:10]}, at {run['commit']}: Python {run['python']}, {run['cpus']} cores, "
        f"load {run['load']:.1f} at the end."
    )
    drawn = [f"![What was measured, beside what was aimed at](../img/performance/{name}.svg)"]
    has_chart = any(_share(aim, figure) for aim, figure in _described(run))
    return "\n".join([*rows, "", when, *(["", *drawn] if has_chart else [])])


def _described(run: Run) -> list[tuple[Aim, dict[str, Any]]]:
    return [
        (AIMS.get(one["name"]) or Aim(one["name"].replace("-", " ").capitalize()), one)
        for one in run["figures"]
    ]


def _share(aim: Aim, figure: dict[str, Any]) -> float | None:
    """Return how much of what is allowed, or wanted, a figure has; None if nothing is."""
    value = figure["ratio"] if aim.of_ratio else figure["value"]
    bound = aim.at_most or aim.at_least
    return None if not bound or value is None else value / bound


def _row(aim: Aim, figure: dict[str, Any]) -> str:
    value = figure["ratio"] if aim.of_ratio else figure["value"]
    met = value is None or (
        (aim.at_most is None or value <= aim.at_most)
        and (aim.at_least is None or value >= aim.at_least)
    )
    bound = ("≤ ", aim.at_most) if aim.at_most is not None else ("≥ ", aim.at_least)
    wanted = "" if bound[1] is None else f"{bound[0]}{_number(bound[1])}"
    if wanted and aim.of_ratio:
        wanted = f"ratio {wanted}"
    least, most = figure.get("least"), figure.get("most")
    rounds = "" if least is None or most is None else f"{_number(least)} to {_number(most)}"
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f}"
    measured = f"{_number(figure['value'])} {figure['unit']}".strip()
    return (
        f"| {aim.words} | {measured} | {rounds} | {ratio} | {wanted}{'' if met else ': missed'} |"
    )


def _number(value: float) -> str:
    return (
        f"{value:,.0f}"
        if abs(value) >= 100
        else f"{value:.2g}"
        if abs(value) < 1
        else f"{value:.3g}"
    )


def _trimmed(run: Run) -> Run:
    return run | {
        "samples": {
            name: [float(f"{one:.4g}") for one in values]
            for name, values in run["samples"].items()
            if len(values) <= 20
        }
    }


def _read(path: Path) -> list[Run]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    main()
