/**
 * Draws the agent's desk: the panel of each state, the queue, the customer. Made from the model
 * alone; what customers wrote only ever becomes text, and only http(s) references become links.
 *
 * @typedef {import("./desk-state.js").DeskContact} DeskContact
 * @typedef {import("./desk-state.js").EarlierContact} EarlierContact
 * @typedef {import("./desk-state.js").DeskModel} DeskModel
 * @typedef {import("./desk-state.js").DeskState} DeskState
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { clockText } from "./durations.js";
import { h } from "./dom.js";
import { button, heading, sentence } from "./parts.js";

const WITH_SENTENCE = new Set([
  "offline", "break", "available", "missed", "reconnecting", "taken_over", "signed_out",
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
  if (state === "wrap_up") return drawWrapUp(t);
  const name = model.last ? customerName(t, model.last) : "";
  const listening = state === "connected" && model.frame?.call?.role === "supervisor";
  const id = listening ? "desk.listening" : `desk.${state}`;
  const nodes = [heading(t, id, { name })];
  if (WITH_SENTENCE.has(state)) nodes.push(sentence(t, `${id}.body`));
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

const OUTCOMES = ["none", "solved", "follow_up", "unsolved"];
/** @param {Translate} t What is said here is kept at each change, so the time running out loses nothing. */
const drawWrapUp = (t) => [
  heading(t, "desk.wrap_up"),
  sentence(t, "desk.wrap_up.body"),
  h(
    "form",
    { class: "form", "data-form": "wrap_up" },
    h(
      "div",
      { class: "field" },
      h("label", { for: "desk-outcome", "data-msg": "desk.outcome" }, t("desk.outcome")),
      h(
        "select",
        { id: "desk-outcome", name: "outcome" },
        ...OUTCOMES.map((outcome) =>
          h("option", { value: outcome === "none" ? "" : outcome }, t(`desk.outcome.${outcome}`)),
        ),
      ),
    ),
    h(
      "div",
      { class: "field" },
      h("label", { for: "desk-note", "data-msg": "desk.note" }, t("desk.note")),
      h("textarea", { id: "desk-note", name: "note", rows: 3, maxlength: 2000 }),
    ),
    h("div", { class: "actions" }, button(t, "ready", "action.ready", "primary")),
  ),
];

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

/** What the customer's page adds to an address or form by itself, and nobody has signed. */
const UNSIGNED = "web_";

/**
 * @param {Translate} t
 * @param {DeskContact|null} contact
 * @param {object} known
 * @param {string} known.digits Keys pressed in the call.
 * @param {EarlierContact[]} known.earlier
 * @returns {Node[]}
 */
export function drawCustomer(t, contact, { digits, earlier }) {
  const title = h("h2", { id: "customer-title", "data-msg": "desk.customer" }, t("desk.customer"));
  if (!contact) {
    return [title, h("p", { class: "note" }, t("desk.customer.none"))];
  }
  const references = Object.entries(contact.references);
  const attributes = Object.entries(contact.attributes);
  const signed = attributes.filter(([key]) => !key.startsWith(UNSIGNED));
  const unsigned = attributes.filter(([key]) => key.startsWith(UNSIGNED));
  return [
    title,
    h("p", { class: "customer-name" }, customerName(t, contact)),
    ...(contact.description ? [h("p", {}, contact.description)] : []),
    ...(digits ? drawFacts(t("desk.digits"), [["", digits]]) : []),
    ...(references.length > 0
      ? drawFacts(t("desk.references"), references.map(([key, one]) => [key, drawReference(one)]))
      : []),
    ...(signed.length > 0 ? drawFacts(t("desk.attributes"), signed) : []),
    ...(unsigned.length > 0 ? [h("div", { class: "unsigned" }, ...drawUnsigned(t, unsigned))] : []),
    ...(earlier.length > 0 ? drawEarlier(t, earlier) : []),
  ];
}

/** @param {Translate} t @param {EarlierContact[]} earlier */
const drawEarlier = (t, earlier) =>
  drawFacts(
    t("desk.earlier"),
    earlier.map(({ ended_at, description, outcome, note }) => [
      new Date(ended_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }),
      [description, outcome, note].filter(Boolean).join(" · ") || t("desk.earlier.nothing"),
    ]),
  );

/** @param {Translate} t @param {[string, string][]} rows */
const drawUnsigned = (t, rows) =>
  drawFacts(
    t("desk.attributes.unsigned"),
    rows.map(([key, value]) => [key.slice(UNSIGNED.length), value]),
  );

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
