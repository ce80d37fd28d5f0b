/**
 * Draws the control bar and nothing else: what a press means is decided where the page listens.
 * Labels name the action, `aria-pressed` tells the state.
 *
 * @typedef {import("./icons.js").IconName} IconName
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} Control
 * @property {string} action Value of `data-action`.
 * @property {string} message Message id of its label.
 * @property {IconName} icon
 * @property {boolean} [pressed] Left out for what is no switch.
 * @property {"bar"|"wide"|"narrow"|"more"} [place] Where it is at hand: always in the bar, which is what
 *   is meant when nothing is said; in the bar of wide or of narrow pages only; or behind "More".
 * @property {number} [badge] How much is new behind it.
 */
import { h, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/** @param {boolean} muted @returns {Control} */
export const microphoneControl = (muted) => ({
  action: "mute",
  message: muted ? "action.unmute" : "action.mute",
  icon: muted ? "mic-off" : "mic",
  pressed: muted,
});

/** @param {boolean} on @returns {Control} */
export const cameraControl = (on) => ({
  action: "camera",
  message: on ? "action.camera_off" : "action.camera_on",
  icon: on ? "camera" : "camera-off",
  pressed: !on,
});

/** @type {Control} */
export const DEVICES_CONTROL = { action: "devices", message: "action.devices", icon: "settings" };

/** @param {string} message @returns {Control} Red, last and apart from the others. */
export const leaveControl = (message) => ({ action: "leave", message, icon: "leave" });

/** @param {number} badge @returns {Control} */
const moreControl = (badge) => ({ action: "more", message: "action.more", icon: "more", badge });

/**
 * Parts what is at hand from what is behind "More".
 * @param {Control[]} controls In the order of the bar.
 * @param {{narrow: boolean}} page
 * @returns {{bar: Control[], more: Control[]}}
 */
export function partControls(controls, { narrow }) {
  const atHand = (/** @type {Control} */ { place = "bar" }) =>
    place === "bar" || place === (narrow ? "narrow" : "wide");
  const bar = controls.filter(atHand);
  const more = controls.filter((control) => !atHand(control));
  if (more.length === 0) return { bar, more };
  const badge = more.reduce((sum, control) => sum + (control.badge ?? 0), 0);
  const end = bar.findIndex(({ action }) => action === "leave");
  bar.splice(end === -1 ? bar.length : end, 0, moreControl(badge));
  return { bar, more };
}

/**
 * @param {object} options
 * @param {Element} options.bar
 * @param {Translate} options.t
 */
export function createControls({ bar, t }) {
  /** @type {Map<string, ReturnType<typeof createButton>>} By action. */
  const buttons = new Map();

  /** @param {Control} control */
  function drawn({ action, message, icon: picture, pressed, badge = 0 }) {
    const known = buttons.get(action) ?? createButton(action);
    buttons.set(action, known);
    setText(known.label, t(message));
    setAttribute(known.label, "data-msg", message);
    setAttribute(known.button, "aria-pressed", pressed === undefined ? null : String(pressed));
    setText(known.badge, badge > 0 ? t("control.new", { n: badge }) : "");
    setAttribute(known.badge, "data-n", badge > 0 ? badge : null);
    if (known.picture !== picture) {
      known.picture = picture;
      known.face.replaceChildren(icon(picture), known.badge);
    }
    return known.button;
  }

  return {
    /** @param {Control[]} controls From left to right. */
    draw(controls) {
      const wanted = controls.map(drawn);
      // Moving a button takes the focus away from it: touch the bar only when its set changes.
      const same = wanted.length === bar.children.length && wanted.every((b, i) => bar.children[i] === b);
      if (!same) bar.replaceChildren(...wanted);
    },
  };
}

/** @param {string} action */
function createButton(action) {
  const face = h("span", { class: "control-face" });
  const label = h("span", { class: "control-label" });
  const badge = h("span", { class: "control-badge" });
  const look = action === "leave" ? "control control-leave" : "control";
  const button = h("button", { type: "button", class: look, "data-action": action }, face, label);
  return { button, face, label, badge, picture: /** @type {IconName|null} */ (null) };
}
