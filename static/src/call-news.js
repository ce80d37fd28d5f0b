/**
 * Reads the news of a call out, each once: who came and went, what was switched, what became of the
 * call itself. Other screens are read out as they take the focus.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => void} Say
 */
import { searchOf } from "./agent-search.js";
import { isLive, isOnHold } from "./call-model.js";
import { moveOf } from "./queue-place.js";
import { playAnswered } from "./sounds.js";
import { sparingly } from "./sparingly.js";

const MOVES_EVERY_MS = 20_000;
/** The agent's devices come on one after the other at first. */
const SETTLING_MS = 3_000;

/**
 * @param {object} options
 * @param {{readonly model: CallModel}} options.store
 * @param {{polite: Say, assertive: Say, hush: () => void}} options.announce
 * @param {ReturnType<typeof import("./names.js").createNames>} options.names
 */
export function createCallNews({ store, announce, names }) {
  let settledAtMs = 0;
  const moves = sparingly((/** @type {import("./queue-place.js").QueuePlace} */ place) => {
    const { id, values } = moveOf(place);
    announce.polite(id, values);
  }, MOVES_EVERY_MS);

  /** The screen shows it as well; in a call it stands over the pictures, as a status. @param {CallModel} next @param {CallModel} previous */
  function tellOfSearch(next, previous) {
    const isNews = next.search !== previous.search || next.searchAtMs !== previous.searchAtMs;
    const search = searchOf(next, Date.now());
    if (isNews && search && next.state === "queued") announce.assertive(search);
  }

  return {
    /** @param {import("./roster.js").Change} change */
    changed({ type, attendee }) {
      const ids = {
        joined: "call.join",
        left: "call.left",
        camera_on: "call.agentcam.on",
        camera_off: "call.agentcam.off",
        muted: "call.mic.off",
        unmuted: "call.mic.on",
      };
      // "Connected to …" or "Reconnecting…" has just said what matters.
      const unsettled = store.model.state !== "connected" || Date.now() < settledAtMs;
      if (attendee.role === "agent" && (type === "joined" || unsettled)) return;
      const name = attendee.role === "agent" ? names.agent() : names.guest();
      announce.polite(ids[type], { agent: name, name });
    },

    /** @param {CallModel} next @param {CallModel} previous */
    follow(next, previous) {
      if (next.state !== previous.state) announce.hush();
      // That the call is on hold stands on the page, as a status.
      if (isOnHold(previous) && isLive(next.state) && !isOnHold(next)) {
        announce.polite("call.unhold", { agent: names.agent() });
      }
      const fell = next.place && previous.place && next.place.position < previous.place.position;
      if (next.state !== "queued") moves.hush();
      else if (fell && next.place) moves.say(next.place);
      tellOfSearch(next, previous);
      if (next.state === previous.state) return;
      if (next.state === "connected") settledAtMs = Date.now() + SETTLING_MS;
      if (next.state === "reconnecting") announce.assertive("net.reconnect");
      else if (previous.state === "reconnecting" && isLive(next.state)) announce.polite("net.back");
      else if (next.state === "connected") {
        announce.polite("call.connected", { agent: names.agent() });
        if (document.hidden) playAnswered();
      }
    },
  };
}
