/**
 * The customer's page from the moment somebody means to call: puts the parts together, listens to the person and draws
 * what the state machine says. What the page does about a call is in call-flow.js; what events mean, in call-state.js;
 * what was there before, in entry-page.js.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./call-state.js").CallEvent} CallEvent
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { abilitiesOf } from "./abilities.js";
import { AGENT_TOPICS, saidByAgent } from "./agent-messages.js";
import { createCallActions } from "./call-actions.js";
import { createCallFlow } from "./call-flow.js";
import { isLive, isOnHold } from "./call-model.js";
import { createCallNews } from "./call-news.js";
import { transition } from "./call-state.js";
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
import { fetchedOnce } from "./fetched-once.js";
import { createInCallDoor } from "./in-call-door.js";
import { createLiveCall } from "./live-call.js";
import { pageLocale } from "./locale.js";
import { createNames } from "./names.js";
import { createQualityReport } from "./quality-report.js";
import { createReceipt } from "./receipt.js";
import { createSurvey } from "./survey.js";
import { createCustomer } from "./tab-customer.js";
import { obstacleOf } from "./surroundings.js";
import { createTiles } from "./tiles.js";
import { whenWanted } from "./when-wanted.js";

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

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {PageData} options.page With every sentence there is.
 * @param {Translate} options.t
 * @param {ReturnType<typeof import("./announcer.js").createAnnouncer>} options.announce
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, CallEvent>>} options.store
 * @param {ReturnType<typeof import("./panel.js").createPanel>} options.panel
 * @returns {import("./entry-page.js").CallPage}
 */
export function createCallPage({ root, page, t, announce, store, panel }) {
  const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
  const tapToHear = required("[data-action=tap-to-hear]", HTMLButtonElement, root);
  store.decideBy(/** @type {(model: CallModel, event: CallEvent) => CallModel} */ (transition));
  /** The SDK is most of the page's weight: it is fetched once somebody has begun to call. */
  const loadMeeting = fetchedOnce(async () => {
    const [meeting] = await Promise.all([import("./meeting.js"), inCall.load()]);
    return meeting;
  });
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
      network: (grade, cause) => {
        quality.network(grade, cause);
        inCall.inside?.networkEvents.network(grade);
      },
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
      redraw: () => {
        observe();
        view.draw();
      },
    },
    topics: [...AGENT_TOPICS, CHAT_TOPIC],
  });
  const abilities = abilitiesOf(window);
  const customer = createCustomer(page);
  const api = createContactsApi(page.urls, customer.send);
  const quality = createQualityReport({ send: api.reportQuality });
  const observe = () =>
    quality.observe({ muted: live.muted, camera: live.cameraOn, sharing: live.sharing });
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
    root, page, t, store, panel, devices, live, inCall, flow, checking, survey, receipt, agentName: names.agent,
  });
  const leaveDialog = createLeaveDialog(root, t);
  const devicesDialog = createDevicesDialog(root, t, devices);
  const reminder = whenWanted(async () => {
    const { createReminderDialog } = await import("./reminder-dialog.js");
    return createReminderDialog({ root, t, page, api });
  });
  const callback = whenWanted(async () => {
    const { createCallbackDialog } = await import("./callback-dialog.js");
    return createCallbackDialog({ root, t, page, api, details: () => flow.details });
  });
  const network = whenWanted(async () => {
    const { createNetworkDialog } = await import("./network-dialog.js");
    return createNetworkDialog({ root, t, page, onVerdict: checking.networkTested });
  });
  const actions = createCallActions({
    page, root, t, store, announce, flow, checking, live, devices, customer, host, tapToHear,
    leaveDialog, devicesDialog, callback, reminder, network,
  });

  /** Fetches it ahead; a failure shows itself when the call needs the module. */
  const prefetchMeeting = () => void loadMeeting().catch(() => undefined);

  store.subscribe((next, previous) => {
    // Who somebody is may be known only after their picture is there.
    if (next.contact !== previous.contact) live.redrawOthers();
    if (next.state === "details" || next.state === "guest_waiting") prefetchMeeting();
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
    quality.follow(next, previous);
    observe();
    view.draw();
  });

  /** @param {string} action @param {Element} button */
  function act(action, button) {
    const known = actions[action];
    void (known ? known(button) : inCall.act(action, button));
  }

  root.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    if (target) act(target.getAttribute("data-action") ?? "", target);
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

  addEventListener("pagehide", quality.finish);

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

  /** Of a page that was not opened to begin a call: it is there already, or comes from elsewhere. */
  async function open() {
    await returnToCall();
    flow.open();
    // Where no call can ever be made there is nothing to follow.
    if (!page.guest && !store.model.obstacle) watchEntry({ page, store });
    host.ready();
  }

  if (store.model.state === "loading") void open();
  else view.draw();
  return { act };
}
