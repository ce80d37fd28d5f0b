/**
 * Reports what this page measures of a call: how long it took to set up, and what lasted for a while: a
 * bad network and why, the microphone off, the camera on, the screen shared. Nothing is sent while
 * nothing changes, and nothing says who the person is. It must not know where the news come from.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {"network_weak"|"network_poor"|"network_away"|"muted"|"camera"|"sharing"} Kind
 * @typedef {import("./network-quality.js").Cause} Cause
 *
 * @typedef {object} Spell
 * @property {number} number On this page.
 * @property {Kind} kind
 * @property {Cause|""} cause
 * @property {number} beganMs
 * @property {number|null} endedMs null while it lasts.
 *
 * @typedef {object} Report
 * @property {string} page
 * @property {number|null} setup_ms
 * @property {{number: number, kind: Kind, cause: string, began_s_ago: number, ended_s_ago: number|null}[]} spells
 */
import { isLive } from "./call-model.js";

/** Changes wait for so long, so that those that come together go together. */
const GATHERED_FOR_MS = 10_000;
/** A bad network that lasts so long is told once more: by then others want to know. */
const LASTS_MS = 10_500;
const MOST_AT_ONCE = 20;
/** @type {Set<Kind>} */
const TROUBLES = new Set(["network_poor", "network_away"]);
/** A page that somebody switches on and off without end. */
const MOST_SPELLS = 200;

/**
 * @param {object} options
 * @param {(contactId: string, report: Report) => Promise<unknown>} options.send
 * @param {() => number} [options.now] In milliseconds; of a clock that nobody sets.
 * @param {(then: () => void, ms: number) => unknown} [options.later]
 */
export function createQualityReport({
  send,
  now = () => performance.now(),
  later = (then, ms) => setTimeout(then, ms),
}) {
  let page = crypto.randomUUID();
  /** @type {string|null} */
  let contactId = null;
  let askedAtMs = 0;
  /** @type {number|null} */
  let setupMs = null;
  let isNews = false;
  let waiting = false;
  let count = 0;
  /** @type {Map<Kind, Spell>} */
  const lasting = new Map();
  /** @type {Set<Spell>} Not told yet as they are now. */
  let untold = new Set();

  function forget() {
    page = crypto.randomUUID();
    setupMs = null;
    isNews = false;
    count = 0;
    lasting.clear();
    untold = new Set();
  }

  function news() {
    isNews = true;
    if (waiting) return;
    waiting = true;
    later(() => {
      waiting = false;
      flush();
    }, GATHERED_FOR_MS);
  }

  /** Sends what has not been told, if there is anything. */
  function flush() {
    if (!contactId || !isNews) return;
    const told = [...untold].slice(0, MOST_AT_ONCE);
    for (const spell of told) untold.delete(spell);
    isNews = untold.size > 0;
    send(contactId, reportOf(told)).catch(() => {
      for (const spell of told) untold.add(spell);
      isNews = true;
    });
    if (isNews) news();
  }

  /** @param {Spell[]} spells @returns {Report} */
  function reportOf(spells) {
    const age = (/** @type {number} */ ms) => Math.max(0, Math.round(now() - ms) / 1000);
    return {
      page,
      setup_ms: setupMs,
      spells: spells.map(({ number, kind, cause, beganMs, endedMs }) => ({
        number, kind, cause,
        began_s_ago: age(beganMs),
        ended_s_ago: endedMs === null ? null : age(endedMs),
      })),
    };
  }

  /** @param {Kind} kind @param {boolean} on @param {Cause|""} [cause] */
  function set(kind, on, cause = "") {
    const spell = lasting.get(kind);
    if (on === Boolean(spell)) return;
    if (spell) {
      spell.endedMs = now();
      lasting.delete(kind);
      untold.add(spell);
    } else {
      if (count >= MOST_SPELLS) return;
      const begun = { number: count, kind, cause, beganMs: now(), endedMs: null };
      count += 1;
      lasting.set(kind, begun);
      untold.add(begun);
      if (TROUBLES.has(kind)) later(() => tellAgain(begun), LASTS_MS);
    }
    news();
  }

  /** @param {Spell} spell */
  function tellAgain(spell) {
    if (lasting.get(spell.kind) !== spell) return;
    untold.add(spell);
    isNews = true;
    flush();
  }

  /** Tells the rest at once: nobody is here to tell it later. */
  function finish() {
    for (const kind of [...lasting.keys()]) set(kind, false);
    flush();
  }

  return {
    /** @param {import("./network-quality.js").Grade} grade @param {Cause|""} cause */
    network(grade, cause) {
      set("network_weak", grade === "weak", cause);
      set("network_poor", grade === "poor", cause);
    },

    /** What the person has switched on and off; to be called as often as one likes. @param {{muted: boolean, camera: boolean, sharing: boolean}} own */
    observe({ muted, camera, sharing }) {
      if (!contactId) return;
      set("muted", muted);
      set("camera", camera);
      set("sharing", sharing);
    },

    /** @param {CallModel} next @param {CallModel} previous */
    follow(next, previous) {
      if (next.state === "requesting" && previous.state !== "requesting") askedAtMs = now();
      if (isLive(next.state) && next.mediaUp && next.contact && contactId !== next.contact.id) {
        forget();
        contactId = next.contact.id;
        // Whoever came back to a call has set nothing up.
        if (askedAtMs) setupMs = Math.round(now() - askedAtMs);
        askedAtMs = 0;
        news();
      }
      set("network_away", contactId !== null && next.state === "reconnecting", "silence");
      if (contactId && !isLive(next.state) && isLive(previous.state)) {
        finish();
        contactId = null;
      }
    },

    finish,
  };
}
