/**
 * Lists the shortcuts, and switches them off and on.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { button } from "./parts.js";
import { SHORTCUTS } from "./shortcuts.js";

/** On a Mac the command key does. */
const isMac = () => /Mac/.test(navigator.userAgent);

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {{on: boolean, turn: (on: boolean) => void}} options.shortcuts
 */
export function createShortcutsDialog({ root, t, shortcuts }) {
  const dialog = createDialog(root, "shortcuts-title");
  const box = h("input", { type: "checkbox", id: "shortcuts-on", name: "shortcuts" });
  const shown = (/** @type {string} */ keys) => (isMac() ? keys.replace("Ctrl", "⌘") : keys);
  dialog.append(
    h("h2", { id: "shortcuts-title", "data-msg": "shortcuts.title" }, t("shortcuts.title")),
    h("dl", { class: "shortcuts" }, ...SHORTCUTS.map(({ keys, label }) =>
      h("div", {}, h("dt", {}, h("kbd", { dir: "ltr" }, shown(keys))), h("dd", { "data-msg": label }, t(label))))),
    h("label", { class: "shortcuts-switch", for: "shortcuts-on" }, box,
      h("span", { "data-msg": "shortcuts.on" }, t("shortcuts.on"))),
    h("div", { class: "actions" }, button(t, "stay", "action.done", "primary")),
  );
  box.addEventListener("change", () => shortcuts.turn(box.checked));

  return {
    open() {
      box.checked = shortcuts.on;
      dialog.showModal();
    },
    close: () => dialog.close(),
  };
}
