/**
 * The customer's call page: puts the parts together, listens to the person and draws what the
 * state machine says. What the page does about a call is in call-flow.js; what events mean, in
 * call-state.js.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./call-state.js").CallEvent} CallEvent
 */
import { createAnnouncer } from "./announcer.js";
import { createCallFlow } from "./call-flow.js";
import { initialModel, isLive, transition } from "./call-state.js";
import { createCallView } from "./call-view.js";
import { createContactsApi } from "./contacts-api.js";
import { createDevices } from "./devices.js";
import { createDevicesDialog, createLeaveDialog } from "./dialogs.js";
import { required, setAttribute } from "./dom.js";
import { createLiveCall } from "./live-call.js";
import { createMessages } from "./messages.js";
import { playTestSound } from "./sounds.js";
import { createStore } from "./store.js";
import { createTiles } from "./tiles.js";

const page = /** @type {PageData} */ (
  JSON.parse(required("#call-data", HTMLScriptElement).textContent ?? "")
);
const t = createMessages(page.messages);
const root = required("[data-call-state]", HTMLElement);
const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
const tapToHear = required("[data-action=tap-to-hear]", HTMLButtonElement, root);
const announce = createAnnouncer({ polite: part("polite"), assertive: part("assertive") }, t);

const store = createStore(
  initialModel(),
  /** @type {(model: CallModel, event: CallEvent) => CallModel} */ (transition),
);
const devices = createDevices({
  media: navigator.mediaDevices,
  permissions: navigator.permissions,
  framed: window.top !== window,
  onChange: () => {
    live.devicesChanged();
    void view.devicesChanged();
  },
  onLost: (kind) => announce.assertive("dev.lost", { device: t(`device.${kind}`) }),
});
const tiles = createTiles({ stage: part("stage"), t, nameOf });
const live = createLiveCall({
  devices,
  tiles,
  audioElement: required("audio", HTMLAudioElement, root),
  loadMeeting,
  events: {
    started: () => store.send({ type: "media_started" }),
    dropped: () => store.send({ type: "media_dropped" }),
    stopped: (statusName) => void flow.mediaStopped(statusName),
    rostered: (present) => store.send({ type: "agent_presence", present }),
    changed: announceChange,
    network: (network) => announce.polite(`net.${network}`),
    soundBlocked: () => setAttribute(tapToHear, "hidden", false),
    redraw: () => view.draw(),
  },
});
const flow = createCallFlow({ page, store, api: createContactsApi(page.urls), devices, live });
const view = createCallView({ root, page, t, store, devices, live, flow, agentName });
const leaveDialog = createLeaveDialog(root, t);
const devicesDialog = createDevicesDialog(root, t, devices);

/** "Cancel" appears where "Start call" was: the second half of a double click does not mean it. */
const DOUBLE_CLICK_MS = 600;
let requestedAtMs = 0;

/** The agent's devices come on one after the other at first. */
const SETTLING_MS = 3_000;
let settledAtMs = 0;

/** @type {Promise<typeof import("./meeting.js")>|null} */
let meetingModule = null;

/** The SDK is most of the page's weight: it is fetched once somebody means to call. */
function loadMeeting() {
  meetingModule ??= import("./meeting.js").catch((error) => {
    meetingModule = null;
    throw error;
  });
  return meetingModule;
}

/** Fetches it ahead; a failure shows itself when the call needs the module. */
const prefetchMeeting = () => void loadMeeting().catch(() => undefined);

/** @returns {string} As part of a sentence. */
function agentName() {
  return store.model.contact?.agent?.display_name || t("call.agent");
}

/** @param {import("./roster.js").Attendee} attendee @returns {string} For the tile's caption. */
function nameOf({ role }) {
  if (role !== "agent") return t("tile.guest");
  return store.model.contact?.agent?.display_name || t("tile.agent");
}

/** @param {import("./roster.js").Change} change */
function announceChange({ type, attendee }) {
  const ids = {
    joined: "call.join",
    left: "call.left",
    camera_on: "call.agentcam.on",
    camera_off: "call.agentcam.off",
    muted: "call.mic.off",
    unmuted: "call.mic.on",
  };
  // "Connected to …" or "Reconnecting…" has just said what matters.
  const unsettled = store.model.state !== "connected" || Date.now() < settledAtMs;
  if (attendee.role === "agent" && (type === "joined" || unsettled)) return;
  const name = attendee.role === "agent" ? agentName() : t("tile.guest");
  announce.polite(ids[type], { agent: name, name });
}

/**
 * Says what a device does now, or why it does not.
 * @param {"microphone"|"camera"} kind
 * @param {string} message
 */
function announceDevice(kind, message) {
  announce.polite(devices.view[kind].failure ?? message, { device: t(`device.${kind}`) });
}

/**
 * Says once what happened to the call itself. Other screens are read out as they take the focus.
 * @param {CallModel} next
 * @param {CallModel} previous
 */
function announceState(next, previous) {
  const { contact } = next;
  if (isLive(next.state) && contact && contact.on_hold !== previous.contact?.on_hold) {
    if (contact.on_hold) announce.polite("call.hold");
    else if (previous.contact?.on_hold) announce.polite("call.unhold", { agent: agentName() });
  }
  if (next.state === previous.state) return;
  if (!isLive(next.state)) announce.hush();
  if (next.state === "connected") settledAtMs = Date.now() + SETTLING_MS;
  if (next.state === "reconnecting") announce.assertive("net.reconnect");
  else if (previous.state === "reconnecting" && isLive(next.state)) announce.polite("net.back");
  else if (next.state === "connected") announce.polite("call.connected", { agent: agentName() });
}

store.subscribe((next, previous) => {
  // Who the agent is may be known only after the pictures are there.
  if (next.contact?.agent?.display_name !== previous.contact?.agent?.display_name) live.redrawOthers();
  if (next.state === "details") prefetchMeeting();
  if (next.state === "requesting" && previous.state !== "requesting") requestedAtMs = Date.now();
  if (next.state === "device_check" && previous.state !== "device_check") void view.checkDevices();
  if (!isLive(next.state)) {
    leaveDialog.close();
    devicesDialog.close();
    setAttribute(tapToHear, "hidden", true);
  }
  announceState(next, previous);
  view.draw();
});

/** @type {Record<string, (() => unknown)|undefined>} By `data-action`. */
const ACTIONS = {
  start: () => (store.model.state === "ready" ? flow.start({ camera: true }) : flow.call()),
  "audio-only": () =>
    store.model.state === "ready" ? flow.start({ camera: false }) : flow.callWithout("camera"),
  "listen-only": () => flow.call(),
  continue: () => store.model.state === "device_check" && view.askForDevices(),
  back: () => flow.back(),
  "try-again": () => {
    if (store.model.state === "device_check") void view.askForDevices();
    else if (store.model.state === "failed") flow.again();
    else location.reload();
  },
  "test-speaker": playTestSound,
  mute: async () => {
    const muted = await live.toggleMute();
    announceDevice("microphone", muted ? "call.self.mic.off" : "call.self.mic.on");
  },
  camera: async () => {
    const on = await live.toggleCamera();
    announceDevice("camera", on ? "call.self.camera.on" : "call.self.camera.off");
  },
  devices: () => devicesDialog.open(),
  "tap-to-hear": () => live.hear().then(() => setAttribute(tapToHear, "hidden", true)),
  leave: () => {
    if (store.model.state === "queued") leaveDialog.showModal();
    else if (Date.now() - requestedAtMs > DOUBLE_CLICK_MS) flow.leave();
  },
  "confirm-leave": () => flow.leave(),
  stay: () => {
    leaveDialog.close();
    devicesDialog.close();
  },
  rejoin: () => flow.rejoin(),
  "call-again": () => flow.again(),
};

root.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  void ACTIONS[target?.getAttribute("data-action") ?? ""]?.();
});

root.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  flow.giveDetails({ name: text("name"), description: text("description") });
});

root.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLSelectElement)) return;
  const { dataset, value } = event.target;
  if (dataset.picker === "speaker") void live.chooseSpeaker(value);
  else if (dataset.picker) void devices.choose(/** @type {"microphone"|"camera"} */ (dataset.picker), value);
});

for (const intent of ["pointerover", "focusin"]) {
  root.addEventListener(intent, (event) => {
    if (event.target instanceof Element && event.target.closest("[data-action=start]")) prefetchMeeting();
  });
}

addEventListener("beforeunload", (event) => {
  if (isLive(store.model.state)) event.preventDefault();
});

flow.open();
