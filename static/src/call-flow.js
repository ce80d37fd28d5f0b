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
  let credentialsRenewed = false;
  /** @type {{close: () => void}|null} */
  let status = null;

  store.subscribe((next, previous) => {
    if (next.state === "ended" && next.contact?.end_reason) unwatch();
    if (next.state === previous.state) return;
    if (next.state === "details") devices.release();
    if (next.state === "requesting") void request();
    if (next.state === "joining" && previous.state === "requesting") watch();
    if (next.state === "ended" || next.state === "failed") finish();
  });

  /** Gives everything back before the last screen is painted. */
  function finish() {
    const { contact, endReason, state } = store.model;
    void live.leave();
    // How the call ended, and how long it was, may be told only after it is over.
    if (state === "failed") unwatch();
    else setTimeout(unwatch, ENDING_WAIT_MS);
    const byCustomer = endReason === "customer_left" || endReason === "abandoned";
    if (state === "ended" && contact && byCustomer && contact.state !== "ended") {
      void endOnServer(contact.id);
    }
  }

  /** @param {string} contactId */
  async function endOnServer(contactId) {
    try {
      store.send({ type: "snapshot", ...(await api.end(contactId)) });
    } catch {
      // The meeting was left: the contact centre ends the contact by itself.
    }
  }

  async function request() {
    const slow = setTimeout(() => store.send({ type: "took_long" }), SLOW_AFTER_MS);
    try {
      const reopened = reopenDevices();
      const answer = await api.start(bodyOf(page, details), {
        idempotencyKey: crypto.randomUUID(),
      });
      await reopened;
      await created(answer);
    } catch (error) {
      refused(error);
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
    if (store.model.state !== "requesting") {
      await endOnServer(contact.id); // The customer cancelled before the answer came.
      return;
    }
    history.replaceState(null, "", page.urls.page.replace(":id", contact.id));
    store.send({ type: "created", contact, version });
    if (connection) await join(connection);
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

  /** @param {Connection} connection */
  async function join(connection) {
    try {
      await live.join(connection);
    } catch {
      store.send({ type: "media_ended", reason: "service_error" });
    }
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

  function unwatch() {
    status?.close();
    status = null;
  }

  /** Fresh credentials are worth one try; what they were refused for may have passed. */
  async function renewCredentials() {
    const contactId = store.model.contact?.id;
    if (!contactId || credentialsRenewed) return expire();
    credentialsRenewed = true;
    try {
      await live.join(await api.connection(contactId));
    } catch {
      expire();
    }
  }

  const expire = () => store.send({ type: "media_ended", reason: "expired" });

  /** The meeting is over; the portal knows why, once the contact centre has told it. */
  async function askWhy() {
    const { contact, wasConnected } = store.model;
    const deadline = Date.now() + REASON_WAIT_MS;
    while (contact && store.model.state !== "ended" && Date.now() < deadline) {
      try {
        store.send({ type: "snapshot", ...(await api.read(contact.id)) });
      } catch {
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, REASON_ASK_EVERY_MS));
    }
    store.send({ type: "media_ended", reason: wasConnected ? "agent_ended" : "abandoned" });
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
      if (!connection) return store.send({ type: "expired" });
      await devices.open({ camera: cameraWanted });
      if (store.model.state === "joining") await join(connection);
    },

    leave: () => store.send({ type: "leave" }),

    again() {
      history.replaceState(null, "", page.urls.call);
      if (store.model.state === "failed" && detailsKnown) store.send({ type: "try_again" });
      else store.send({ type: "call_again", detailsKnown });
    },

    /** @param {string} statusName Of the SDK's session, when it has stopped for good. */
    mediaStopped(statusName) {
      const end = mediaEndOf(statusName);
      if (end === "ask_server") return askWhy();
      if (end === "expired_credentials") return renewCredentials();
      const reason = end === "unsupported" ? "service_error" : end;
      store.send({ type: "media_ended", reason });
      return undefined;
    },
  };
}

/**
 * @param {PageData} page
 * @param {CallDetails} details
 */
function bodyOf(page, details) {
  const from = document.referrer || location.href;
  // Whoever starts with sound alone may still turn the camera on later.
  const { video } = page.entry_point;
  return {
    entry_point: page.entry_point.slug,
    name: details.name,
    description: details.description,
    locale: document.documentElement.lang,
    references: { Page: { type: "URL", value: from } },
    capabilities: { customer: { video, screen_share: false }, agent: { video: true } },
  };
}
