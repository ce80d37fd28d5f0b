/**
 * Draws the customer's page: the screen of the state, the control bar, the timer and the window's
 * title. It owns what only the drawing needs to know, such as since when the call is connected.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { searchOf } from "./agent-search.js";
import { RECONNECT_MS, isOnHold } from "./call-model.js";
import { h, required, setAttribute, setText } from "./dom.js";
import { clockText } from "./durations.js";
import { createEar } from "./level-meter.js";
import { drawScreen } from "./screens.js";

/** The SDK tries for this long to get back into the meeting. */
const TICK_MS = 500;

/** @type {Record<CallModel["state"], "card"|"beside"|"stage">} Where the pictures are. */
export const LAYOUTS = {
  loading: "card",
  closed: "card",
  unavailable: "card",
  ready: "card",
  details: "card",
  device_check: "beside",
  requesting: "beside",
  joining: "beside",
  queued: "beside",
  guest_waiting: "beside",
  connected: "stage",
  reconnecting: "stage",
  ended: "card",
  failed: "card",
};

/** States whose screens tell how much time is left. */
const RUNNING = new Set(["reconnecting", "queued", "failed"]);

/**
 * @param {CallModel} model
 * @returns {string[]} What is said over the pictures for as long as it is so.
 */
function standingOf(model) {
  if (isOnHold(model)) return ["call.hold"];
  const search = model.state === "connected" ? searchOf(model, Date.now()) : null;
  if (search === "q.noanswer" && model.search !== null) return [search, `${search}.body`];
  return search === null ? [] : [search];
}

/**
 * Says it once: what stands there already is left alone, since it would be read out again.
 * @param {Translate} t
 * @param {HTMLElement} element
 * @param {string[]} ids
 * @param {Record<string, string|number>} values
 */
export function drawStanding(t, element, ids, values) {
  const said = ids.map((id) => t(id, values));
  if (element.textContent === said.join("")) return;
  setAttribute(element, "hidden", ids.length === 0);
  element.replaceChildren(...ids.map((id, at) => h("span", { "data-msg": id }, said[at] ?? "")));
}

/** States whose screens do not take the focus: the person is busy with the call. */
const IN_CALL = new Set(["connected", "reconnecting"]);

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {PageData} options.page
 * @param {Translate} options.t
 * @param {{readonly model: CallModel}} options.store
 * @param {ReturnType<typeof import("./panel.js").createPanel>} options.panel
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {{draw: () => void, readonly inside: {wasOffered: (id: string) => boolean}|null}} options.inCall
 * @param {ReturnType<typeof import("./call-flow.js").createCallFlow>} options.flow
 * @param {ReturnType<typeof import("./device-checking.js").createDeviceChecking>} options.checking
 * @param {{draw: (contactId: string) => Node}} options.survey
 * @param {ReturnType<typeof import("./receipt.js").createReceipt>} options.receipt
 * @param {() => string} options.agentName
 */
export function createCallView(options) {
  const { root, page, t, store, panel, devices, live, inCall, flow, checking, survey, receipt, agentName } = options;
  const timer = required("[data-part=timer]", HTMLElement, root);
  const standing = required("[data-part=standing]", HTMLElement, root);
  const listen = createEar(checking.measure);
  let connectedAtMs = 0;
  let drawn = /** @type {CallModel["state"]} */ ("loading");

  setInterval(tick, TICK_MS);

  function draw() {
    const { model } = store;
    noteTimes(model);
    if (model.mediaUp && model.contact) receipt.note(model.contact.id, live);
    setAttribute(root, "data-call-state", model.state);
    setAttribute(root, "data-layout", LAYOUTS[model.state]);
    drawStanding(t, standing, standingOf(model), { agent: agentName() });
    setAttribute(root, "data-on-hold", isOnHold(model));
    document.title = titleOf(model);
    listenOrNot();
    drawPanel(model);
    inCall.draw();
    drawn = model.state;
    tick();
  }

  /** Nobody wonders at the silence of a microphone that is off. */
  function listenOrNot() {
    const listening = checking.listening && !live.muted;
    if (!listening) checking.forget();
    listen(listening ? devices.view.microphone.stream : null);
  }

  /** @param {CallModel} model */
  function drawPanel(model) {
    const nowMs = Date.now();
    const screen = { model, page, nowMs, agentName: agentName(), details: flow.details, nameIsSigned: flow.nameIsSigned, silent: checking.silent };
    const nodes = drawScreen(t, {
      ...screen,
      secondsLeft: secondsLeft(model),
      handedOver: inCall.inside?.wasOffered(model.contact?.id ?? "") ?? false,
      erased: receipt.isErased(model.contact?.id ?? ""),
      drawDeviceCheck: checking.draw,
      drawSurvey: survey.draw,
      drawReceipt: receipt.draw,
    });
    const name = model.state === "device_check" ? `${model.state} ${checking.phase}` : model.state;
    panel.show(name, nodes, { focusHeading: drawn !== "loading" && !IN_CALL.has(model.state) });
  }

  /** @param {CallModel} model */
  function noteTimes({ state, contact }) {
    if (state === "connected" && connectedAtMs === 0) {
      connectedAtMs = contact?.connected_at ? Date.parse(contact.connected_at) : Date.now();
    }
    if (state !== "connected" && state !== "reconnecting") connectedAtMs = 0;
  }

  /** @param {CallModel} model */
  function secondsLeft({ state, droppedAtMs }) {
    if (state !== "reconnecting") return null;
    return Math.max(0, Math.ceil((RECONNECT_MS - (Date.now() - droppedAtMs)) / 1000));
  }

  function tick() {
    const { model } = store;
    setAttribute(timer, "hidden", connectedAtMs === 0);
    if (connectedAtMs > 0) setText(timer, clockText(Date.now() - connectedAtMs));
    if (RUNNING.has(model.state)) drawPanel(model);
  }

  /** @param {CallModel} model */
  function titleOf({ state, place }) {
    const company = page.entry_point.company;
    if (state === "queued" && place) return t("title.queued.place", { n: place.position, company });
    if (state === "queued") return t("title.queued", { company });
    if (state === "connected") return t("title.connected", { company });
    return t("title.call", { company });
  }

  return { draw };
}
