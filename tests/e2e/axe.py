"""What axe-core finds wrong with a page, in each of the looks a person may have asked for.

Owns how axe is run: it reads the page from outside the page's own policy, and changes nothing of it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.server_process import PROJECT_DIR

SCRIPT = PROJECT_DIR / "static" / "node_modules" / "axe-core" / "axe.min.js"
COUNTED = ("serious", "critical")
LOOKS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "dark", "forced_colors": "active"},
)
AS_IT_CAME: dict[str, Any] = {"color_scheme": "no-override", "forced_colors": "none"}

_RUN = """
async (ignored) => {
  // A page that nothing moves on may be drawn no more: then it stands as it will be looked at.
  const soon = () => new Promise((passed) => setTimeout(passed, 2000));
  await Promise.race([soon(), new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))]);
  const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.race([soon(), Promise.allSettled(changing.map(({ finished }) => finished))]);
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"], rules: Object.fromEntries(ignored.map((id) => [id, { enabled: false }])),
  });
  return violations.map(({ id, impact, nodes }) => ({
    id, impact, where: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
  }));
}
"""


def findings(page: Page) -> list[str]:
    """Return what axe counts as serious or worse on the page as it is now, in every look: one line a place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    found = []
    for look in LOOKS:
        page.emulate_media(**{**AS_IT_CAME, **look}, reduced_motion="reduce")
        # In forced colours the system's own are drawn, which axe cannot see while the page's are still computed.
        ignored = ["color-contrast"] if "forced_colors" in look else []
        for violation in page.evaluate(_RUN, ignored):
            if violation["impact"] in COUNTED:
                found += [f"{look}: {violation['id']}: {where}" for where in violation["where"]]
    page.emulate_media(**AS_IT_CAME, reduced_motion="no-preference")
    return found


@cache
def _script() -> str:
    return SCRIPT.read_text()
