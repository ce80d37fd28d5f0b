/**
 * The agent's desk: puts the parts together, listens to the agent, obeys what the contact centre
 * says. The call itself is the same live call the customer has.
 */
import { createAnnouncer } from "./announcer.js";
import { createControls } from "./controls.js";
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
    started: () => store.send({ type: "media", media: "up" }),
    dropped: () => store.send({ type: "media", media: "dropped" }),
    stopped: () => leaveCall(),
    rostered: () => undefined,
    changed: ({ type }) => announce.polite(`call.${type}`, { name: nameOfCustomer() }),
    network: (network) => announce.polite(`net.${network}`),
    soundBlocked: () => setAttribute(tapToHear, "hidden", false),
    redraw: () => drawControls(),
  },
});
const devicesDialog = createDevicesDialog(root, t, devices);

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

/** Opens the devices while the contact centre is still making a place in the meeting. */
function openDevices() {
  const contact = store.model.frame?.offer ?? store.model.frame?.call?.contact;
  return devices.open({ camera: contact?.capabilities.agent.video ?? true });
}

/** @type {Promise<unknown>|null} */
let devicesOpening = null;

/** @param {NonNullable<import("./desk-state.js").DeskFrame["call"]>} call */
async function joinCall({ contact, connection }) {
  joined = contact.id;
  await (devicesOpening ??= openDevices());
  devicesOpening = null;
  if (joined !== contact.id) return devices.release();
  for (const kind of /** @type {const} */ (["microphone", "camera"])) {
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
  setAttribute(part("call"), "hidden", !inCall);
  setAttribute(part("lost"), "hidden", online || name === "" || now === "taken_over");
  setAttribute(part("status"), "hidden", !frame || frame.taken_over);
  setText(part("agent"), frame?.agent.name ?? name);
  panel.show(now, drawDeskPanel(t, now, store.model, Date.now()), { focusHeading: now !== "signed_out" });
  queue.show("queue", drawQueue(t, frame?.queue ?? [], Date.now()), { focusHeading: false });
  const shown = frame?.offer ?? (inCall || now === "connecting" || now === "wrap_up" ? last : null);
  customer.show("customer", drawCustomer(t, shown), { focusHeading: false });
  for (const status of ["available", "break", "offline"]) {
    const pressed = String(frame?.agent.status === status);
    setAttribute(required(`[data-action=${status}]`, HTMLButtonElement, root), "aria-pressed", pressed);
  }
  drawControls();
  drawRinging(now === "ringing");
}

function drawControls() {
  const inCall = callOf(store.model) !== null;
  controls.draw({
    muted: live.muted,
    cameraOn: live.cameraOn,
    cameraOffered: true,
    leave: inCall ? "action.end_call" : null,
  });
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
  ready: () => line?.send({ type: "ready" }),
  mute: async () =>
    announce.polite((await live.toggleMute()) ? "call.self.mic.off" : "call.self.mic.on"),
  camera: async () =>
    announce.polite((await live.toggleCamera()) ? "call.self.camera.on" : "call.self.camera.off"),
  devices: () => devicesDialog.open(),
  stay: () => devicesDialog.close(),
  "tap-to-hear": () => live.hear().then(() => setAttribute(tapToHear, "hidden", true)),
  leave: () => {
    line?.send({ type: "hang_up", contact_id: joined ?? "" });
    leaveCall();
  },
};

root.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  void ACTIONS[target?.getAttribute("data-action") ?? ""]?.();
});

root.addEventListener("submit", (event) => {
  event.preventDefault();
  name = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("name") ?? "").trim();
  if (name) sitDown();
});

root.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLSelectElement)) return;
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

store.subscribe(() => {
  follow();
  draw();
});
setInterval(draw, TICK_MS);
if (name) sitDown();
draw();
