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
 * @property {string} agentName
 * @property {number|null} secondsLeft Until a lost connection is given up.
 * @property {() => Node[]} drawDeviceCheck
 */
import { clockText, spanMs } from "./durations.js";
import { h } from "./dom.js";
import { button, heading, referenceLine, sentence } from "./parts.js";

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
  unknown: { id: "err.unexpected", again: "action.call_again" },
};

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
  closed: (t) => [
    heading(t, "entry.closed"),
    sentence(t, "entry.closed.body"),
    actions(button(t, "try-again", "action.try_again", "secondary")),
  ],
  unavailable: (t) => [
    heading(t, "entry.unavailable"),
    sentence(t, "entry.unavailable.body"),
    actions(button(t, "try-again", "action.try_again", "secondary")),
  ],
  ready: (t, view) => (view.model.rejoin ? drawRejoin(t) : drawReady(t, view)),
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

/** @param {Translate} t */
const progress = (t) =>
  h("div", { class: "progress", role: "progressbar", "aria-label": t("page.loading") });

/** @param {Translate} t @param {ScreenView} view */
function drawReady(t, { page }) {
  return [
    heading(t, "entry.ready.nowait"),
    sentence(t, "entry.ready.nowait.body"),
    actions(
      button(t, "start", page.entry_point.video ? "action.start_video" : "action.start_call", "primary"),
      page.entry_point.video ? button(t, "audio-only", "action.audio_only", "secondary") : null,
    ),
  ];
}

/** @param {Translate} t */
const drawRejoin = (t) => [
  heading(t, "reload.back"),
  sentence(t, "reload.back.body"),
  actions(
    button(t, "rejoin", "action.rejoin", "primary"),
    button(t, "leave", "action.end_call", "secondary"),
  ),
];

/** @param {Translate} t @param {ScreenView} view */
function drawDetails(t, { model, page, details }) {
  const required = page.entry_point.name_required;
  return [
    heading(t, "details.title"),
    h(
      "form",
      { class: "form", novalidate: true },
      field(t, {
        label: required ? "details.name" : "details.name_optional",
        problem: problemOf(t, model, "/name"),
        control: h("input", {
          id: "call-name",
          name: "name",
          autocomplete: "name",
          value: details.name,
          maxlength: page.limits.name,
          required,
        }),
      }),
      field(t, {
        label: "details.description",
        problem: problemOf(t, model, "/description"),
        control: h(
          "textarea",
          { id: "call-description", name: "description", rows: 2, maxlength: page.limits.description },
          details.description,
        ),
      }),
      h("p", { class: "note", "data-msg": "details.consent" }, t("details.consent")),
      actions(
        h(
          "button",
          { type: "submit", class: "button button-primary", "data-action": "continue" },
          h("span", { "data-msg": "action.continue" }, t("action.continue")),
        ),
      ),
    ),
  ];
}

/** @param {Translate} t @param {CallModel} model @param {string} pointer */
function problemOf(t, model, pointer) {
  const problem = model.fieldProblems.find((one) => one.pointer === pointer);
  return problem && (problem.code === "required" ? t("details.name.missing") : problem.detail);
}

/**
 * A field whose mistake is told beside it.
 * @param {Translate} t
 * @param {{label: string, problem?: string, control: HTMLInputElement|HTMLTextAreaElement}} options
 */
function field(t, { label, problem, control }) {
  const problemId = `${control.id}-problem`;
  if (problem) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", problemId);
  }
  return h(
    "div",
    { class: "field" },
    h("label", { for: control.id, "data-msg": label }, t(label)),
    control,
    problem && h("p", { class: "field-problem", id: problemId }, problem),
  );
}

/** @param {Translate} t @param {ScreenView} view */
function drawQueued(t, { model }) {
  const position = model.contact?.queue?.position ?? null;
  const wait = model.contact?.queue?.estimated_wait_s ?? null;
  const id = position === null ? "q.waiting" : position === 1 ? "q.next" : "q.position";
  return [
    h("div", { class: "pulse", "aria-hidden": "true" }),
    position === null ? heading(t, id) : heading(t, id, { n: position }),
    position === null || wait === null
      ? sentence(t, "q.waiting.body")
      : sentence(t, "q.position.body", { m: Math.max(1, Math.ceil(wait / 60)) }),
  ];
}

/** @param {Translate} t @param {ScreenView} view */
function drawEnded(t, { model, page }) {
  const reason = model.endReason ?? "unknown";
  const { id, again } = ENDINGS[reason];
  const reference = model.contact?.reference ?? "";
  const body = page.messages[`${id}.body`] !== undefined;
  return [
    heading(t, id),
    body ? sentence(t, `${id}.body`, { company: page.entry_point.company, ref: reference }) : null,
    drawSummary(t, model),
    actions(
      again ? button(t, "call-again", again, "primary") : null,
      TROUBLED.has(reason) ? whatHappened(t, page, reference) : null,
    ),
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
    h("p", { class: "note", "data-msg": "summary.privacy" }, t("summary.privacy")),
  );
}

/** @param {string} at RFC 3339. */
const dateText = (at) =>
  new Date(at).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });

/** @param {Translate} t @param {ScreenView} view */
function drawFailed(t, { model, page }) {
  const failure = model.failure;
  const id = failedMessageOf(failure?.code ?? "failed");
  const reference = failure?.reference ?? null;
  return [
    heading(t, id),
    sentence(t, `${id}.body`, { s: failure?.retryAfterS ?? 60 }),
    referenceLine(t, reference),
    actions(
      button(t, "try-again", "action.try_again", "primary"),
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

/** @param {Translate} t @param {PageData} page @param {string} reference */
const whatHappened = (t, page, reference) =>
  h(
    "a",
    { class: "button button-quiet", href: page.urls.help.replace(":reference", reference) },
    h("span", { "data-msg": "action.what_happened" }, t("action.what_happened")),
  );
