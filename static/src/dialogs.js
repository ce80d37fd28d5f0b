/**
 * The two questions a call may ask over itself: "Leave the call?" and which devices to use. They
 * are native dialogs, so the browser keeps the focus inside and lets Escape close them; Escape never
 * ends the call.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { drawPicker } from "./device-check.js";
import { h } from "./dom.js";
import { button } from "./parts.js";

/**
 * @param {Element} root
 * @param {Translate} t
 */
export function createLeaveDialog(root, t) {
  const dialog = createDialog(root, "leave-title");
  dialog.append(
    h("h2", { id: "leave-title", "data-msg": "leave.ask" }, t("leave.ask")),
    h(
      "div",
      { class: "actions" },
      button(t, "stay", "action.stay", "primary"),
      button(t, "confirm-leave", "action.leave", "danger"),
    ),
  );
  return dialog;
}

/**
 * @param {Element} root
 * @param {Translate} t
 * @param {import("./devices.js").Devices} devices
 */
export function createDevicesDialog(root, t, devices) {
  const dialog = createDialog(root, "devices-title");

  async function open() {
    const kinds = /** @type {const} */ (["microphone", "camera", "speaker"]);
    const pickers = await Promise.all(
      kinds.map(async (kind) => {
        const choices = await devices.list(kind);
        return choices.length > 0 ? drawPicker(t, kind, { choices, inUse: devices.inUse(kind) }) : null;
      }),
    );
    dialog.replaceChildren(
      h("h2", { id: "devices-title", "data-msg": "devices.title" }, t("devices.title")),
      h("div", { class: "pickers" }, ...pickers),
      h("div", { class: "actions" }, button(t, "stay", "action.done", "primary")),
    );
    dialog.showModal();
  }
  return { open, close: () => dialog.close() };
}

/** @param {Element} root @param {string} titleId */
export function createDialog(root, titleId) {
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": titleId });
  root.append(dialog);
  return dialog;
}
