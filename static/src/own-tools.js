/**
 * What a person can change about their own sound and picture in a call: background blur and noise
 * suppression where the browser has them itself, and what it says about a microphone that is muted,
 * unplugged or taken by the system.
 *
 * @typedef {import("./controls.js").Control} Control
 * @typedef {import("./notices.js").Notice} Notice
 */
import { createMutedTalk } from "./muted-talk.js";

const CLOSE = { action: "dismiss", label: "action.close", look: /** @type {const} */ ("quiet") };
const CHANGE = { action: "devices", label: "action.change" };

/**
 * @param {object} options
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {(kind: "microphone"|"camera") => string} options.kindName
 * @param {(id: string) => void} options.say
 * @param {() => void} options.redraw
 */
export function createOwnTools({ devices, live, kindName, say, redraw }) {
  /** @type {Notice|null} */
  let lost = null;
  let talking = false;
  let interrupted = false;
  const mutedTalk = createMutedTalk(() => {
    talking = true;
    redraw();
  });

  return {
    /** @param {boolean} isLive */
    follow(isLive) {
      const muted = isLive && live.mutedByChoice;
      if (!muted) talking = false;
      if (!isLive) {
        lost = null;
        interrupted = false;
      }
      mutedTalk.follow(muted ? devices.view.microphone.stream : null);
    },

    /**
     * @param {"microphone"|"camera"} kind
     * @param {string} name Of the device that is gone.
     * @param {string} now Name of the one in use instead, or "".
     */
    deviceLost(kind, name, now) {
      const values = { device: name || kindName(kind), now };
      lost = { id: now ? "dev.lost" : "dev.lost.none", values, buttons: [CHANGE, CLOSE] };
      redraw();
    },

    /** @param {boolean} isInterrupted The system has taken the microphone, as for a telephone call. */
    interrupted(isInterrupted) {
      interrupted = isInterrupted;
      redraw();
    },

    /** @param {string} about Id of the notice that was closed. */
    dismiss(about) {
      if (about === "call.muted.talk") talking = false;
      else lost = null;
    },

    /** @returns {Control[]} */
    controls() {
      const { backgroundBlur: blur, noiseSuppression: noise } = devices.effects;
      return [
        ...(blur === null ? [] : [effect("blur", blur, "blur")]),
        ...(noise === null ? [] : [effect("noise", noise, "noise")]),
      ];
    },

    /** @returns {Notice[]} */
    notices() {
      return [
        ...(interrupted
          ? [{ id: "dev.interrupted", explained: true, buttons: [{ action: "resume-microphone", label: "action.continue" }] }]
          : []),
        ...(talking
          ? [{ id: "call.muted.talk", buttons: [{ action: "mute", label: "action.turn_on" }, CLOSE] }]
          : []),
        ...(lost ? [lost] : []),
      ];
    },

    /** @type {Record<string, () => unknown>} */
    actions: {
      blur: async () => {
        const on = !devices.effects.backgroundBlur;
        await devices.wish("camera", { backgroundBlur: on });
        say(on ? "call.blur.on" : "call.blur.off");
        redraw();
      },
      noise: async () => {
        const on = !devices.effects.noiseSuppression;
        await devices.wish("microphone", { noiseSuppression: on });
        say(on ? "call.noise.on" : "call.noise.off");
        redraw();
      },
      "resume-microphone": async () => {
        interrupted = false;
        await devices.choose("microphone");
        redraw();
      },
    },
  };
}

/**
 * @param {"blur"|"noise"} action
 * @param {boolean} on
 * @param {import("./icons.js").IconName} picture
 * @returns {Control}
 */
const effect = (action, on, picture) => ({
  action, message: `action.${action}`, icon: picture, pressed: on, place: "more",
});
