/**
 * Stands for what a customer can do in a call until its code is here: that code is wanted only by those
 * who call, so it is fetched with the meeting's. Until then the bar has what every call has.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./controls.js").Control} Control
 * @typedef {ReturnType<typeof import("./in-call.js").createInCall>} InCall
 * @typedef {Omit<Parameters<typeof import("./in-call.js").createInCall>[0], "controls">} InCallOptions
 */
import { cameraControl, createControls, leaveControl, microphoneControl } from "./controls.js";
import { required } from "./dom.js";

/** @type {Partial<Record<CallModel["state"], string>>} Elsewhere the screen has its own way out. */
const LEAVE_LABELS = {
  queued: "action.leave_queue",
  guest_waiting: "action.leave",
  connected: "action.end_call",
  reconnecting: "action.end_call",
};

/**
 * @param {CallModel} model
 * @param {import("./types.js").PageData} page
 * @param {{muted: boolean, cameraOn: boolean}} live
 * @returns {{switches: Control[], leave: Control|null}} What every call has, in the order of the bar.
 */
export function basicControls({ state }, page, { muted, cameraOn }) {
  const label = LEAVE_LABELS[state];
  return {
    switches: [microphoneControl(muted), ...(page.entry_point.video ? [cameraControl(cameraOn)] : [])],
    leave: label ? leaveControl(page.guest ? "action.leave" : label) : null,
  };
}

/** @param {InCallOptions} options */
export function createInCallDoor(options) {
  const { root, page, t, store, live } = options;
  const controls = createControls({ bar: required("[data-part=bar]", HTMLElement, root), t });
  /** @type {InCall|null} */
  let inside = null;

  return {
    /** @returns {InCall|null} Once its code is here. */
    get inside() {
      return inside;
    },

    /** Rejects when the code cannot be fetched. */
    async load() {
      const { createInCall } = await import("./in-call.js");
      if (inside) return;
      inside = createInCall({ ...options, controls });
      inside.draw();
    },

    draw() {
      if (inside) return inside.draw();
      const { switches, leave } = basicControls(store.model, page, live);
      return controls.draw([...switches, ...(leave ? [leave] : [])]);
    },

    /** @param {string} action @param {Element} button */
    act: (action, button) => inside?.actions[action]?.(button),
  };
}
