/**
 * What the customer is told about their network, and what they are advised: a grade that is always in
 * sight, advice in words, and the question whether to turn the video off, not asked again for a while.
 *
 * @typedef {import("./network-quality.js").Grade} Grade
 * @typedef {import("./notices.js").Notice} Notice
 */
import { setAttribute, setText } from "./dom.js";

const ASK_EVERY_MS = 5 * 60_000;

/**
 * @param {object} options
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {() => string} options.agentName
 * @param {(id: string) => void} options.say
 * @param {() => number} [options.now]
 */
export function createNetworkAdvice({ live, agentName, say, now = Date.now }) {
  /** @type {Grade} */
  let grade = "good";
  let askedAtMs = -Infinity;
  let asking = false;
  let explaining = false;
  let viewOnly = false;
  let unheard = false;

  /** Asks at most once in a while, and only whoever shows a picture. */
  function suggest() {
    if (!live.cameraOn || now() - askedAtMs < ASK_EVERY_MS) return false;
    askedAtMs = now();
    asking = true;
    return true;
  }

  return {
    /** @returns {Grade} */
    get grade() {
      return grade;
    },

    /** @param {Grade} next */
    graded(next) {
      const before = grade;
      grade = next;
      explaining = false;
      if (next === "good") asking = false;
      if (next === "good" && before !== "good") say("net.good");
      else if (next === "poor" && !suggest()) say("net.poor");
    },

    strained: () => void (suggest() || say("net.poor")),

    viewOnly() {
      viewOnly = true;
    },

    /** @param {boolean} failing */
    sendingSound(failing) {
      if (unheard && !failing) say("net.tx.back");
      unheard = failing;
    },

    explain() {
      explaining = !explaining;
    },

    /** @param {string} id Of the notice that was closed. */
    dismiss(id) {
      if (id === "net.stopvideo") asking = false;
      else if (id === "view.only") viewOnly = false;
      else if (id === "net.tx") unheard = false;
      else explaining = false;
    },

    /** Another call begins. */
    forget() {
      grade = "good";
      asking = explaining = viewOnly = unheard = false;
      askedAtMs = -Infinity;
    },

    /** @returns {Notice[]} */
    notices() {
      const close = { action: "dismiss", label: "action.close", look: /** @type {const} */ ("quiet") };
      /** @type {Notice[]} */
      const notices = [];
      if (asking && live.cameraOn) {
        notices.push({
          id: "net.stopvideo",
          buttons: [
            { action: "stop-video", label: "action.stop_video", look: "primary" },
            { action: "dismiss", label: "action.keep_video", look: "quiet" },
          ],
        });
      }
      if (unheard) {
        const values = { agent: agentName() };
        const devices = { action: "devices", label: "action.devices" };
        notices.push({ id: "net.tx", values, explained: true, buttons: [devices, close] });
      }
      if (viewOnly) notices.push({ id: "view.only", buttons: [close] });
      if (explaining) notices.push({ id: `net.is.${grade}`, explained: true, buttons: [close] });
      return notices;
    },
  };
}

/**
 * Draws the grade where it is always in sight: bars for the eye, a word for everybody.
 * @param {HTMLElement} button
 * @param {(id: string) => string} t
 * @param {Grade|null} grade null while there is none.
 */
export function drawGrade(button, t, grade) {
  setAttribute(button, "hidden", grade === null);
  if (grade === null) return;
  setAttribute(button, "data-grade", grade);
  const word = button.querySelector("[data-msg]");
  if (!word) return;
  setAttribute(word, "data-msg", `net.grade.${grade}`);
  setText(word, t(`net.grade.${grade}`));
}
