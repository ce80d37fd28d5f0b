/**
 * Draws the agent's desk: the panel of each state, the queue, the customer. Made from the model
 * alone; what customers wrote only ever becomes text, and only http(s) references become links.
 *
 * @typedef {import("./desk-state.js").DeskContact} DeskContact
 * @typedef {import("./desk-state.js").DeskModel} DeskModel
 * @typedef {import("./desk-state.js").DeskState} DeskState
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { clockText } from "./durations.js";
import { h } from "./dom.js";
import { button, heading, sentence } from "./parts.js";

const WITH_SENTENCE = new Set([
  "offline", "break", "available", "missed", "reconnecting", "wrap_up", "taken_over", "signed_out",
]);

/**
 * @param {Translate} t
 * @param {DeskState} state
 * @param {DeskModel} model
 * @param {number} nowMs
 * @returns {Node[]}
 */
export function drawDeskPanel(t, state, model, nowMs) {
  if (state === "signed_out") return drawSignIn(t);
  if (state === "ringing" && model.frame?.offer) {
    return drawOffer(t, model.frame.offer, model.frame.ring_ends_at, nowMs);
  }
  const name = model.last ? customerName(t, model.last) : "";
  const id = `desk.${state}`;
  const nodes = [heading(t, id, { name })];
  if (WITH_SENTENCE.has(state)) nodes.push(sentence(t, `${id}.body`));
  if (state === "wrap_up") {
    nodes.push(h("div", { class: "actions" }, button(t, "ready", "action.ready", "primary")));
  }
  return nodes;
}

/** @param {Translate} t */
const drawSignIn = (t) => [
  heading(t, "desk.signed_out"),
  sentence(t, "desk.signed_out.body"),
  h(
    "form",
    { class: "form" },
    h(
      "div",
      { class: "field" },
      h("label", { for: "desk-name", "data-msg": "desk.name" }, t("desk.name")),
      h("input", { id: "desk-name", name: "name", autocomplete: "name", required: true, maxlength: 100 }),
    ),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit", class: "button button-primary" }, t("action.sit_down")),
    ),
  ),
];

/** @param {Translate} t @param {DeskContact} offer @param {string|null} endsAt @param {number} nowMs */
function drawOffer(t, offer, endsAt, nowMs) {
  const left = endsAt ? Math.max(0, Math.ceil((Date.parse(endsAt) - nowMs) / 1000)) : null;
  return [
    h("div", { class: "pulse", "aria-hidden": "true" }),
    heading(t, "desk.ringing", { name: customerName(t, offer) }),
    ...(offer.description ? [h("p", {}, offer.description)] : []),
    ...(left === null ? [] : [sentence(t, "desk.ringing.left", { s: left })]),
    h(
      "div",
      { class: "actions" },
      button(t, "accept", "action.accept", "primary"),
      button(t, "decline", "action.decline", "secondary"),
    ),
  ];
}

/** @param {Translate} t @param {DeskContact} contact */
export const customerName = (t, contact) => contact.name || t("desk.customer.unnamed");

/**
 * @param {Translate} t
 * @param {DeskContact[]} queue
 * @param {number} nowMs
 * @returns {Node[]}
 */
export function drawQueue(t, queue, nowMs) {
  if (queue.length === 0) {
    return [h("li", { class: "note", "data-msg": "desk.queue.empty" }, t("desk.queue.empty"))];
  }
  return queue.map((contact) =>
    h(
      "li",
      { class: "waiting", "data-contact": contact.id },
      h("strong", {}, customerName(t, contact)),
      contact.queued_at &&
        h(
          "span",
          { class: "waiting-time" },
          t("desk.queue.waited", { time: clockText(nowMs - Date.parse(contact.queued_at)) }),
        ),
      contact.description && h("p", {}, contact.description),
    ),
  );
}

/**
 * @param {Translate} t
 * @param {DeskContact|null} contact
 * @returns {Node[]}
 */
export function drawCustomer(t, contact) {
  const title = h("h2", { id: "customer-title", "data-msg": "desk.customer" }, t("desk.customer"));
  if (!contact) {
    return [title, h("p", { class: "note" }, t("desk.customer.none"))];
  }
  const references = Object.entries(contact.references);
  const attributes = Object.entries(contact.attributes);
  return [
    title,
    h("p", { class: "customer-name" }, customerName(t, contact)),
    ...(contact.description ? [h("p", {}, contact.description)] : []),
    ...(references.length > 0
      ? drawFacts(t("desk.references"), references.map(([key, one]) => [key, drawReference(one)]))
      : []),
    ...(attributes.length > 0 ? drawFacts(t("desk.attributes"), attributes) : []),
  ];
}

/** @param {string} title @param {[string, Node|string][]} rows */
const drawFacts = (title, rows) => [
  h("h3", {}, title),
  h("dl", { class: "facts" }, ...rows.map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", {}, value)))),
];

/** @param {{type: string, value: string}} reference @returns {Node|string} */
function drawReference({ type, value }) {
  if (type !== "URL" || !isWebAddress(value)) return value;
  return h("a", { href: value, target: "_blank", rel: "noopener noreferrer" }, value);
}

/** @param {string} value */
function isWebAddress(value) {
  try {
    return ["http:", "https:"].includes(new URL(value).protocol);
  } catch {
    return false;
  }
}
