"""Small charts as SVG, readable on light and dark ground: what was measured, as a share of what was aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks._aims import Aim

WIDTH, ROW, WORDS, BAR = 900, 24, 500, 220
MOST = 2.0
"""Times the aim that the longest bar shows; what is beyond is told by its number."""
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.met{fill:#1a7f5a}.missed{fill:#b35900}.aim{stroke:#1f2328}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.met{fill:#3fb68b}.missed{fill:#f0883e}.aim{stroke:#e6edf3}}"
)


def chart(name: str, of: Sequence[tuple[Aim, dict[str, Any]]]) -> str:
    """Return a bar for each figure with an aim, the aim being a line; nothing if there is none."""
    if not of:
        return ""
    height = ROW * len(of) + 34
    aim_at = WORDS + BAR / MOST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(name)}: what was measured as a share of its aim</title><style>{_STYLE}</style>",
        *(_bar(number, aim, figure) for number, (aim, figure) in enumerate(of)),
        f'<path class="aim" stroke-width="1.5" d="M{aim_at:g} 2V{ROW * len(of) + 6}"/>',
        f'<text x="{aim_at:g}" y="{height - 10}" text-anchor="middle">aim</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(number: int, aim: Aim, figure: dict[str, Any]) -> str:
    value = float(figure["ratio"] if aim.of_ratio else figure["value"])
    bound = aim.at_most or aim.at_least or 1.0
    share = max(0.0, value / bound)
    met = value <= bound if aim.at_most is not None else value >= bound
    length = BAR * min(share, MOST) / MOST
    sign = "≤" if aim.at_most is not None else "≥"
    y = number * ROW
    words = aim.words.replace("`", "")
    return (
        f'<text x="{WORDS - 8}" y="{y + 17}" text-anchor="end">{escape(words)}</text>'
        f'<rect class="{"met" if met else "missed"}" x="{WORDS}" y="{y + 5}" width="{length:.1f}" height="16" rx="2"/>'
        f'<text x="{WORDS + BAR + 8}" y="{y + 17}">{_number(value)} ({sign} {_number(bound)})</text>'
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
