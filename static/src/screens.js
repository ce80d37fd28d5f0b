/**
 * Draws the screen of each state of the call beside the pictures: one heading, one sentence, one
 * main way on. Screens are made from the view alone and decide nothing; buttons say by
 * `data-action` what they are for.
 *
 * @typedef {import("./types.js").CallDetails} CallDetails
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} ScreenView
 * @property {CallModel} model
 * @property {PageData} page
 * @property {CallDetails} details
 * @property {boolean} [nameIsSigned] The company says who calls, so that nobody has to type it.
 * @property {string} agentName
 * @property {number} nowMs
 * @property {number|null} secondsLeft Until a lost connection is given up.
 * @property {boolean} silent Nothing at all is heard from the microphone of somebody who waits.
 * @property {() => Node[]} drawDeviceCheck
 * @property {(contactId: string) => Node} drawSurvey
 * @property {(model: CallModel) => Node|null} drawReceipt
 * @property {boolean} handedOver This window has offered the call to another device.
 * @property {boolean} erased The portal no longer knows whose call it was.
 */
import { searchOf } from "./agent-search.js";
import { canTakeBack } from "./call-model.js";
import { clockText, spanMs } from "./durations.js";
import { drawDetails } from "./details-form.js";
import { h } from "./dom.js";
import { callbackOf, drawEntry } from "./entry-screens.js";
import { GUEST_ENDINGS, drawGuestWaiting, drawInvited, valuesOf } from "./guest-screens.js";
import { pageLocale } from "./locale.js";
import { estimateOf, headingOf } from "./queue-place.js";
import { button, heading, link, progress, referenceLine, sentence } from "./parts.js";

/** @type {Record<EndReason, {id: string, again: string|null}>} */
const ENDINGS = {
  agent_ended: { id: "end.agent", again: "action.call_again" },
  customer_left: { id: "end.self", again: "action.call_again" },
  abandoned: { id: "end.abandon", again: "action.start_again" },
  no_agent: { id: "end.noagent", again: "action.try_again" },
  connection_lost: { id: "end.lost", again: "action.call_again" },
  duplicate: { id: "end.dup", again: null },
  removed: { id: "end.removed", again: null },
  capacity: { id: "guest.full", again: "action.try_again" },
  service_error: { id: "end.service", again: "action.call_again" },
  expired: { id: "end.expired", again: "action.new_call" },
  invitation_gone: { id: "guest.gone", again: null },
  unknown: { id: "err.unexpected", again: "action.call_again" },
};

/** Endings of calls that nobody has answered. */
const CALLED_BACK = new Set(["abandoned", "no_agent"]);

/** States of contacts that a customer has not been in yet. */
const NOT_BEGUN = new Set(["requested", "initiated"]);

/** Endings that leave people wondering. */
const TROUBLED = new Set(["connection_lost", "service_error", "unknown", "capacity", "no_agent"]);

/**
 * @param {Translate} t
 * @param {ScreenView} view
 * @returns {Node[]}
 */
export function drawScreen(t, view) {
  const nodes = DRAW[view.model.state](t, view);
  return nodes.filter((node) => node !== null);
}

/** @type {Record<CallModel["state"], (t: Translate, view: ScreenView) => (Node|null)[]>} */
const DRAW = {
  loading: (t) => [heading(t, "page.loading")],
  closed: drawEntry,
  unavailable: drawEntry,
  ready: (t, view) => (view.model.rejoin ? drawWayBack(t, view) : drawReady(t, view)),
  details: drawDetails,
  device_check: (_, view) => view.drawDeviceCheck(),
  requesting: (t, { model }) => [
    heading(t, model.slow ? "req.slow" : "req.start"),
    model.slow ? sentence(t, "req.slow.body") : null,
    progress(t),
    actions(button(t, "leave", "action.cancel", "secondary")),
  ],
  joining: (t) => [
    heading(t, "join.media"),
    progress(t),
    actions(button(t, "leave", "action.cancel", "secondary")),
  ],
  queued: drawQueued,
  guest_waiting: (t, { page }) => drawGuestWaiting(t, page),
  connected: (t, { agentName }) => [heading(t, "call.connected", { agent: agentName })],
  reconnecting: (t, { secondsLeft }) => [
    heading(t, "net.reconnect"),
    sentence(t, "net.reconnect.body"),
    secondsLeft === null ? null : sentence(t, "net.reconnect.left", { s: secondsLeft }),
  ],
  ended: drawEnded,
  failed: drawFailed,
};

/** @param {...(Node|null)} buttons */
const actions = (...buttons) => h("div", { class: "actions" }, ...buttons);

/** @param {Translate} t @param {ScreenView} view */
const drawReady = (t, view) => (view.page.guest ? drawInvited(t, view.page) : drawEntry(t, view));

/** @param {Translate} t @param {ScreenView} view */
const drawWayBack = (t, view) => (view.page.handover ? drawTakeOver(t) : drawRejoin(t, view));

/** @param {Translate} t */
const drawTakeOver = (t) => [
  heading(t, "handover.here"),
  sentence(t, "handover.here.body"),
  actions(button(t, "rejoin", "action.continue_here", "primary")),
];

/** @param {Translate} t @param {ScreenView} view */
function drawRejoin(t, { model }) {
  // Its flow begins with the customer's sound and picture: nobody has been in a call where it has not.
  const isFirst = !model.guest && NOT_BEGUN.has(model.contact?.state ?? "");
  const told = isFirst ? "call.ready" : "reload.back";
  return [
    heading(t, told),
    sentence(t, `${told}.body`),
    actions(
      button(t, "rejoin", isFirst ? "action.join" : "action.rejoin", "primary"),
      button(t, "leave", model.guest ? "action.leave" : "action.end_call", "secondary"),
    ),
  ];
}

/** @param {import("./types.js").PageData} page */
const asksForSurvey = (page) => !page.entry_point.off.includes("survey");

/** @param {Translate} t @param {ScreenView} view */
function drawQueued(t, view) {
  const search = searchOf(view.model, view.nowMs);
  const pulse = h("div", { class: "pulse", "aria-hidden": "true" });
  if (search === "q.connecting") return [pulse, heading(t, search)];
  const callback = callbackOf(t, view.page, "secondary");
  if (search) return [pulse, heading(t, search), sentence(t, `${search}.body`), actions(...callback)];
  return [pulse, ...drawPlace(t, view, callback)];
}

/** @param {Translate} t @param {ScreenView} view @param {HTMLElement[]} callback */
function drawPlace(t, { model, nowMs, silent }, callback) {
  const told = headingOf(model.place);
  const estimate = estimateOf(model.place, nowMs);
  const late = estimate.id === "q.long";
  const asked = late && !model.patient;
  return [
    heading(t, told.id, told.values),
    late && model.patient ? sentence(t, "q.held") : sentence(t, estimate.id, estimate.values),
    silent ? h("p", { class: "notice", "data-msg": "dev.silent" }, t("dev.silent"), ". ", t("dev.silent.body")) : null,
    asked ? actions(button(t, "keep-waiting", "action.keep_waiting", "primary"), ...callback) : null,
    asked || (model.place?.position === 1 && !late) || callback.length === 0 ? null : actions(...callback),
  ];
}

/** @param {Translate} t @param {ScreenView} view */
function drawEnded(t, { model, page, drawSurvey, drawReceipt, handedOver, erased }) {
  const reason = model.endReason ?? "unknown";
  const { id, again } = (model.guest && GUEST_ENDINGS[reason]) || ENDINGS[reason];
  const reference = model.contact?.reference ?? "";
  const bodyId = handedOver && reason === "duplicate" ? "handover.went" : `${id}.body`;
  const ways = [
    canTakeBack(model) ? button(t, "rejoin", "action.use_this_device", "primary") : null,
    again ? button(t, "call-again", again, "primary") : null,
    ...(CALLED_BACK.has(reason) && !model.guest ? callbackOf(t, page, "secondary") : []),
    TROUBLED.has(reason) && !model.guest && !erased ? whatHappened(t, page, reference) : null,
  ].filter((way) => way !== null);
  return [
    heading(t, id),
    page.messages[bodyId] !== undefined ? sentence(t, bodyId, { ...valuesOf(t, page), ref: reference }) : null,
    drawSummary(t, model),
    ways.length > 0 ? actions(...ways) : null,
    // Whoever talked to somebody may say how it was, once it is over; a guest's call is its customer's.
    model.contact?.connected_at && !model.guest && !erased && !canTakeBack(model) && asksForSurvey(page)
      ? drawSurvey(model.contact.id)
      : null,
    // What goes on elsewhere leaves nothing behind yet.
    canTakeBack(model) ? null : drawReceipt(model),
  ];
}

/** @param {Translate} t @param {CallModel} model */
function drawSummary(t, { contact }) {
  if (!contact) return null;
  const length = spanMs(contact.connected_at, contact.ended_at);
  /** @param {string} id @param {Node|string} value */
  const row = (id, value) => h("div", {}, h("dt", { "data-msg": id }, t(id)), h("dd", {}, value));
  return h(
    "section",
    { class: "summary" },
    h(
      "dl",
      {},
      row("reference", h("strong", { "data-reference": true }, contact.reference)),
      contact.ended_at && row("summary.date", dateText(contact.ended_at)),
      length !== null && row("summary.length", clockText(length)),
      contact.agent?.display_name && row("summary.with", contact.agent.display_name),
    ),
  );
}

/** @param {string} at RFC 3339. */
const dateText = (at) =>
  new Date(at).toLocaleString(pageLocale(), {
    dateStyle: "medium",
    timeStyle: "short",
  });

/** @param {Translate} t @param {ScreenView} view */
function drawFailed(t, view) {
  const { model, page, nowMs } = view;
  const failure = model.failure;
  const id = failedMessageOf(failure?.code ?? "failed");
  if (id === "entry.closed") return drawEntry(t, view);
  const reference = failure?.reference ?? null;
  const leftS = Math.max(0, Math.ceil(((failure?.retryAtMs ?? 0) - nowMs) / 1_000));
  const again = button(t, "try-again", "action.try_again", "primary");
  again.disabled = id === "entry.rate" && leftS > 0;
  return [
    heading(t, id),
    sentence(t, `${id}.body`, { n: leftS }),
    referenceLine(t, reference),
    actions(
      again,
      ...(id === "start.capacity" ? callbackOf(t, page, "secondary") : []),
      reference ? whatHappened(t, page, reference) : null,
    ),
  ];
}

/** @param {string} code Problem code of the API. @returns {string} */
function failedMessageOf(code) {
  if (code === "capacity" || code === "busy") return "start.capacity";
  if (code === "entry_point_closed") return "entry.closed";
  return code === "throttled" ? "entry.rate" : "start.failed";
}

/**
 * A page without cookies shows itself to be the customer's, which a link cannot.
 * @param {Translate} t
 * @param {PageData} page
 * @param {string} reference
 */
function whatHappened(t, page, reference) {
  const address = page.urls.help.replace(":reference", reference);
  if (!page.embedded) return link(t, address, "action.what_happened", "quiet");
  const made = button(t, "what-happened", "action.what_happened", "quiet");
  made.setAttribute("data-address", address);
  return made;
}
