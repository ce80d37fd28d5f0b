/**
 * The part of the customer's state machine that a page needs before anybody calls: whether a call can begin, as that
 * changes. The rest of it, call-state.js, is fetched once somebody means to call, and takes over the same model.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 */
import { entryStateOf } from "./entry.js";

/** States in which the page only says whether one can call. */
const AT_THE_ENTRY = new Set(["closed", "unavailable", "ready"]);

/** @param {CallModel} model @returns {CallModel} */
export const toEntry = (model) => ({ ...model, state: entryStateOf(model) });

/**
 * What is learnt of the entry point is known everywhere, and shown where nothing else is at hand.
 * @param {CallModel} model
 * @param {any} event
 * @returns {CallModel}
 */
export function learn(model, { type: _, ...news }) {
  const next = { ...model, ...news };
  return AT_THE_ENTRY.has(model.state) && !model.rejoin ? toEntry(next) : next;
}

/**
 * @param {CallModel} model
 * @param {CallEvent} event
 * @returns {CallModel} The same object when the event means nothing before a call.
 */
export function entryTransition(model, event) {
  if (event.type === "opened") return Object.freeze(toEntry({ ...model, ...event.entry }));
  if (model.state === "loading") return model;
  const isNews = event.type === "availability" || event.type === "connectivity";
  return isNews ? Object.freeze(learn(model, event)) : model;
}
