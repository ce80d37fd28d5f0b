/**
 * Draws the control bar and nothing else: what a press means is decided where the page listens.
 * Labels name the action, `aria-pressed` tells the state.
 *
 * @typedef {import("./icons.js").IconName} IconName
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} ControlsView
 * @property {boolean} muted
 * @property {boolean} cameraOn
 * @property {boolean} cameraOffered
 * @property {string|null} leave Message id of the leave button, or null while there is none.
 */
import { h, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {object} options
 * @param {Element} options.bar
 * @param {Translate} options.t
 */
export function createControls({ bar, t }) {
  const mute = createButton("mute");
  const camera = createButton("camera");
  const devices = createButton("devices");
  const leave = createButton("leave");
  leave.button.classList.add("control-leave");

  /**
   * @param {ReturnType<typeof createButton>} control
   * @param {string} message
   * @param {IconName} picture
   * @param {boolean} [pressed]
   */
  function draw(control, message, picture, pressed) {
    setText(control.label, t(message));
    setAttribute(control.label, "data-msg", message);
    if (pressed !== undefined) setAttribute(control.button, "aria-pressed", String(pressed));
    if (control.picture !== picture) {
      control.picture = picture;
      control.face.replaceChildren(icon(picture));
    }
  }

  return {
    /** @param {ControlsView} view */
    draw({ muted, cameraOn, cameraOffered, leave: leaveMessage }) {
      draw(mute, muted ? "action.unmute" : "action.mute", muted ? "mic-off" : "mic", muted);
      draw(
        camera,
        cameraOn ? "action.camera_off" : "action.camera_on",
        cameraOn ? "camera" : "camera-off",
        !cameraOn,
      );
      draw(devices, "action.devices", "settings");
      if (leaveMessage) draw(leave, leaveMessage, "leave");
      const wanted = [
        mute.button,
        cameraOffered && camera.button,
        leaveMessage && devices.button,
        leaveMessage && leave.button,
      ].filter((button) => button instanceof HTMLButtonElement);
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
  const button = h(
    "button",
    { type: "button", class: "control", "data-action": action },
    face,
    label,
  );
  return { button, face, label, picture: /** @type {IconName|null} */ (null) };
}
