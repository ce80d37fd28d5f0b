/**
 * Keys for what is done often, listed in a dialog and switched off there. Each needs Ctrl or is a function
 * key, so that no letter typed anywhere is taken for one. They press the buttons that are on the page.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { button } from "./parts.js";

const KEPT_AS = "video-call.shortcuts";

/** @type {{keys: string, action: string, label: string}[]} */
export const SHORTCUTS = [
  { keys: "Ctrl+D", action: "mute", label: "shortcut.mute" },
  { keys: "Ctrl+E", action: "camera", label: "shortcut.camera" },
  { keys: "F2", action: "bar", label: "shortcut.bar" },
  { keys: "Ctrl+/", action: "shortcuts", label: "shortcut.list" },
];

/**
 * @param {{ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean, key: string, repeat: boolean}} event
 * @returns {string|null} The action it stands for.
 */
export function shortcutOf({ ctrlKey, metaKey, altKey, key, repeat }) {
  if (altKey || repeat) return null;
  const pressed = (ctrlKey || metaKey ? "Ctrl+" : "") + (key.length === 1 ? key.toUpperCase() : key);
  return SHORTCUTS.find(({ keys }) => keys === pressed)?.action ?? null;
}

/** @returns {boolean} */
function areOn() {
  try {
    return localStorage.getItem(KEPT_AS) !== "off";
  } catch {
    return true; // Some frames may keep nothing.
  }
}

/** @param {boolean} on */
function keep(on) {
  try {
    localStorage.setItem(KEPT_AS, on ? "on" : "off");
  } catch {
    // It holds as long as the page.
  }
}

/**
 * Listens for the keys, inside the call only.
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {HTMLElement} options.bar
 * @param {() => boolean} options.isLive
 * @param {() => void} options.openList
 */
export function listenForShortcuts({ root, bar, isLive, openList }) {
  let on = areOn();
  addEventListener("keydown", (event) => {
    const inside = event.target === document.body || (event.target instanceof Node && root.contains(event.target));
    const action = on && inside && isLive() ? shortcutOf(event) : null;
    if (!action) return;
    event.preventDefault();
    if (action === "shortcuts") openList();
    else if (action === "bar") bar.querySelector("button")?.focus();
    else root.querySelector(`button[data-action="${action}"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });

  return {
    get on() {
      return on;
    },
    /** @param {boolean} wanted */
    turn(wanted) {
      on = wanted;
      keep(on);
    },
  };
}
