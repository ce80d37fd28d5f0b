/**
 * The screens that a guest sees otherwise than a customer: invited, waiting for the agent, and after
 * the call. They decide nothing.
 *
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { h } from "./dom.js";
import { button, heading, sentence } from "./parts.js";

/** @type {Partial<Record<EndReason, {id: string, again: string|null}>>} */
export const GUEST_ENDINGS = {
  agent_ended: { id: "end.agent", again: null },
  abandoned: { id: "end.agent", again: null },
  customer_left: { id: "end.self", again: "action.rejoin" },
  connection_lost: { id: "end.lost", again: "action.rejoin" },
  service_error: { id: "end.service", again: "action.rejoin" },
  expired: { id: "guest.gone", again: null },
  unknown: { id: "err.unexpected", again: "action.rejoin" },
};

/** @param {Translate} t @param {PageData} page */
export const drawInvited = (t, page) => [
  heading(t, "guest.ready", valuesOf(t, page)),
  sentence(t, "guest.ready.body", valuesOf(t, page)),
  h(
    "div",
    { class: "actions" },
    button(t, "start", "action.join", "primary"),
    page.entry_point.video ? button(t, "audio-only", "action.audio_only", "secondary") : null,
  ),
];

/** @param {Translate} t @param {PageData} page */
export const drawGuestWaiting = (t, page) => [
  h("div", { class: "pulse", "aria-hidden": "true" }),
  heading(t, "guest.waiting", valuesOf(t, page)),
  sentence(t, "guest.waiting.body", valuesOf(t, page)),
];

/** @param {Translate} t @param {PageData} page */
export const valuesOf = (t, page) => ({
  name: page.guest?.host || t("guest.host"),
  company: page.entry_point.company,
});
