/**
 * What the customer's page does about the call: checks devices, asks the portal for a contact,
 * joins its meeting, follows its status, leaves. It feeds the state machine and obeys it; it draws
 * nothing.
 *
 * @typedef {import("./types.js").CallDetails} CallDetails
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./call-state.js").CallEvent} CallEvent
 * @typedef {import("./live-call.js").LiveCall} LiveCall
 * @typedef {import("./devices.js").Devices} Devices
 */
import { bodyOf, createCallRequests, isUnsettled, missingIn, placeOf } from "./call-request.js";
import { RECONNECT_MS, canComeBack, canTakeBack, isLive } from "./call-model.js";
import { ProblemError } from "./contacts-api.js";
import { deviceSummaryOf } from "./device-summary.js";
import { mediaEndOf, ownEndOf } from "./end-reasons.js";
import { createGuestDoor, reasonOfRefusal } from "./guest-door.js";
import { followStatus, socketAddress } from "./status-socket.js";
import { tabStorage } from "./tab-storage.js";

const anywhere = () => ({ obstacle: null, online: true });

/** @type {CallDetails} */
const NOTHING_TOLD = Object.freeze({ name: "", description: "", answers: {}, consent: null });
/** Fields of the form, as the API points at them. */
const OF_THE_FORM = /^\/(name|description|consent|attributes\/.+)$/;

const SLOW_AFTER_MS = 8_000;
/** How long the page waits for the server to say why a meeting ended, before it says so itself. */
const REASON_WAIT_MS = 1_500;
const REASON_ASK_EVERY_MS = 250;
/** Where a tab keeps whose long wait its customer knows of. */
const PATIENT = "video-call-patient";
/** How long the page listens after the end for what the server still has to say about it. */
const ENDING_WAIT_MS = 30_000;

/**
 * @param {object} options
 * @param {PageData} options.page
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, CallEvent>>} options.store
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {Devices} options.devices
 * @param {LiveCall} options.live
 * @param {{shareScreen: boolean}} options.abilities Of this browser.
 * @param {import("./tab-customer.js").Customer} options.customer
 * @param {() => Promise<{attributes?: Record<string, string>}>} options.vouch What the page around this one adds to the start of a call.
 * @param {() => {obstacle: import("./entry.js").Obstacle|null, online: boolean}} [options.surroundings]
 */
export function createCallFlow({
  page, store, api, devices, live, abilities, customer, vouch, surroundings = anywhere,
}) {
  /** @type {CallDetails} */
  let details = NOTHING_TOLD;
  let detailsKnown = false;
  let nameIsSigned = false;
  let cameraWanted = page.entry_point.video;
  /** The connection the page was served with; good for one join. */
  let embedded = page.connection;
  /** @type {string|null} Id of the contact whose credentials have been renewed. */
  let renewedFor = null;
  /** @type {{close: () => void}|null} */
  let status = null;
  const requests = createCallRequests(api, page.limits.start_s);
  const door = page.guest
    ? createGuestDoor({ api, token: page.guest.token, placeId: page.contact?.id ?? null })
    : null;
  /** Of the latest request: the answer to any other comes too late. */
  let requestNumber = 0;

  store.subscribe((next, previous) => {
    if (next.state === "ended" && next.contact?.end_reason) unwatch();
    if (next.state === previous.state) return;
    if (next.state === "details") devices.release();
    if (previous.state === "requesting") requestNumber += 1;
    if (next.state === "requesting") {
      unwatch();
      void request({ again: isUnsettled(previous.failure) });
    }
    if (previous.state === "requesting" && isLive(next.state)) watch();
    if (next.state === "joining") letIn(previous.state);
    if (next.state === "reconnecting") giveUpInTime(next);
    if (next.state === "ended" || next.state === "failed") finish();
  });

  /** Gives everything back before the last screen is painted. */
  function finish() {
    void leaveMeeting(store.model.contact?.id);
    customer.remember(null);
    tabStorage().removeItem(PATIENT);
    // How the call ended, and how long it was, may be told only after it is over. By then the
    // page may follow another call.
    const watched = status;
    if (store.model.state === "failed") unwatch();
    else setTimeout(() => isLive(store.model.state) || unwatch(watched), ENDING_WAIT_MS);
  }

  /** @param {string} contactId @returns {boolean} Whether it is the call this page is still in. */
  const isCurrent = (contactId) =>
    store.model.contact?.id === contactId && isLive(store.model.state);

  /**
   * The SDK looks at its own deadline between two attempts only, of which one may take half a minute.
   * @param {CallModel} dropped
   */
  function giveUpInTime({ contact, droppedAtMs }) {
    setTimeout(() => {
      const { model } = store;
      const isThatDrop = model.state === "reconnecting" && model.droppedAtMs === droppedAtMs;
      if (contact && isThatDrop) endHere(contact.id, "connection_lost");
    }, RECONNECT_MS - (Date.now() - droppedAtMs));
  }

  /** @param {string} contactId */
  async function endOnServer(contactId) {
    try {
      store.send({ type: "snapshot", ...(await api.end(contactId)) });
    } catch {
      // The meeting was left: the contact centre ends the contact by itself.
    }
  }

  /** @param {{again: boolean}} options again: the answer to the last request was lost. */
  async function request({ again }) {
    const number = requestNumber;
    const isStale = () => number !== requestNumber;
    const slow = setTimeout(() => isStale() || store.send({ type: "took_long" }), SLOW_AFTER_MS);
    try {
      const reopened = reopenDevices();
      const vouched = again || door ? { attributes: {} } : await vouch();
      if (isStale()) return;
      const told = bodyOf(page, details, placeOf(), abilities);
      // What the customer typed is newer than what the page around this one said of them.
      const attributes = { ...vouched.attributes, ...details.answers, ...surroundingsOfCall() };
      const body = { ...told, ...vouched, attributes };
      const answer = door ? await door.ask(details.name) : await requests.start(body, { again });
      if (!isStale()) await reopened;
      // The customer cancelled before the answer came, and may be asking for another call by now.
      if (isStale()) await api.end(answer.contact.id);
      else await created(answer);
    } catch (error) {
      if (!isStale()) refused(error);
    } finally {
      clearTimeout(slow);
    }
  }

  /** For the agent: what the customer calls with, and in which language. */
  function surroundingsOfCall() {
    const { microphone, camera } = devices.view;
    const found = { camera: Boolean(camera.stream), microphone: Boolean(microphone.stream) };
    return {
      device: deviceSummaryOf(navigator.userAgent, found),
      language: document.documentElement.lang,
    };
  }

  /** A second try finds the devices released by the first one's end. */
  async function reopenDevices() {
    const { microphone, camera } = devices.view;
    const open = microphone.stream ?? camera.stream ?? microphone.failure ?? camera.failure;
    if (!open) await devices.open({ camera: cameraWanted });
  }

  /** @param {VersionedSnapshot & {connection: Connection|null}} answer */
  async function created({ contact, version, connection }) {
    history.replaceState(history.state, "", page.urls.page.replace(":id", contact.id));
    customer.remember(contact.id);
    store.send({ type: "created", contact, version });
    if (connection) await join(contact.id, connection);
  }

  /** @param {unknown} error */
  function refused(error) {
    const problem = error instanceof ProblemError ? error : new ProblemError({ code: "unexpected" });
    const fields = problem.errors.filter(({ pointer }) => OF_THE_FORM.test(pointer));
    store.send({
      type: "refused",
      failure: {
        code: problem.code,
        reference: problem.contact?.reference ?? null,
        retryAfterS: problem.retryAfterS,
      },
      fieldProblems: fields,
    });
  }

  /** A guest is let in by the portal, once they may be. @param {CallModel["state"]} before */
  function letIn(before) {
    const contactId = store.model.contact?.id;
    if (!door || contactId === undefined || (before !== "requesting" && before !== "guest_waiting")) return;
    const isWanted = () => isCurrent(contactId);
    door.letIn(contactId, isWanted).then(
      (connection) => connection && join(contactId, connection),
      (/** @type {unknown} */ error) => endHere(contactId, reasonOfRefusal(error)),
    );
  }

  /** @param {string} contactId @param {Connection} connection */
  async function join(contactId, connection) {
    try {
      await live.join(connection);
    } catch {
      endHere(contactId, "service_error");
    }
  }

  /** @param {string} contactId @param {EndReason} reason As far as this page can tell. */
  function endHere(contactId, reason) {
    if (isCurrent(contactId)) store.send({ type: "media_ended", reason });
  }

  function watch() {
    const { contact, version } = store.model;
    if (!contact || status) return;
    status = followStatus({
      url: socketAddress(page.urls.socket.replace(":id", contact.id)),
      version,
      read: () => api.read(contact.id),
      open: customer.openSocket,
      onStatus: (news) => store.send({ type: "snapshot", ...news }),
    });
  }

  /** @param {{close: () => void}|null} watched */
  function unwatch(watched = status) {
    watched?.close();
    if (status === watched) status = null;
  }

  /** The call is this device's only once it has taken it over. @param {string} contactId */
  async function connectionAgain(contactId) {
    const token = page.handover?.token;
    const known = embedded;
    page.handover = embedded = null;
    if (known) return known;
    return (token ? api.takeOver(token) : api.connection(contactId)).catch(() => null);
  }

  /**
   * Fresh credentials are worth one try; what they were refused for may have passed.
   * @param {string} contactId
   */
  async function renewCredentials(contactId) {
    if (renewedFor === contactId) return endHere(contactId, "expired");
    renewedFor = contactId;
    try {
      const connection = await api.connection(contactId, { renew: door !== null });
      if (isCurrent(contactId)) await live.join(connection);
    } catch {
      endHere(contactId, "expired");
    }
  }

  /**
   * A meeting that was about to stop by itself says why even now. The server may have been the first
   * to tell of the end: it hears of those who are thrown out when they go.
   * @param {string|undefined} contactId
   */
  async function leaveMeeting(contactId) {
    const reason = ownEndOf((await live.leave()) ?? "");
    if (reason && store.model.contact?.id === contactId) store.send({ type: "media_ended", reason });
  }

  /**
   * The meeting is over; the portal knows why, once the contact centre has told it. What the page
   * says by itself is a guess, which it keeps to itself.
   * @param {string} contactId
   */
  async function askWhy(contactId) {
    const deadline = Date.now() + REASON_WAIT_MS;
    while (isCurrent(contactId) && Date.now() < deadline) {
      try {
        store.send({ type: "snapshot", ...(await api.read(contactId)) });
      } catch {
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, REASON_ASK_EVERY_MS));
    }
    endHere(contactId, store.model.wasConnected ? "agent_ended" : "abandoned");
  }

  async function rejoin() {
    const before = store.model;
    if (!before.contact || !(before.rejoin || canTakeBack(before) || canComeBack(before))) return;
    const contactId = before.contact.id;
    store.send({ type: "rejoin" });
    const connection = await connectionAgain(contactId);
    if (!isCurrent(contactId)) return;
    if (!connection) return store.send({ type: "expired" });
    customer.remember(contactId);
    watch();
    await devices.open({ camera: cameraWanted });
    if (isCurrent(contactId)) await join(contactId, connection);
  }

  return {
    get details() {
      return details;
    },
    get nameIsSigned() {
      return nameIsSigned;
    },
    get cameraWanted() {
      return cameraWanted;
    },

    /** Decides where the page stands, from what the server embedded in it. */
    open() {
      store.send({
        type: "opened",
        // Whoever is invited comes into a call that there is, whether it is open or not.
        entry: { ...surroundings(), availability: page.guest ? null : page.entry_point.availability },
        gone: page.guest?.gone === true,
        contact: page.contact,
        canRejoin: page.connection !== null || Boolean(page.handover),
        guest: door !== null,
        patient: page.contact !== null && tabStorage().getItem(PATIENT) === page.contact.id,
      });
      if (store.model.rejoin && !page.handover) watch();
    },

    /** @param {{camera: boolean}} wanted */
    start({ camera }) {
      cameraWanted = camera && page.entry_point.video;
      store.send({ type: "start" });
    },

    /** @param {CallDetails} given */
    giveDetails(given) {
      details = given;
      const missing = missingIn(page, given);
      detailsKnown = missing.length === 0;
      if (detailsKnown) return store.send({ type: "details_given" });
      return store.send({ type: "details_wrong", fieldProblems: missing });
    },

    /**
     * @param {{name: string, signedName: string}} known What is known of the customer before they are asked. A name
     *   that is signed for stays as it is: the portal takes it from the token, whatever is typed.
     */
    introduce({ name, signedName }) {
      nameIsSigned = signedName !== "";
      if (signedName || !details.name) details = { ...details, name: signedName || name };
    },

    back: () => store.send({ type: "back" }),

    /** @param {"camera"} device Starts the call and does not ask for the device again. */
    callWithout(device) {
      devices.close(device);
      cameraWanted = false;
      store.send({ type: "call" });
    },

    /** Starts the call with whatever was found: sound alone, or listening only. */
    call: () => store.send({ type: "call" }),

    rejoin,

    /** Somebody who waits on is not asked about it again, nor after a reload. */
    keepWaiting() {
      store.send({ type: "keep_waiting" });
      tabStorage().setItem(PATIENT, store.model.contact?.id ?? "");
    },

    /** The one place where a call is ended for everyone: because the customer says so. */
    leave() {
      const before = store.model;
      store.send({ type: "leave" });
      const left = store.model !== before && store.model.state === "ended";
      if (left && before.contact) void endOnServer(before.contact.id);
    },

    /** Calls again: into the same call, if it goes on. */
    async again() {
      if (!door && canComeBack(store.model)) {
        await rejoin();
        if (store.model.endReason !== "expired") return;
      }
      history.replaceState(history.state, "", page.urls.call);
      if (store.model.state === "failed" && detailsKnown) store.send({ type: "try_again" });
      else store.send({ type: "call_again", detailsKnown: detailsKnown || door?.accepted === true });
    },

    /** @param {string} statusName Of the SDK's session, when it has stopped for good. */
    mediaStopped(statusName) {
      const contactId = store.model.contact?.id;
      if (contactId === undefined) return undefined;
      const end = mediaEndOf(statusName);
      if (end === "ask_server") return askWhy(contactId);
      if (end === "expired_credentials") return renewCredentials(contactId);
      return endHere(contactId, end === "unsupported" ? "service_error" : end);
    },
  };
}
