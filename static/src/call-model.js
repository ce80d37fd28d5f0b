/**
 * What a customer's page knows about its call, as one plain value, and what can happen to it. Pure;
 * what an event does to the value is decided in call-state.js alone.
 *
 * @typedef {import("./types.js").CallState} CallState
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./types.js").FieldProblem} FieldProblem
 *
 * @typedef {object} Failure Why a call could not be started.
 * @property {string} code Problem code of the API, or "network".
 * @property {string|null} reference Of the failed contact, when the server kept one.
 * @property {number|null} retryAfterS
 * @property {number} [retryAtMs] Before this it would be refused again.
 *
 * @typedef {object} CallModel
 * @property {CallState} state
 * @property {boolean} guest The person was invited into somebody else's call.
 * @property {Snapshot|null} contact
 * @property {number} version Of the last snapshot taken in.
 * @property {boolean} rejoin The page was opened for a call that goes on; one tap joins it.
 * @property {boolean} slow Starting takes longer than usual.
 * @property {boolean} mediaUp The meeting's transport is connected.
 * @property {boolean} agentPresent The agent is in the meeting's roster.
 * @property {boolean} held The agent has said in the meeting that the call is on hold.
 * @property {boolean} screenAsked The agent has said in the meeting that a screen may be shared.
 * @property {import("./agent-search.js").Search|null} search For an agent, as the queue has told it last.
 * @property {number} searchAtMs When it was told.
 * @property {boolean} patient The customer has been told that it takes longer than was said, and waits on.
 * @property {number} droppedAtMs When the media was last heard of, while it is away; else 0.
 * @property {boolean} wasConnected The customer and an agent have been connected.
 * @property {import("./queue-place.js").QueuePlace|null} place In the queue, as far as it was told.
 * @property {EndReason|null} endReason
 * @property {Failure|null} failure
 * @property {FieldProblem[]} fieldProblems
 * @property {import("./entry.js").Obstacle|null} obstacle What keeps every call from working here.
 * @property {boolean} online
 * @property {import("./entry.js").Availability|null} availability Of the entry point.
 *
 * @typedef {(
 *   | {type: "opened", entry: import("./entry.js").Entry, gone?: boolean,
 *      contact: (Snapshot & {version: number})|null, canRejoin: boolean, guest?: boolean, patient?: boolean}
 *   | {type: "availability", availability: import("./entry.js").Availability}
 *   | {type: "connectivity", online: boolean}
 *   | {type: "start"} | {type: "back"} | {type: "call"}
 *   | {type: "details_given"} | {type: "details_wrong", fieldProblems: FieldProblem[]}
 *   | {type: "created", contact: Snapshot, version: number}
 *   | {type: "refused", failure: Failure, fieldProblems: FieldProblem[]}
 *   | {type: "took_long"}
 *   | {type: "media_started"} | {type: "media_dropped", silentMs: number}
 *   | {type: "media_ended", reason: EndReason}
 *   | {type: "agent_presence", present: boolean}
 *   | {type: "agent_said", said: import("./agent-messages.js").AgentSaid}
 *   | {type: "snapshot", contact: Snapshot, version: number}
 *   | {type: "keep_waiting"} | {type: "leave"} | {type: "rejoin"} | {type: "expired"}
 *   | {type: "try_again"} | {type: "call_again", detailsKnown: boolean}
 * )} CallEvent
 */

/** @type {Readonly<CallModel>} */
export const BLANK = Object.freeze({
  state: /** @type {CallState} */ ("loading"),
  guest: false,
  contact: null,
  version: 0,
  rejoin: false,
  slow: false,
  mediaUp: false,
  agentPresent: false,
  held: false,
  screenAsked: false,
  search: null,
  searchAtMs: 0,
  patient: false,
  droppedAtMs: 0,
  wasConnected: false,
  place: null,
  endReason: null,
  failure: null,
  fieldProblems: [],
  obstacle: null,
  online: true,
  availability: null,
});

/** How long a page tries to come back into its call: Connect forgets a participant who has been gone for 60 s. */
export const RECONNECT_MS = 55_000;

/** @type {readonly CallState[]} */
const LIVE = ["joining", "queued", "guest_waiting", "connected", "reconnecting"];

/**
 * @param {CallState} state
 * @returns {boolean} Whether leaving the page now would leave a call behind.
 */
export const isLive = (state) => LIVE.includes(state);

/** @param {CallModel} model @returns {boolean} Whoever says so: the agent at once, the server later. */
export const isOnHold = (model) =>
  isLive(model.state) && (model.held || model.contact?.on_hold === true);

/**
 * @param {CallModel} model
 * @returns {boolean} Whoever was replaced by another of their own windows may take the call back,
 *   as long as it goes on.
 */
export const canTakeBack = ({ endReason, contact }) =>
  endReason === "duplicate" && contact !== null && contact.state !== "ended";

/**
 * @param {CallModel} model
 * @returns {boolean} Whoever lost their way into a call that goes on without them may call again into the same one.
 */
export const canComeBack = ({ endReason, contact }) =>
  (endReason === "connection_lost" || endReason === "service_error") &&
  contact !== null &&
  contact.state !== "ended" &&
  contact.state !== "failed";
