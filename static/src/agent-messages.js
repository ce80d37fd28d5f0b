/**
 * What an agent's application says in the meeting, by data messages.
 *
 * Amazon Connect's own topic tells when a customer may share a screen. Hold it leaves to the agent's
 * application; the embedded contact centre tells it by a topic of its own, and by another how the
 * search for an agent stands.
 *
 * @typedef {import("./agent-search.js").Search} Search
 * @typedef {{held: boolean}|{screenAsked: boolean}|{search: Search}} AgentSaid
 */

export const HOLD_TOPIC = "VIDEO_CALL_HOLD";
export const SCREEN_TOPIC = "AMAZON_CONNECT_SCREEN_SHARING";
export const SEARCH_TOPIC = "VIDEO_CALL_AGENT";
export const AGENT_TOPICS = Object.freeze([HOLD_TOPIC, SCREEN_TOPIC, SEARCH_TOPIC]);

/** @type {ReadonlyMap<string, AgentSaid>} By topic and message. */
const MEANINGS = new Map(/** @type {[string, AgentSaid][]} */ ([
  [`${HOLD_TOPIC} HoldStarted`, { held: true }],
  [`${HOLD_TOPIC} HoldEnded`, { held: false }],
  [`${SCREEN_TOPIC} ScreenSharingStarted`, { screenAsked: true }],
  [`${SCREEN_TOPIC} ScreenSharingStopped`, { screenAsked: false }],
  [`${SEARCH_TOPIC} AgentOffered`, { search: "offered" }],
  [`${SEARCH_TOPIC} AgentMissed`, { search: "missed" }],
  [`${SEARCH_TOPIC} AgentLost`, { search: "lost" }],
]));

/**
 * @param {string} topic
 * @param {string} text
 * @returns {AgentSaid|null} null for what is none of ours.
 */
export function saidByAgent(topic, text) {
  try {
    const { message } = JSON.parse(text);
    return typeof message === "string" ? (MEANINGS.get(`${topic} ${message}`) ?? null) : null;
  } catch {
    return null;
  }
}
