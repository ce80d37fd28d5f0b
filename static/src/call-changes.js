/**
 * What each event makes of what the page knows of its call: the parts that the table of call-state.js is made of.
 * Pure; every one of them returns the next model, or the same one when the event says nothing new.
 *
 * @typedef {import("./types.js").CallState} CallState
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./call-model.js").Failure} Failure
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {(model: CallModel, event: any, nowMs: number) => CallModel} Handler
 */
import { isAnswered } from "./agent-search.js";
import { BLANK, canComeBack, canTakeBack } from "./call-model.js";
import { toEntry } from "./entry-state.js";
import { entryStateOf } from "./entry.js";
import { placeAfter } from "./queue-place.js";

/** @param {CallModel} model @returns {CallModel} A page without a call, that knows what it knew of the entry point. */
const blank = ({ obstacle, online, availability, guest }) => ({
  ...BLANK, obstacle, online, availability, guest,
});

/** @param {CallState} state @returns {Handler} */
export const to = (state) => (model) => ({ ...model, state });

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
export const leave = (model) =>
  end(model, model.guest || model.wasConnected || model.contact?.state === "connected" ? "customer_left" : "abandoned");

/** @type {Handler} */
export const expire = (model) => end(model, "expired");

/** @param {Handler} handler @returns {Handler} Acts only on a page opened for a call that goes on. */
export const whenRejoining = (handler) => (model, event, nowMs) =>
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
export function follow(model, { contact, version }, nowMs) {
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
export function open(blankModel, { entry, contact, canRejoin, gone = false, guest = false, patient = false }, nowMs) {
  const model = { ...blankModel, ...entry, guest, patient };
  if (gone) return end(model, "invitation_gone");
  if (!contact) return toEntry(model);
  const place = placeAfter(null, contact.queue, nowMs);
  const known = { ...model, contact, version: contact.version, place };
  if (contact.state === "ended") return end(known, reasonOf(known));
  if (contact.state === "failed") return fail(known, { reference: contact.reference });
  if (canRejoin) return { ...known, state: "ready", rejoin: true };
  return guest ? { ...known, state: "ready" } : end(known, "expired");
}

/** @type {Handler} */
export const created = (model, event, nowMs) =>
  follow({ ...model, state: "joining", slow: false, fieldProblems: [] }, event, nowMs);

/** @type {Handler} */
export function refused(model, { failure, fieldProblems }, nowMs) {
  if (fieldProblems.length > 0) return { ...model, state: "details", slow: false, fieldProblems };
  if (failure.code === "invitation_gone") return end(model, "invitation_gone");
  const wait = failure.retryAfterS === null ? {} : { retryAtMs: nowMs + failure.retryAfterS * 1_000 };
  return fail({ ...model, slow: false }, { ...failure, ...wait });
}

/** @type {Handler} */
export const request = (model) => ({
  ...blank(model),
  state: "requesting",
  fieldProblems: model.fieldProblems,
});

/** @type {Handler} */
export const mediaStarted = (model) =>
  settle({ ...model, state: "joining", mediaUp: true, slow: false, droppedAtMs: 0 });

/** @type {Handler} */
export const mediaDropped = (model, { silentMs }, nowMs) => ({
  ...model, state: "reconnecting", mediaUp: false, droppedAtMs: nowMs - silentMs, search: null,
});

/** @type {Handler} */
export const mediaEnded = (model, { reason }) => end(model, reason);

/** @type {Handler} */
export const agentPresence = (model, { present }) =>
  present === model.agentPresent
    ? model
    : settle({ ...model, agentPresent: present, search: present ? null : model.search });

/** @type {Handler} */
export const agentSaid = (model, { said }, nowMs) => {
  if ("search" in said) return { ...model, search: said.search, searchAtMs: nowMs };
  const next = { ...model, ...said };
  const isNew = next.held !== model.held || next.screenAsked !== model.screenAsked;
  return isNew ? next : model;
};

/** @type {Handler} */
export const keepWaiting = (model) => ({ ...model, patient: true });

/** @type {Handler} */
export const tookLong = (model) => ({ ...model, slow: true });

/**
 * The server's word on how the call ended completes what this page saw itself, but does not
 * overrule what only this page can know: that it was the one thrown out, replaced or cut off.
 * @type {Handler}
 */
export function learnEnding(model, { contact, version }) {
  if (!isNews(model, { contact, version })) return model;
  const own = ["duplicate", "removed", "capacity", "connection_lost", "service_error", "invitation_gone"];
  const kept = own.includes(model.endReason ?? "");
  const reason = kept ? model.endReason : (contact.end_reason ?? model.endReason);
  return { ...model, contact, version, endReason: reason };
}

/** @type {Handler} */
export const takeBack = (model) =>
  canTakeBack(model) || canComeBack(model) ? { ...model, state: "joining", endReason: null } : model;

/** @type {Handler} */
export const again = (model, { detailsKnown }) => {
  const state = entryStateOf(model);
  const next = detailsKnown ? "device_check" : "details";
  return { ...blank(model), state: state === "ready" ? next : state };
};
