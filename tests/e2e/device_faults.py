"""A machine whose devices fail as a test says, by the names browsers give their errors.

Only the browser's own `getUserMedia` and list of devices are made to fail, as a system or a person would have them fail.
Pages are left as they are, and permissions are the browser's own.
"""

from __future__ import annotations

from playwright.sync_api import Page

FAULTY_DEVICES = """
(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  window.__faults = {};
  window.__asked = [];
  media.getUserMedia = async (wanted) => {
    const kinds = ["audio", "video"].filter((kind) => wanted[kind]);
    window.__asked.push(kinds.join("+"));
    for (const kind of kinds) {
      const name = window.__faults[kind];
      if (!name) continue;
      if (name === "OverconstrainedError" && !wanted[kind].deviceId) continue;
      if (name === "OverconstrainedError") throw new OverconstrainedError("deviceId", "gone");
      throw name === "TypeError" ? new TypeError("") : new DOMException("", name);
    }
    return ask(wanted);
  };
})();
"""


class DeviceFaults:
    """What goes wrong with the devices of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.context.add_init_script(FAULTY_DEVICES)

    def set(self, **names: str) -> None:
        """Have `audio` and `video` fail by these names from now on, and nothing else fail."""
        self._page.evaluate("(faults) => { window.__faults = faults; }", names)

    def plug(self, **names: str) -> None:
        """Have the same change because something was plugged in or out."""
        self.set(**names)
        self._page.evaluate(
            "() => navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
        )

    def asked(self) -> list[str]:
        """Return what was asked for since the last time, such as `audio+video`."""
        found = self._page.evaluate("() => window.__asked.splice(0)")
        return [str(one) for one in found]


def set_permissions(page: Page, setting: str) -> None:
    """Do what a person does in the browser's site settings: have it `granted`, `denied` or `prompt` for both devices.

    A headless browser closes every question it would ask, as a person does who wants to see none.
    """
    origin = page.evaluate("() => location.origin")
    # Not detached: the browser would take back what was set.
    session = page.context.new_cdp_session(page)
    for name in ("microphone", "camera"):
        permission = {"permission": {"name": name}, "setting": setting, "origin": origin}
        session.send("Browser.setPermission", permission)
