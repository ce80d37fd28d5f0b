/**
 * How the pictures of a call are shown: one person large or all side by side, over the whole screen, in a
 * small window that stays in sight.
 *
 * @typedef {import("./controls.js").Control} Control
 */
import { setAttribute } from "./dom.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {HTMLElement} options.stage
 * @param {import("./abilities.js").Abilities} options.abilities
 * @param {string} options.away What stands where the pictures were while they are in a window.
 * @param {(id: string) => void} options.say
 * @param {() => void} options.redraw
 */
export function createPictureTools({ root, stage, abilities, away, say, redraw }) {
  let sideBySide = false;
  /** @type {{close: () => void}|null} */
  let window = null;

  document.addEventListener("fullscreenchange", redraw);

  async function openWindow() {
    const { openPictureWindow } = await import("./picture-window.js");
    const kind = /** @type {"document"|"element"} */ (abilities.pictureInPicture);
    window = await openPictureWindow(kind, { stage, away }, () => {
      window = null;
      redraw();
    });
    redraw();
  }

  return {
    draw() {
      setAttribute(stage, "data-arrange", sideBySide ? "side" : null);
    },

    close() {
      window?.close();
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    },

    /** @returns {Control[]} */
    controls() {
      const full = document.fullscreenElement !== null;
      /** @type {Control[]} */
      const controls = [{
        action: "layout", message: "action.layout", icon: "layout", pressed: sideBySide, place: "more",
      }];
      if (abilities.pictureInPicture) {
        controls.push({ action: "pip", message: "action.pip", icon: "pip", pressed: window !== null, place: "more" });
      }
      if (abilities.fullScreen) {
        controls.push({
          action: "fullscreen", message: "action.fullscreen", icon: "fullscreen", pressed: full, place: "more",
        });
      }
      return controls;
    },

    /** @type {Record<string, () => unknown>} A browser that refuses has told the person itself. */
    actions: {
      layout: () => {
        sideBySide = !sideBySide;
        say(sideBySide ? "layout.side" : "layout.speaker");
        redraw();
      },
      pip: () => (window ? window.close() : openWindow().catch(() => undefined)),
      fullscreen: () =>
        (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()).catch(() => undefined),
    },
  };
}
