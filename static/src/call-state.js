/**
 * The customer's call as one state machine. It owns the value of `data-call-state` and decides what
 * every event means in every state; it knows nothing of the page, the network or the Chime SDK.
 * Models are plain frozen values: `transition` returns the next one, or the same one when the event
 * is ignored. What the handlers do is in call-changes.js.
 *
 * @typedef {import("./types.js").CallState} CallState
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 * @typedef {CallEvent["type"]} EventType
 */
import {
  again, agentPresence, agentSaid, created, expire, follow, keepWaiting, learnEnding, leave, mediaDropped,
  mediaEnded, mediaStarted, open, refused, request, takeBack, to, tookLong, whenRejoining,
} from "./call-changes.js";
import { learn, toEntry } from "./entry-state.js";

/** @type {readonly CallState[]} */
export const STATES = Object.freeze([
  "loading", "closed", "unavailable", "ready", "details", "device_check", "requesting",
  "joining", "queued", "guest_waiting", "connected", "reconnecting", "ended", "failed",
]);

/** @type {readonly EventType[]} */
export const EVENTS = Object.freeze([
  "opened", "start", "details_given", "details_wrong", "back", "call", "created", "refused",
  "took_long", "media_started", "media_dropped", "media_ended", "agent_presence", "agent_said",
  "snapshot", "keep_waiting", "leave", "rejoin", "expired", "try_again", "call_again",
  "availability", "connectivity",
]);

/** Marks a cell of the table whose event means nothing in that state. */
export const IGNORED = Symbol("ignored");

/**
 * @param {CallModel} model
 * @param {CallEvent} event
 * @param {number} [nowMs] When it happens.
 * @returns {CallModel} The same object when the event is ignored or says nothing new.
 */
export function transition(model, event, nowMs = Date.now()) {
  const cell = TABLE[model.state][event.type];
  if (cell === IGNORED) return model;
  return Object.freeze(/** @type {Handler} */ (cell)(model, event, nowMs));
}

/**
 * @typedef {import("./call-changes.js").Handler} Handler
 * @typedef {Record<EventType, Handler|typeof IGNORED>} Row
 */

/**
 * @param {...EventType} types
 * @returns {any}
 */
const ignoring = (...types) => Object.fromEntries(types.map((type) => [type, IGNORED]));

const NOT_ASKED = /** @type {EventType[]} */ (["created", "refused", "took_long"]);
const NO_MEDIA = /** @type {EventType[]} */ ([
  "media_started", "media_dropped", "media_ended", "agent_presence", "agent_said",
]);
const NO_FORM = /** @type {EventType[]} */ ([
  "start", "details_given", "details_wrong", "back", "call",
]);

const NEWS = { availability: learn, connectivity: learn };

/** @type {Record<CallState, Row>} */
export const TABLE = {
  loading: {
    opened: open,
    ...ignoring("availability", "connectivity"),
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("keep_waiting", "snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  closed: {
    ...NEWS,
    opened: open,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("keep_waiting", "snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  unavailable: {
    ...NEWS,
    opened: open,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("keep_waiting", "snapshot", "leave", "rejoin", "expired", "try_again", "call_again"),
  },
  ready: {
    ...NEWS,
    // A guest who has accepted an invitation has told who they are.
    start: (model) =>
      model.rejoin ? model : { ...model, state: model.contact ? "device_check" : "details" },
    rejoin: whenRejoining((model) => ({ ...model, state: "joining", rejoin: false })),
    leave: whenRejoining(leave),
    expired: whenRejoining(expire),
    snapshot: whenRejoining(follow),
    // A reply that comes after the customer cancelled belongs to nobody: the page ends that call.
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "details_given", "details_wrong", "back", "call"),
    ...ignoring("keep_waiting", "try_again", "call_again"),
  },
  details: {
    ...NEWS,
    details_given: (model) => ({ ...model, state: "device_check", fieldProblems: [] }),
    details_wrong: (model, { fieldProblems }) => ({ ...model, fieldProblems }),
    back: toEntry,
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "start", "call", "snapshot", "leave", "rejoin", "expired"),
    ...ignoring("keep_waiting", "try_again", "call_again"),
  },
  device_check: {
    ...NEWS,
    call: request,
    back: to("details"),
    ...ignoring(...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("opened", "start", "details_given", "details_wrong", "snapshot", "leave"),
    ...ignoring("keep_waiting", "rejoin", "expired", "try_again", "call_again"),
  },
  requesting: {
    ...NEWS,
    created,
    refused,
    took_long: tookLong,
    leave: to("device_check"),
    ...ignoring(...NO_FORM, ...NO_MEDIA),
    ...ignoring("keep_waiting", "opened", "snapshot", "rejoin", "expired", "try_again", "call_again"),
  },
  joining: {
    ...NEWS,
    media_started: mediaStarted,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    agent_said: agentSaid,
    took_long: tookLong,
    snapshot: follow,
    expired: expire,
    leave,
    ...ignoring(...NO_FORM),
    ...ignoring("opened", "created", "refused", "media_dropped", "rejoin"),
    ...ignoring("keep_waiting", "try_again", "call_again"),
  },
  queued: {
    ...NEWS,
    media_dropped: mediaDropped,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    agent_said: agentSaid,
    snapshot: follow,
    keep_waiting: keepWaiting,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("opened", "media_started", "rejoin", "expired", "try_again", "call_again"),
  },
  guest_waiting: {
    ...NEWS,
    media_ended: mediaEnded,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("opened", "media_started", "media_dropped", "agent_presence", "agent_said"),
    ...ignoring("keep_waiting", "rejoin", "expired", "try_again", "call_again"),
  },
  connected: {
    ...NEWS,
    media_dropped: mediaDropped,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    agent_said: agentSaid,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("keep_waiting", "opened", "media_started", "rejoin", "expired", "try_again", "call_again"),
  },
  reconnecting: {
    ...NEWS,
    media_started: mediaStarted,
    media_ended: mediaEnded,
    agent_presence: agentPresence,
    agent_said: agentSaid,
    snapshot: follow,
    leave,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("keep_waiting", "opened", "media_dropped", "rejoin", "expired", "try_again", "call_again"),
  },
  ended: {
    ...NEWS,
    snapshot: learnEnding,
    media_ended: mediaEnded,
    rejoin: takeBack,
    call_again: again,
    ...ignoring(...NO_FORM, ...NOT_ASKED),
    ...ignoring("media_started", "media_dropped", "agent_presence", "agent_said"),
    ...ignoring("keep_waiting", "opened", "leave", "expired", "try_again"),
  },
  failed: {
    ...NEWS,
    try_again: request,
    call_again: again,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
    ...ignoring("keep_waiting", "opened", "snapshot", "leave", "rejoin", "expired"),
  },
};
