/**
 * The customer's call page: puts the parts together, listens to the person and draws what the
 * state machine says. What the page does about a call is in call-flow.js; what events mean, in
 * call-state.js.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./call-state.js").CallEvent} CallEvent
 */
import { abilitiesOf } from "./abilities.js";
import { AGENT_TOPICS, saidByAgent } from "./agent-messages.js";
import { createAnnouncer } from "./announcer.js";
import { createCallFlow } from "./call-flow.js";
import { isLive, isOnHold } from "./call-model.js";
import { createCallNews } from "./call-news.js";
import { initialModel, transition } from "./call-state.js";
import { createCallView } from "./call-view.js";
import { CHAT_TOPIC } from "./chat-messages.js";
import { createContactsApi } from "./contacts-api.js";
import { browserNameOf, permissionHelpOf } from "./device-failures.js";
import { createDeviceChecking } from "./device-checking.js";
import { createDeviceMemory } from "./device-memory.js";
import { createDevices } from "./devices.js";
import { detailsIn } from "./details-form.js";
import { createDevicesDialog, createLeaveDialog } from "./dialogs.js";
import { required, setAttribute } from "./dom.js";
import { createHost } from "./embed-host.js";
import { watchEntry } from "./entry-watch.js";
import { createInCallDoor } from "./in-call-door.js";
import { createLiveCall } from "./live-call.js";
import { pageLocale, pageMessages } from "./locale.js";
import { createNames } from "./names.js";
import { createReceipt } from "./receipt.js";
import { createStore } from "./store.js";
import { createSurvey } from "./survey.js";
import { createCustomer } from "./tab-customer.js";
import { obstacleOf } from "./surroundings.js";
import { createTiles } from "./tiles.js";
import { whenWanted } from "./when-wanted.js";

const page = /** @type {PageData} */ (
  JSON.parse(required("#call-data", HTMLScriptElement).textContent ?? "")
);
const t = pageMessages(page.messages);
const root = required("[data-call-state]", HTMLElement);
const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
const tapToHear = required("[data-action=tap-to-hear]", HTMLButtonElement, root);
const announce = createAnnouncer({ polite: part("polite"), assertive: part("assertive") }, t);

const store = createStore(
  initialModel(),
  /** @type {(model: CallModel, event: CallEvent) => CallModel} */ (transition),
);
const names = createNames({ page, store, t });
const news = createCallNews({ store, announce, names });
const memory = createDeviceMemory(() => localStorage);
const devices = createDevices({
  media: navigator.mediaDevices,
  permissions: navigator.permissions,
  framed: window.top !== window,
  memory,
  inSight,
  onChange: () => {
    live.devicesChanged();
    void checking.devicesChanged();
  },
  onLost: (kind, lost, now) => inCall.inside?.deviceLost(kind, lost, now),
  onInterrupted: (interrupted) => inCall.inside?.interrupted(interrupted),
});
const tiles = createTiles({ stage: part("stage"), t, nameOf: names.caption });
const live = createLiveCall({
  devices,
  tiles,
  audioElement: required("audio", HTMLAudioElement, root),
  loadMeeting,
  events: {
    started: () => store.send({ type: "media_started" }),
    dropped: (silentMs) => store.send({ type: "media_dropped", silentMs }),
    stopped: (statusName) => void flow.mediaStopped(statusName),
    rostered: (present) => store.send({ type: "agent_presence", present }),
    changed: news.changed,
    network: (grade) => inCall.inside?.networkEvents.network(grade),
    strained: () => inCall.inside?.networkEvents.strained(),
    viewOnly: () => inCall.inside?.networkEvents.viewOnly(),
    sendingSound: (failing) => inCall.inside?.networkEvents.sendingSound(failing),
    soundBlocked: () => {
      setAttribute(tapToHear, "hidden", false);
      tapToHear.focus();
    },
    message: (message) => {
      const said = saidByAgent(message.topic, message.text);
      if (said === null) inCall.inside?.message(message);
      else store.send({ type: "agent_said", said });
    },
    redraw: () => view.draw(),
  },
  topics: [...AGENT_TOPICS, CHAT_TOPIC],
});
const abilities = abilitiesOf(window);
const customer = createCustomer(page);
const api = createContactsApi(page.urls, customer.send);
const host = createHost({
  embedded: page.embedded,
  introduced: (caller) => {
    flow.introduce(caller);
    view.draw();
  },
  close: closeForHost,
});
const { vouch } = host;
const flow = createCallFlow({
  page, store, api, devices, live, abilities, customer, vouch,
  surroundings: () => ({ obstacle: obstacleOf(window), online: navigator.onLine }),
});
const inCall = createInCallDoor({
  root, page, t, store, abilities, api, devices, live, announce, agentName: names.agent, nameOf: names.caption,
});
const checking = createDeviceChecking({
  t,
  devices,
  memory,
  surroundings: {
    help: permissionHelpOf(navigator.userAgent, navigator.maxTouchPoints),
    browser: browserNameOf(navigator.userAgent),
    host: location.host,
  },
  speakerPickable: "setSinkId" in HTMLMediaElement.prototype,
  isOpen: () => store.model.state === "device_check",
  isWaiting: () => store.model.state === "queued",
  cameraWanted: () => flow.cameraWanted,
  redraw: () => view.draw(),
  say: announce.assertive,
});
const survey = createSurvey({
  t,
  send: api.answerSurvey,
  answered: ({ rating }) => host.say("survey", { rating }),
});
const receipt = createReceipt({
  t,
  locale: pageLocale(),
  keptDays: page.limits.kept_days,
  erase: api.erase,
  redraw: () => view.draw(),
});
const view = createCallView({
  root, page, t, store, devices, live, inCall, flow, checking, survey, receipt, agentName: names.agent,
});
const leaveDialog = createLeaveDialog(root, t);
const devicesDialog = createDevicesDialog(root, t, devices);
const callback = whenWanted(async () => {
  const { createCallbackDialog } = await import("./callback-dialog.js");
  return createCallbackDialog({ root, t, page, api, details: () => flow.details });
});

/** "Cancel" appears where "Start call" was: the second half of a double click does not mean it. */
const DOUBLE_CLICK_MS = 600;
let requestedAtMs = 0;

/** @returns {Promise<void>} Resolves once the page is in front. */
function inSight() {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });
}

/** @type {Promise<typeof import("./meeting.js")>|null} */
let meetingModule = null;

/** The SDK is most of the page's weight: it is fetched once somebody means to call. */
function loadMeeting() {
  meetingModule ??= Promise.all([import("./meeting.js"), inCall.load()]).then(
    ([meeting]) => meeting,
    (error) => {
      meetingModule = null;
      throw error;
    },
  );
  return meetingModule;
}

/** Fetches it ahead; a failure shows itself when the call needs the module. */
const prefetchMeeting = () => void loadMeeting().catch(() => undefined);

/**
 * Says what a device does now, or why it does not.
 * @param {"microphone"|"camera"} kind
 * @param {string} message
 */
function announceDevice(kind, message) {
  announce.polite(devices.view[kind].failure ?? message, { device: t(`device.${kind}`) });
}

store.subscribe((next, previous) => {
  // Who somebody is may be known only after their picture is there.
  if (next.contact !== previous.contact) live.redrawOthers();
  if (next.state === "details" || next.state === "guest_waiting") prefetchMeeting();
  if (next.state === "requesting" && previous.state !== "requesting") requestedAtMs = Date.now();
  if (next.state === "device_check" && previous.state !== "device_check") void checking.begin();
  if (!isLive(next.state)) {
    leaveDialog.close();
    devicesDialog.close();
    setAttribute(tapToHear, "hidden", true);
  }
  live.setHeld(isOnHold(next));
  inCall.inside?.follow(next);
  host.tell(next, previous);
  news.follow(next, previous);
  view.draw();
});

/** @type {Record<string, ((button: Element) => unknown)|undefined>} By `data-action`. */
const ACTIONS = {
  start: () => (store.model.state === "ready" ? flow.start({ camera: true }) : flow.call()),
  "audio-only": () =>
    store.model.state === "ready" ? flow.start({ camera: false }) : flow.callWithout("camera"),
  "listen-only": () => flow.call(),
  continue: () => store.model.state === "device_check" && checking.ask(),
  back: () => flow.back(),
  "try-again": () => {
    if (store.model.state === "device_check") void checking.ask();
    else if (store.model.state === "failed") flow.again();
    else location.reload();
  },
  "test-speaker": () => checking.testSound(),
  heard: () => checking.answerSound(true),
  unheard: () => checking.answerSound(false),
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
    const { state } = store.model;
    if (state === "queued") leaveDialog.showModal();
    else if (state !== "requesting" || Date.now() - requestedAtMs > DOUBLE_CLICK_MS) flow.leave();
  },
  "confirm-leave": () => flow.leave(),
  stay: (button) => button.closest("dialog")?.close(),
  "keep-waiting": () => flow.keepWaiting(),
  callback: () => callback.open(),
  "close-callback": () => callback.close(),
  "cancel-callback": () => callback.made?.cancel(),
  report: () => customer.post(page.urls.help.replace(":reference", store.model.contact?.reference ?? "")),
  "what-happened": (button) => customer.post(button.getAttribute("data-address") ?? ""),
  "copy-link": copyLink,
  "new-tab": () => host.moveToTab(location.pathname + location.search),
  rejoin: () => flow.rejoin(),
  "call-again": () => flow.again(),
};

/** For the browser that can make the call. */
async function copyLink() {
  const address = required("[data-part=address]", HTMLInputElement, root);
  address.select();
  const copied = await navigator.clipboard?.writeText(address.value).then(() => true, () => false);
  // Without a clipboard the address is at least marked, ready to be copied by hand.
  if (copied) announce.polite("invite.copied");
}

root.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  const action = target?.getAttribute("data-action");
  if (!target || !action) return;
  const act = ACTIONS[action];
  void (act ? act(target) : inCall.act(action, target));
});

root.addEventListener("submit", (event) => {
  event.preventDefault();
  flow.giveDetails(detailsIn(new FormData(/** @type {HTMLFormElement} */ (event.target)), page));
});

navigator.mediaDevices?.addEventListener("devicechange", () => void checking.plugged());

root.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.dataset.choice === "remember-devices") {
    checking.remember(event.target.checked);
  }
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

/** Whoever is in a call is asked first; then the page around this one may take it away. */
function closeForHost() {
  if (store.model.state === "queued") return leaveDialog.showModal();
  if (isLive(store.model.state)) flow.leave();
  return host.closed();
}

/** A tab without cookies is loaded again as a new one: the call it was in is asked for here. */
async function returnToCall() {
  if (!customer.contactId) return;
  try {
    const { contact, version } = await api.read(customer.contactId);
    page.contact = { ...contact, version };
    page.connection = await api.connection(contact.id);
  } catch {
    // Over, or out of reach: the page starts from the beginning.
  }
}

void returnToCall().then(() => {
  flow.open();
  // Where no call can ever be made there is nothing to follow.
  if (!page.guest && !store.model.obstacle) watchEntry({ page, store, read: api.availability });
  host.ready();
});
