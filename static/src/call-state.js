/**
 * The customer's call as one state machine. It owns the value of `data-call-state` and decides what
 * every event means in every state; it knows nothing of the page, the network or the Chime SDK.
 * Models are plain frozen values: `transition` returns the next one, or the same one when the event
 * is ignored.
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
 *
 * @typedef {object} CallModel
 * @property {CallState} state
 * @property {Snapshot|null} contact
 * @property {number} version Of the last snapshot taken in.
 * @property {boolean} rejoin The page was opened for a call that goes on; one tap joins it.
 * @property {boolean} slow Starting takes longer than usual.
 * @property {boolean} mediaUp The meeting's transport is connected.
 * @property {boolean} agentPresent The agent is in the meeting's roster.
 * @property {boolean} wasConnected The customer and an agent have been connected.
 * @property {EndReason|null} endReason
 * @property {Failure|null} failure
 * @property {FieldProblem[]} fieldProblems
 *
 * @typedef {(
 *   | {type: "opened", availability: "open"|"closed"|"unavailable",
 *      contact: (Snapshot & {version: number})|null, canRejoin: boolean}
 *   | {type: "start"} | {type: "back"} | {type: "call"}
 *   | {type: "details_given"} | {type: "details_wrong", fieldProblems: FieldProblem[]}
 *   | {type: "created", contact: Snapshot, version: number}
 *   | {type: "refused", failure: Failure, fieldProblems: FieldProblem[]}
 *   | {type: "took_long"}
 *   | {type: "media_started"} | {type: "media_dropped"}
 *   | {type: "media_ended", reason: EndReason}
 *   | {type: "agent_presence", present: boolean}
 *   | {type: "snapshot", contact: Snapshot, version: number}
 *   | {type: "leave"} | {type: "rejoin"} | {type: "expired"}
 *   | {type: "try_again"} | {type: "call_again", detailsKnown: boolean}
 * )} CallEvent
 * @typedef {CallEvent["type"]} EventType
 */

/** @type {readonly CallState[]} */
export const STATES = Object.freeze([
  "loading", "closed", "unavailable", "ready", "details", "device_check", "requesting",
  "joining", "queued", "connected", "reconnecting", "ended", "failed",
]);

/** @type {readonly EventType[]} */
export const EVENTS = Object.freeze([
  "opened", "start", "details_given", "details_wrong", "back", "call", "created", "refused",
  "took_long", "media_started", "media_dropped", "media_ended", "agent_presence", "snapshot",
  "leave", "rejoin", "expired", "try_again", "call_again",
]);

/** Marks a cell of the table whose event means nothing in that state. */
export const IGNORED = Symbol("ignored");

/** @type {Readonly<CallModel>} */
const BLANK = Object.freeze({
  state: /** @type {CallState} */ ("loading"),
  contact: null,
  version: 0,
  rejoin: false,
  slow: false,
  mediaUp: false,
  agentPresent: false,
  wasConnected: false,
  endReason: null,
  failure: null,
  fieldProblems: [],
});

/** @returns {CallModel} The model every page starts from. */
export const initialModel = () => BLANK;

/**
 * @param {CallModel} model
 * @param {CallEvent} event
 * @returns {CallModel} The same object when the event is ignored or says nothing new.
 */
export function transition(model, event) {
  const cell = TABLE[model.state][event.type];
  if (cell === IGNORED) return model;
  return Object.freeze(/** @type {Handler} */ (cell)(model, event));
}

/**
 * @param {CallState} state
 * @returns {boolean} Whether leaving the page now would leave a call behind.
 */
export const isLive = (state) =>
  state === "joining" || state === "queued" || state === "connected" || state === "reconnecting";

/**
 * @typedef {(model: CallModel, event: any) => CallModel} Handler
 * @typedef {Record<EventType, Handler|typeof IGNORED>} Row
 */

/**
 * @param {...EventType} types
 * @returns {any}
 */
const ignoring = (...types) => Object.fromEntries(types.map((type) => [type, IGNORED]));

/** @param {CallState} state @returns {Handler} */
const to = (state) => (model) => ({ ...model, state });

/**
 * Amazon Connect says that a contact is over before it says why; until then the usual cause holds.
 * @param {CallModel} model
 * @returns {EndReason}
 */
function reasonOf({ contact, wasConnected }) {
  const reason = contact?.end_reason;
  return reason ?? (wasConnected || contact?.connected_at ? "agent_ended" : "abandoned");
}

/** @type {Handler} */
const leave = (model) =>
  end(model, model.wasConnected || model.contact?.state === "connected" ? "customer_left" : "abandoned");

/** @type {Handler} */
const expire = (model) => end(model, "expired");

/** @param {Handler} handler @returns {Handler} Acts only on a page opened for a call that goes on. */
const whenRejoining = (handler) => (model, event) => (model.rejoin ? handler(model, event) : model);

/** @param {CallModel} model @param {EndReason} reason @returns {CallModel} */
function end(model, reason) {
  return { ...model, state: "ended", endReason: reason, mediaUp: false, rejoin: false };
}

/**
 * What comes late about an earlier call is no news about this one.
 * @param {CallModel} model
 * @param {{contact: Snapshot, version: number}} snapshot
 */
const isNews = (model, { contact, version }) =>
  version > model.version && (model.contact === null || model.contact.id === contact.id);

/**
 * Takes a snapshot in, if it is newer than the last one, and follows what it says.
 * @type {Handler}
 */
function follow(model, { contact, version }) {
  if (!isNews(model, { contact, version })) return model;
  const next = { ...model, contact, version };
  if (contact.state === "ended") return end(next, reasonOf(next));
  if (contact.state === "failed") return fail(next, { reference: contact.reference });
  return settle(next);
}

/**
 * While the media is up, being connected is one way: only the end takes it back.
 * @param {CallModel} model
 * @returns {CallModel}
 */
function settle(model) {
  if (!model.mediaUp || model.state === "reconnecting") return model;
  const connected =
    model.wasConnected || model.agentPresent || model.contact?.state === "connected";
  return { ...model, state: connected ? "connected" : "queued", wasConnected: connected };
}

/** @param {CallModel} model @param {Partial<Failure>} failure @returns {CallModel} */
function fail(model, failure) {
  return {
    ...model,
    state: "failed",
    mediaUp: false,
    failure: { code: "failed", reference: null, retryAfterS: null, ...failure },
  };
}

/** @type {Handler} */
function open(model, { availability, contact, canRejoin }) {
  if (!contact) return { ...model, state: availability === "open" ? "ready" : availability };
  const known = { ...model, contact, version: contact.version };
  if (contact.state === "ended") return end(known, reasonOf(known));
  if (contact.state === "failed") return fail(known, { reference: contact.reference });
  return canRejoin ? { ...known, state: "ready", rejoin: true } : end(known, "expired");
}

/** @type {Handler} */
const created = (model, { contact, version }) =>
  follow({ ...model, state: "joining", slow: false, fieldProblems: [] }, { contact, version });

/** @type {Handler} */
function refused(model, { failure, fieldProblems }) {
  if (fieldProblems.length > 0) return { ...model, state: "details", slow: false, fieldProblems };
  return fail({ ...model, slow: false }, failure);
}

/** @type {Handler} */
const request = (model) => ({
  ...BLANK,
  state: "requesting",
  fieldProblems: model.fieldProblems,
});

/** @type {Handler} */
const mediaStarted = (model) => settle({ ...model, state: "joining", mediaUp: true, slow: false });

/** @type {Handler} */
const mediaDropped = (model) => ({ ...model, state: "reconnecting", mediaUp: false });

/** @type {Handler} */
const mediaEnded = (model, { reason }) => end(model, reason);

/** @type {Handler} */
const agentPresence = (model, { present }) =>
  present === model.agentPresent ? model : settle({ ...model, agentPresent: present });

/** @type {Handler} */
const tookLong = (model) => ({ ...model, slow: true });

/**
 * The server's word on how the call ended completes what this page saw itself, but does not
 * overrule what only this page can know: that it was the one thrown out, replaced or cut off.
 * @type {Handler}
 */
function learnEnding(model, { contact, version }) {
  if (!isNews(model, { contact, version })) return model;
  const own = ["duplicate", "removed", "capacity", "connection_lost", "service_error"];
  const kept = own.includes(model.endReason ?? "");
  const reason = kept ? model.endReason : (contact.end_reason ?? model.endReason);
  return { ...model, contact, version, endReason: reason };
}

/** @type {Handler} */
const again = (_, { detailsKnown }) => ({
  ...BLANK,
  state: detailsKnown ? "device_check" : "details",
});

const NOT_ASKED = /** @type {EventType[]} */ (["created", "refused", "took_long"]);
const NO_MEDIA = /** @type {EventType[]} */ ([
  "media_started", "media_dropped", "media_ended", "agent_presence",
]);
const NO_FORM = /** @type {EventType[]} */ ([
  "start", "details_given", "details_wrong", "back", "call",
]);

/** @type {Record<CallState, Row>} */
export const TABLE = {
  loading: {
    opened: open,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  closed: {
    opened: open,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  unavailable: {
    opened: open,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  ready: {
    start: (model) => (model.rejoin ? model : { ...model, state: "details" }),
    rejoin: whenRejoining((model) => ({ ...model, state: "joining", rejoin: false })),
    leave: whenRejoining(leave),
    expired: whenRejoining(expire),
    snapshot: whenRejoining(follow),
    // A reply that comes after the customer cancelled belongs to nobody: the page ends that call.
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "details_given", "details_wrong", "back", "call"),
    ...ignoring("try_again", "call_again"),
  },
  details: {
    details_given: (model) => ({ ...model, state: "device_check", fieldProblems: [] }),
    details_wrong: (model, { fieldProblems }) => ({ ...model, fieldProblems }),
    back: to("ready"),
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "start", "call", "snapshot", "leave", "rejoin", "expired"),
    ...ignoring("try_again", "call_again"),
  },
  device_check: {
    call: request,
    back: to("details"),
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "start", "details_given", "details_wrong", "snapshot", "leave"),
    ...ignoring("rejoin", "expired", "try_again", "call_again"),
  },
  requesting: {
    created,
    refused,
    took_long: tookLong,
    leave: to("device_check"),
    ...ignoring(...NO_FORM, ...NO_MEDIA),
    ...ignoring("opened", "snapshot", "rejoin", "expired", "try_again", "call_again"),
  },
  joining: {
    media_started: mediaStarted,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    took_long: tookLong,
    snapshot: follow,
    expired: expire,
    leave,
    ...ignoring(...NO_FORM),
    ...ignoring("opened", "created", "refused", "media_dropped", "rejoin"),
    ...ignoring("try_again", "call_again"),
  },
  queued: {
    media_dropped: mediaDropped,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("opened", "media_started", "rejoin", "expired", "try_again", "call_again"),
  },
  connected: {
    media_dropped: mediaDropped,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("opened", "media_started", "rejoin", "expired", "try_again", "call_again"),
  },
  reconnecting: {
    media_started: mediaStarted,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("opened", "media_dropped", "rejoin", "expired", "try_again", "call_again"),
  },
  ended: {
    snapshot: learnEnding,
    call_again: again,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "leave", "rejoin", "expired", "try_again"),
  },
  failed: {
    try_again: request,
    call_again: again,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "snapshot", "leave", "rejoin", "expired"),
  },
};
