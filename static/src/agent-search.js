/**
 * What a customer is told of the search for an agent, as far as anybody tells the page: the queue by
 * messages in the meeting where it can, the portal by a call that has no agent between two. Pure.
 *
 * @typedef {"offered"|"missed"|"lost"} Search An agent is asked; has not come; is not coming back.
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./types.js").Snapshot} Snapshot
 */

/** A miss is news for so long; then the place in the queue is. */
const MISSED_MS = 30_000;

/**
 * @param {CallModel} model
 * @param {number} nowMs
 * @returns {"q.connecting"|"q.noanswer"|null} The sentence that says how the search stands.
 */
export function searchOf({ state, contact, agentPresent, search, searchAtMs }, nowMs) {
  if ((state !== "queued" && state !== "connected") || agentPresent) return null;
  if (search === "offered") return "q.connecting";
  if (state === "connected") {
    const parted = contact?.state === "connected" && contact.agent === null;
    return search !== null || parted ? "q.noanswer" : null;
  }
  return search !== null && nowMs - searchAtMs < MISSED_MS ? "q.noanswer" : null;
}

/**
 * @param {Snapshot|null} before
 * @param {Snapshot} now
 * @returns {boolean} Whether the portal knows of one more agent who has answered.
 */
export const isAnswered = (before, now) => agentsIn(now) > agentsIn(before);

/** @param {Snapshot|null} contact */
const agentsIn = (contact) => (contact?.participants ?? []).filter(({ role }) => role === "agent").length;
