/**
 * The customer's call as one state machine. It owns the value of `data-call-state` and decides what
 * every event means in every state; it knows nothing of the page, the network or the Chime SDK.
 * Models are plain frozen values: `transition` returns the next one, or the same one when the event
 * is ignored.
 *
 * @typedef {import("./types.js").CallState} CallState
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./call-model.js").Failure} Failure
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 * @typedef {CallEvent["type"]} EventType
 */
import { isAnswered } from "./agent-search.js";
import { BLANK, canTakeBack } from "./call-model.js";
import { entryStateOf } from "./entry.js";
import { placeAfter } from "./queue-place.js";

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

/** @returns {CallModel} The model every page starts from. */
export const initialModel = () => BLANK;

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
 * @typedef {(model: CallModel, event: any, nowMs: number) => CallModel} Handler
 * @typedef {Record<EventType, Handler|typeof IGNORED>} Row
 */

/**
 * @param {...EventType} types
 * @returns {any}
 */
const ignoring = (...types) => Object.fromEntries(types.map((type) => [type, IGNORED]));

/** @param {CallModel} model @returns {CallModel} A page without a call, that knows what it knew of the entry point. */
const blank = ({ obstacle, online, availability, guest }) => ({
  ...BLANK, obstacle, online, availability, guest,
});

/** States in which the page only says whether one can call. */
const AT_THE_ENTRY = new Set(["closed", "unavailable", "ready"]);

/** @type {Handler} */
const toEntry = (model) => ({ ...model, state: entryStateOf(model) });

/** What is learnt of the entry point is known everywhere, and shown where nothing else is at hand. @type {Handler} */
function learn(model, { type: _, ...news }) {
  const next = { ...model, ...news };
  return AT_THE_ENTRY.has(model.state) && !model.rejoin ? { ...next, state: entryStateOf(next) } : next;
}

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

/** @type {Handler} A guest leaves no queue. */
const leave = (model) =>
  end(model, model.guest || model.wasConnected || model.contact?.state === "connected" ? "customer_left" : "abandoned");

/** @type {Handler} */
const expire = (model) => end(model, "expired");

/** @param {Handler} handler @returns {Handler} Acts only on a page opened for a call that goes on. */
const whenRejoining = (handler) => (model, event, nowMs) =>
  model.rejoin ? handler(model, event, nowMs) : model;

/** @param {CallModel} model @param {EndReason} reason @returns {CallModel} */
function end(model, reason) {
  return {
    ...model, state: "ended", endReason: reason, mediaUp: false, rejoin: false, screenAsked: false,
  };
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
function follow(model, { contact, version }, nowMs) {
  if (!isNews(model, { contact, version })) return model;
  const place = placeAfter(model.place, contact.queue, nowMs);
  const search = isAnswered(model.contact, contact) ? null : model.search;
  const next = { ...model, contact, version, place, search };
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
  if (model.state === "reconnecting") return model;
  if (!model.mediaUp) return model.guest ? waitForAgent(model) : model;
  const connected =
    model.guest || model.wasConnected || model.agentPresent || model.contact?.state === "connected";
  return { ...model, state: connected ? "connected" : "queued", wasConnected: connected };
}

/**
 * A guest is let into the meeting once an agent has answered, and by itself.
 * @param {CallModel} model
 * @returns {CallModel}
 */
function waitForAgent(model) {
  if (model.state !== "joining" && model.state !== "guest_waiting") return model;
  return { ...model, state: model.contact?.state === "connected" ? "joining" : "guest_waiting" };
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
function open(blankModel, { entry, contact, canRejoin, gone = false, guest = false, patient = false }, nowMs) {
  const model = { ...blankModel, ...entry, guest, patient };
  if (gone) return end(model, "invitation_gone");
  if (!contact) return toEntry(model, {}, nowMs);
  const place = placeAfter(null, contact.queue, nowMs);
  const known = { ...model, contact, version: contact.version, place };
  if (contact.state === "ended") return end(known, reasonOf(known));
  if (contact.state === "failed") return fail(known, { reference: contact.reference });
  if (canRejoin) return { ...known, state: "ready", rejoin: true };
  return guest ? { ...known, state: "ready" } : end(known, "expired");
}

/** @type {Handler} */
const created = (model, event, nowMs) =>
  follow({ ...model, state: "joining", slow: false, fieldProblems: [] }, event, nowMs);

/** @type {Handler} */
function refused(model, { failure, fieldProblems }, nowMs) {
  if (fieldProblems.length > 0) return { ...model, state: "details", slow: false, fieldProblems };
  if (failure.code === "invitation_gone") return end(model, "invitation_gone");
  const wait = failure.retryAfterS === null ? {} : { retryAtMs: nowMs + failure.retryAfterS * 1_000 };
  return fail({ ...model, slow: false }, { ...failure, ...wait });
}

/** @type {Handler} */
const request = (model) => ({
  ...blank(model),
  state: "requesting",
  fieldProblems: model.fieldProblems,
});

/** @type {Handler} */
const mediaStarted = (model) =>
  settle({ ...model, state: "joining", mediaUp: true, slow: false, droppedAtMs: 0 });

/** @type {Handler} */
const mediaDropped = (model, { silentMs }, nowMs) => ({
  ...model, state: "reconnecting", mediaUp: false, droppedAtMs: nowMs - silentMs, search: null,
});

/** @type {Handler} */
const mediaEnded = (model, { reason }) => end(model, reason);

/** @type {Handler} */
const agentPresence = (model, { present }) =>
  present === model.agentPresent
    ? model
    : settle({ ...model, agentPresent: present, search: present ? null : model.search });

/** @type {Handler} */
const agentSaid = (model, { said }, nowMs) => {
  if ("search" in said) return { ...model, search: said.search, searchAtMs: nowMs };
  const next = { ...model, ...said };
  const isNew = next.held !== model.held || next.screenAsked !== model.screenAsked;
  return isNew ? next : model;
};

/** @type {Handler} */
const keepWaiting = (model) => ({ ...model, patient: true });

/** @type {Handler} */
const tookLong = (model) => ({ ...model, slow: true });

/**
 * The server's word on how the call ended completes what this page saw itself, but does not
 * overrule what only this page can know: that it was the one thrown out, replaced or cut off.
 * @type {Handler}
 */
function learnEnding(model, { contact, version }) {
  if (!isNews(model, { contact, version })) return model;
  const own = ["duplicate", "removed", "capacity", "connection_lost", "service_error", "invitation_gone"];
  const kept = own.includes(model.endReason ?? "");
  const reason = kept ? model.endReason : (contact.end_reason ?? model.endReason);
  return { ...model, contact, version, endReason: reason };
}

/** @type {Handler} */
const takeBack = (model) =>
  canTakeBack(model) ? { ...model, state: "joining", endReason: null } : model;

/** @type {Handler} */
const again = (model, { detailsKnown }) => {
  const state = entryStateOf(model);
  const next = detailsKnown ? "device_check" : "details";
  return { ...blank(model), state: state === "ready" ? next : state };
};

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
    rejoin: takeBack,
    call_again: again,
    ...ignoring(...NO_FORM, ...NOT_ASKED, ...NO_MEDIA),
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
