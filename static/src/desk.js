/**
 * The agent's desk: puts the parts together, listens to the agent, obeys what the contact centre
 * says. The call itself is the same live call the customer has.
 */
import { createAnnouncer } from "./announcer.js";
import { CHAT_TOPIC } from "./chat-messages.js";
import { createChat } from "./chat.js";
import { createControls } from "./controls.js";
import { SHORTCUTS, deskControls } from "./desk-controls.js";
import { createChoiceDialog } from "./desk-dialogs.js";
import { DESK_MESSAGES } from "./desk-messages.js";
import { customerName, drawCustomer, drawDeskPanel, drawQueue } from "./desk-screens.js";
import { openDesk } from "./desk-socket.js";
import { callOf, deskStateOf, deskTransition, initialDesk } from "./desk-state.js";
import { createDevices } from "./devices.js";
import { createDevicesDialog } from "./dialogs.js";
import { required, setAttribute, setText } from "./dom.js";
import { createLiveCall } from "./live-call.js";
import { createMessages } from "./messages.js";
import { createPanel } from "./panel.js";
import { ring } from "./sounds.js";
import { createStore } from "./store.js";
import { createTiles } from "./tiles.js";

const TICK_MS = 1000;
/** How long after the last key a note is kept. */
const TYPING_MS = 400;

/** @typedef {import("./desk-state.js").DeskModel} DeskModel */

const t = createMessages(DESK_MESSAGES);
const root = required("[data-desk-state]", HTMLElement);
const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
const tapToHear = required("[data-action=tap-to-hear]", HTMLButtonElement, root);
const announce = createAnnouncer({ polite: part("polite"), assertive: part("assertive") }, t);
const panel = createPanel(part("panel"));
const queue = createPanel(part("queue"));
const customer = createPanel(part("customer"));
const controls = createControls({ bar: part("bar"), t });

const store = createStore(initialDesk(), deskTransition);
const devices = createDevices({
  media: navigator.mediaDevices,
  permissions: navigator.permissions,
  framed: window.top !== window,
  onChange: () => live.devicesChanged(),
  onLost: (kind) => announce.assertive("desk.device_lost", { device: t(`device.${kind}`) }),
});
const live = createLiveCall({
  devices,
  tiles: createTiles({ stage: part("stage"), t, nameOf: () => nameOfCustomer() }),
  audioElement: required("audio", HTMLAudioElement, root),
  loadMeeting,
  events: {
    started: () => {
      store.send({ type: "media", media: "up" });
      if (callOf(store.model)?.role !== "supervisor") chat.offer();
    },
    dropped: () => store.send({ type: "media", media: "dropped" }),
    stopped: () => leaveCall(),
    rostered: () => undefined,
    changed: ({ type }) => {
      if (type === "joined" && callOf(store.model)?.role !== "supervisor") chat.offer();
      announce.polite(`call.${type}`, { name: nameOfCustomer() });
    },
    message: (message) => chat.receive(message, false),
    network: (grade) => announce.polite(`net.${grade}`),
    soundBlocked: () => setAttribute(tapToHear, "hidden", false),
    redraw: () => drawControls(),
  },
  topics: [CHAT_TOPIC],
});
const chat = createChat({
  panel: part("chat"), t, live, offering: true,
  nameOf: (id) => {
    const isColleague = live.others().some((other) => other.id === id && other.role === "agent");
    return isColleague ? t("desk.colleague") : nameOfCustomer();
  },
  say: (id, values) => announce.polite(id, values),
  redraw: () => drawControls(),
  focusElsewhere: () => part("bar").querySelector("button")?.focus(),
});
const devicesDialog = createDevicesDialog(root, t, devices);
const inviteDialog = createChoiceDialog(root, t, {
  name: "invite",
  onPick: (agentId) => wishForCall("invite", { agent_id: agentId }),
});
const transferDialog = createChoiceDialog(root, t, {
  name: "transfer",
  onPick: (queueId) => wishForCall("transfer", { queue_id: queueId }),
});

/** @type {ReturnType<typeof openDesk>|null} */
let line = null;
let name = new URLSearchParams(location.search).get("name") ?? "";
/** @type {string|null} Id of the call whose meeting this desk is in. */
let joined = null;
/** @type {(() => void)|null} */
let stopRinging = null;

/** Who sits down takes calls; who merely reloads keeps the status they chose. */
const reloaded = performance
  .getEntriesByType("navigation")
  .some((entry) => entry instanceof PerformanceNavigationTiming && entry.type === "reload");

const state = () => deskStateOf(store.model, name !== "");

function loadMeeting() {
  return import("./meeting.js");
}

function nameOfCustomer() {
  const { last } = store.model;
  return last ? customerName(t, last) : "";
}

/**
 * @param {string} type
 * @param {Record<string, string>} [about]
 */
function wishForCall(type, about = {}) {
  line?.send({ type, contact_id: joined ?? "", ...about });
}

/** Opens the devices while the contact centre is still making a place in the meeting. */
function openDevices() {
  const contact = store.model.frame?.offer ?? store.model.frame?.call?.contact;
  return devices.open({ camera: contact?.capabilities.agent.video ?? true });
}

/** @type {Promise<unknown>|null} */
let devicesOpening = null;

/** @param {NonNullable<import("./desk-state.js").DeskFrame["call"]>} call */
async function joinCall({ contact, connection, role }) {
  joined = contact.id;
  if (role !== "supervisor") await (devicesOpening ??= openDevices());
  devicesOpening = null;
  if (joined !== contact.id) return devices.release();
  for (const kind of /** @type {const} */ (["microphone", "camera"])) {
    if (role === "supervisor") break;
    const device = t(`device.${kind}`);
    if (devices.view[kind].failure) announce.polite("desk.device_trouble", { device });
  }
  try {
    await live.join(connection);
  } catch {
    leaveCall();
  }
  return undefined;
}

function leaveCall() {
  if (joined === null) return;
  const contactId = joined;
  joined = null;
  store.send({ type: "hung_up", contactId });
  store.send({ type: "media", media: "none" });
  chat.forget();
  void live.leave();
}

function follow() {
  const call = callOf(store.model);
  if (joined !== null && call?.contact.id !== joined) leaveCall();
  if (call && joined === null) void joinCall(call);
}

// Drawing ----------------------------------------------------------------------------------------

function draw() {
  const { frame, last, online } = store.model;
  const now = state();
  const inCall = now === "connected" || now === "reconnecting";
  setAttribute(root, "data-desk-state", now);
  setAttribute(root, "data-role", inCall ? (frame?.call?.role ?? null) : null);
  setAttribute(part("call"), "hidden", !inCall);
  setAttribute(part("lost"), "hidden", online || name === "" || now === "taken_over");
  setAttribute(part("status"), "hidden", !frame || frame.taken_over);
  setText(part("agent"), frame?.agent.name ?? name);
  panel.show(now, drawDeskPanel(t, now, store.model, Date.now()), { focusHeading: now !== "signed_out" });
  queue.show("queue", drawQueue(t, frame?.queue ?? [], Date.now()), { focusHeading: false });
  const shown = frame?.offer ?? (inCall || now === "connecting" || now === "wrap_up" ? last : null);
  const digits = frame?.call?.digits ?? "";
  customer.show("customer", drawCustomer(t, shown, { digits, earlier: frame?.earlier ?? [] }), { focusHeading: false });
  inviteDialog.draw(colleagues());
  transferDialog.draw(queues());
  drawHold(frame?.call ?? null);
  drawWrapUpTime(frame?.wrap_up ?? null);
  for (const status of ["available", "break", "offline"]) {
    const pressed = String(frame?.agent.status === status);
    setAttribute(required(`[data-action=${status}]`, HTMLButtonElement, root), "aria-pressed", pressed);
  }
  drawControls();
  drawRinging(now === "ringing");
}

function drawControls() {
  const call = callOf(store.model);
  controls.draw(call ? deskControls(call, live, chat.controls()) : []);
  chat.draw();
}

/** @param {import("./desk-state.js").DeskCall|null} call */
function drawHold(call) {
  const held = call?.on_hold === true;
  setAttribute(part("hold"), "hidden", !held);
  setText(part("hold"), held ? t("desk.on_hold", { name: nameOfCustomer() }) : "");
}

/** @param {{ends_at: string}|null} wrapUp */
function drawWrapUpTime(wrapUp) {
  const left = wrapUp ? Math.max(0, Math.ceil((Date.parse(wrapUp.ends_at) - Date.now()) / 1000)) : 0;
  setAttribute(part("wrap-up-time"), "hidden", wrapUp === null);
  setText(part("wrap-up-time"), wrapUp ? t("desk.wrap_up.left", { s: left }) : "");
}

/** @param {DeskModel} model @param {DeskModel} previous */
function tellOfCall({ frame }, { frame: before }) {
  const [call, former] = [frame?.call, before?.call];
  if (!call || call.contact.id !== former?.contact.id) return;
  const customerNamed = { name: nameOfCustomer() };
  // That it is on hold stands over the bar, and is a status there.
  if (former.on_hold && !call.on_hold) announce.polite("desk.resumed", customerNamed);
  if (call.screen_is_asked_for !== former.screen_is_asked_for) {
    announce.polite(call.screen_is_asked_for ? "desk.screen_asked" : "desk.screen_ended", customerNamed);
  }
}

/** @param {boolean} ringing */
function drawRinging(ringing) {
  const offer = store.model.frame?.offer;
  const caller = offer ? customerName(t, offer) : "";
  document.title = ringing ? t("title.ringing", { name: caller }) : t("title.desk");
  if (ringing && !stopRinging) {
    stopRinging = ring();
    announce.assertive("desk.ringing", { name: caller });
  } else if (!ringing && stopRinging) {
    stopRinging();
    stopRinging = null;
  }
}

// What the agent does ----------------------------------------------------------------------------

/** @param {string} status */
const setStatus = (status) => line?.send({ type: "status", status });

/** @type {Record<string, (() => unknown)|undefined>} By `data-action`. */
const ACTIONS = {
  available: () => setStatus("available"),
  break: () => setStatus("break"),
  offline: () => setStatus("offline"),
  accept: () => {
    devicesOpening = openDevices();
    line?.send({ type: "accept", contact_id: store.model.frame?.offer?.id ?? "" });
  },
  decline: () => line?.send({ type: "decline", contact_id: store.model.frame?.offer?.id ?? "" }),
  ready: () => {
    describeOutcome();
    line?.send({ type: "ready" });
  },
  hold: () => wishForCall(callOf(store.model)?.on_hold ? "resume" : "hold"),
  "ask-screen": () =>
    wishForCall(callOf(store.model)?.screen_is_asked_for ? "end_screen" : "ask_screen"),
  share: () => (live.sharing ? live.stopSharing() : live.share().catch(() => undefined)),
  invite: () => inviteDialog.open(),
  transfer: () => transferDialog.open(),
  mute: async () =>
    announce.polite((await live.toggleMute()) ? "call.self.mic.off" : "call.self.mic.on"),
  camera: async () =>
    announce.polite((await live.toggleCamera()) ? "call.self.camera.on" : "call.self.camera.off"),
  devices: () => devicesDialog.open(),
  chat: () => chat.toggle(),
  stay: () => [devicesDialog, inviteDialog, transferDialog].forEach((dialog) => dialog.close()),
  "tap-to-hear": () => live.hear().then(() => setAttribute(tapToHear, "hidden", true)),
  leave: () => {
    line?.send({ type: "hang_up", contact_id: joined ?? "" });
    leaveCall();
  },
};

function colleagues() {
  return (store.model.frame?.colleagues ?? []).map(({ id, name: called, status }) => ({
    id,
    name: called,
    note: t(`status.${status}`),
    disabled: status !== "available",
  }));
}

function queues() {
  return (store.model.frame?.queues ?? []).map(({ id, name: called, waiting }) => ({
    id,
    name: called,
    note: t("transfer.waiting", { n: waiting }),
  }));
}

/** Has what was said about the ended call kept. */
function describeOutcome() {
  const form = root.querySelector("[data-form=wrap_up]");
  if (!(form instanceof HTMLFormElement)) return;
  const { outcome, note } = Object.fromEntries(new FormData(form));
  line?.send({ type: "describe", outcome: String(outcome), note: String(note) });
}

root.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  void ACTIONS[target?.getAttribute("data-action") ?? ""]?.();
});

root.addEventListener("submit", (event) => {
  event.preventDefault();
  if (name) return;
  name = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("name") ?? "").trim();
  if (name) sitDown();
});

/** @type {ReturnType<typeof setTimeout>|undefined} */
let describing;
root.addEventListener("input", (event) => {
  if (!(event.target instanceof Element && event.target.closest("[data-form=wrap_up]"))) return;
  clearTimeout(describing);
  describing = setTimeout(describeOutcome, TYPING_MS);
});

addEventListener("keydown", (event) => {
  const action = event.altKey && !event.repeat && /** @type {Record<string, string>} */ (SHORTCUTS)[event.code];
  const pressed = action && root.querySelector(`button[data-action="${action}"]`);
  if (!(pressed instanceof HTMLButtonElement) || pressed.offsetParent === null) return;
  event.preventDefault();
  pressed.click();
});

root.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLSelectElement && event.target.dataset.picker)) return;
  const { dataset, value } = event.target;
  if (dataset.picker === "speaker") void live.chooseSpeaker(value);
  else void devices.choose(/** @type {"microphone"|"camera"} */ (dataset.picker), value);
});

addEventListener("beforeunload", (event) => {
  if (joined !== null) event.preventDefault();
});

function sitDown() {
  void loadMeeting(); // So that the SDK is here when it rings.
  const query = new URLSearchParams({ name });
  history.replaceState(null, "", `?${query}`);
  const url = new URL(`socket?${query}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  line = openDesk({
    url: url.href,
    onFrame: (frame) => {
      const first = store.model.frame === null;
      store.send({ type: "frame", frame });
      if (first && !reloaded && frame.agent.status === "offline") setStatus("available");
    },
    onOnline: (online) => store.send({ type: "socket", online }),
  });
}

let former = store.model;
store.subscribe(() => {
  tellOfCall(store.model, former);
  former = store.model;
  follow();
  draw();
});
setInterval(draw, TICK_MS);
if (name) sitDown();
draw();
