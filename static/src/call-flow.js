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
import { bodyOf, createCallRequests, isUnsettled } from "./call-request.js";
import { isLive } from "./call-state.js";
import { ProblemError } from "./contacts-api.js";
import { mediaEndOf } from "./end-reasons.js";
import { followStatus } from "./status-socket.js";

const SLOW_AFTER_MS = 8_000;
/** How long the page waits for the server to say why a meeting ended, before it says so itself. */
const REASON_WAIT_MS = 1_500;
const REASON_ASK_EVERY_MS = 250;
/** How long the page listens after the end for what the server still has to say about it. */
const ENDING_WAIT_MS = 30_000;

/**
 * @param {object} options
 * @param {PageData} options.page
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, CallEvent>>} options.store
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {Devices} options.devices
 * @param {LiveCall} options.live
 */
export function createCallFlow({ page, store, api, devices, live }) {
  /** @type {CallDetails} */
  let details = { name: "", description: "" };
  let detailsKnown = false;
  let cameraWanted = page.entry_point.video;
  /** The connection the page was served with; good for one join. */
  let embedded = page.connection;
  /** @type {string|null} Id of the contact whose credentials have been renewed. */
  let renewedFor = null;
  /** @type {{close: () => void}|null} */
  let status = null;
  const requests = createCallRequests(api);
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
    if (next.state === "joining" && previous.state === "requesting") watch();
    if (next.state === "ended" || next.state === "failed") finish();
  });

  /** Gives everything back before the last screen is painted. */
  function finish() {
    void live.leave();
    // How the call ended, and how long it was, may be told only after it is over. By then the
    // page may follow another call.
    const watched = status;
    if (store.model.state === "failed") unwatch();
    else setTimeout(() => unwatch(watched), ENDING_WAIT_MS);
  }

  /** @param {string} contactId @returns {boolean} Whether it is the call this page is still in. */
  const isCurrent = (contactId) =>
    store.model.contact?.id === contactId && isLive(store.model.state);

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
      const answer = await requests.start(bodyOf(page, details, placeOf()), { again });
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

  /** A second try finds the devices released by the first one's end. */
  async function reopenDevices() {
    const { microphone, camera } = devices.view;
    const open = microphone.stream ?? camera.stream ?? microphone.failure ?? camera.failure;
    if (!open) await devices.open({ camera: cameraWanted });
  }

  /** @param {VersionedSnapshot & {connection: Connection|null}} answer */
  async function created({ contact, version, connection }) {
    history.replaceState(null, "", page.urls.page.replace(":id", contact.id));
    store.send({ type: "created", contact, version });
    if (connection) await join(contact.id, connection);
  }

  /** @param {unknown} error */
  function refused(error) {
    const problem = error instanceof ProblemError ? error : new ProblemError({ code: "unexpected" });
    const fields = problem.errors.filter(({ pointer }) => /^\/(name|description)$/.test(pointer));
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
    const url = new URL(page.urls.socket.replace(":id", contact.id), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    status = followStatus({
      url: url.href,
      version,
      read: () => api.read(contact.id),
      onStatus: (news) => store.send({ type: "snapshot", ...news }),
    });
  }

  /** @param {{close: () => void}|null} watched */
  function unwatch(watched = status) {
    watched?.close();
    if (status === watched) status = null;
  }

  /** Fresh credentials are worth one try; what they were refused for may have passed. */
  /** @param {string} contactId */
  async function renewCredentials(contactId) {
    if (renewedFor === contactId) return endHere(contactId, "expired");
    renewedFor = contactId;
    try {
      const connection = await api.connection(contactId);
      if (isCurrent(contactId)) await live.join(connection);
    } catch {
      endHere(contactId, "expired");
    }
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

  return {
    get details() {
      return details;
    },
    get cameraWanted() {
      return cameraWanted;
    },

    /** Decides where the page stands, from what the server embedded in it. */
    open() {
      store.send({
        type: "opened",
        availability: page.entry_point.open ? "open" : "closed",
        contact: page.contact,
        canRejoin: page.connection !== null,
      });
      if (store.model.rejoin) watch();
    },

    /** @param {{camera: boolean}} wanted */
    start({ camera }) {
      cameraWanted = camera && page.entry_point.video;
      store.send({ type: "start" });
    },

    /** @param {CallDetails} given */
    giveDetails(given) {
      details = given;
      detailsKnown = !page.entry_point.name_required || given.name !== "";
      if (detailsKnown) return store.send({ type: "details_given" });
      const missing = { pointer: "/name", code: "required", detail: "" };
      return store.send({ type: "details_wrong", fieldProblems: [missing] });
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

    async rejoin() {
      if (!store.model.rejoin || !store.model.contact) return;
      const contactId = store.model.contact.id;
      store.send({ type: "rejoin" });
      const connection = embedded ?? (await api.connection(contactId).catch(() => null));
      embedded = null;
      if (!isCurrent(contactId)) return;
      if (!connection) return store.send({ type: "expired" });
      await devices.open({ camera: cameraWanted });
      if (isCurrent(contactId)) await join(contactId, connection);
    },

    /** The one place where a call is ended for everyone: because the customer says so. */
    leave() {
      const before = store.model;
      store.send({ type: "leave" });
      const left = store.model !== before && store.model.state === "ended";
      if (left && before.contact) void endOnServer(before.contact.id);
    },

    again() {
      history.replaceState(null, "", page.urls.call);
      if (store.model.state === "failed" && detailsKnown) store.send({ type: "try_again" });
      else store.send({ type: "call_again", detailsKnown });
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

const placeOf = () => ({
  referrer: document.referrer,
  address: location.href,
  locale: document.documentElement.lang,
});
