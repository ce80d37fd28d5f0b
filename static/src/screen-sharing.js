/**
 * The customer's own screen: offered while the agent's screen sharing session is open, shown until
 * either side stops it. Knows what is to be said and offered about it; the meeting does the sharing.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./controls.js").Control} Control
 * @typedef {import("./notices.js").Notice} Notice
 */
import { isLive } from "./call-model.js";

/**
 * @param {unknown} error What the browser's picker rejected with.
 * @returns {boolean} The system refused; otherwise the person chose nothing.
 */
export const isSystemsRefusal = (error) =>
  error instanceof Error &&
  (error.name === "NotReadableError" || (error.name === "NotAllowedError" && /system/i.test(error.message)));

/**
 * @param {object} options
 * @param {boolean} options.able Whether this browser can.
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {() => string} options.agentName
 * @param {(id: string) => void} options.say
 * @param {() => void} options.redraw
 */
export function createScreenSharing({ able, live, agentName, say, redraw }) {
  let asked = false;
  let declined = false;
  let refused = false;
  let picking = false;

  return {
    /** @param {CallModel} model */
    follow({ state, screenAsked }) {
      const asks = screenAsked && isLive(state);
      if (asks === asked) return;
      asked = asks;
      declined = refused = false;
      if (asks) return;
      if (live.sharing) live.stopSharing();
      if (isLive(state)) say("share.stopped");
    },

    async share() {
      if (picking) return;
      picking = true;
      refused = false;
      try {
        await live.share();
        declined = true;
      } catch (error) {
        refused = isSystemsRefusal(error);
      }
      picking = false;
      // The session may have been closed while the picker was open.
      if (!asked) live.stopSharing();
      redraw();
    },

    stop() {
      live.stopSharing();
    },

    dismiss() {
      declined = true;
      refused = false;
    },

    /** @returns {Control[]} */
    controls() {
      if (!able || !asked) return [];
      const { sharing } = live;
      return [{
        action: sharing ? "stop-share" : "share",
        message: sharing ? "action.stop_share" : "action.share",
        icon: "screen",
        pressed: sharing,
        place: "wide",
      }];
    },

    /** @returns {Notice[]} */
    notices() {
      const values = { agent: agentName() };
      const notNow = { action: "dismiss", label: "action.not_now", look: /** @type {const} */ ("quiet") };
      if (live.sharing) {
        return [{ id: "share.live", buttons: [{ action: "stop-share", label: "action.stop_share" }] }];
      }
      if (!asked) return [];
      if (refused) {
        const again = { action: "share", label: "action.try_again" };
        return [{ id: "share.system", explained: true, buttons: [again, notNow] }];
      }
      if (declined) return [];
      if (!able) return [{ id: "share.unsupported", values, buttons: [notNow] }];
      const share = { action: "share", label: "action.share", look: /** @type {const} */ ("primary") };
      return [{ id: "share.offer", values, buttons: [share, notNow] }];
    },
  };
}
