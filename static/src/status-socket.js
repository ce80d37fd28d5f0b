/**
 * Follows the status of one thing: a WebSocket that brings whole snapshots, each with a version, and
 * a question over HTTP whenever the socket may have missed something. It owns reconnection and
 * ordering; it knows nothing of media or of the page, and losing it never ends a call.
 *
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 */

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 15_000;
/** Sooner than the portal gives up a customer who neither has a socket nor asks. */
const POLL_AFTER_MS = 4_000;
const POLL_EVERY_MS = 5_000;
/** The server's close code for a socket that may not see this: asking again is pointless. */
const CLOSE_UNKNOWN = 4404;
/** The server's close code when it ends, and all its sockets with it: they come back over these milliseconds. */
const CLOSE_RESTART = 1012;
const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 4_000;
/** The server says something every 20 s; a socket that says nothing for so long is dead, though nobody told. */
const SILENCE_MS = 45_000;

/**
 * Full-jitter exponential backoff.
 * @param {number} attempt From 0.
 * @param {() => number} [random] In [0, 1).
 * @returns {number} Milliseconds, between 500 and 15,000.
 */
export function backoffMs(attempt, random = Math.random) {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (attempt + 1));
  return BACKOFF_MIN_MS + random() * (ceiling - BACKOFF_MIN_MS);
}

/** @param {any} frame @returns {VersionedSnapshot|null} */
const contactIn = ({ type, contact, version }) => (type === "contact.status" ? { contact, version } : null);

/**
 * How long to wait before opening a socket again.
 * @param {number} code With which the last one was closed.
 * @param {number} attempt From 0.
 * @param {() => number} [random] In [0, 1).
 * @returns {number} Milliseconds.
 */
export function retryAfterMs(code, attempt, random = Math.random) {
  if (code !== CLOSE_RESTART) return backoffMs(attempt, random);
  return RESTART_MIN_MS + random() * (RESTART_MAX_MS - RESTART_MIN_MS);
}

/**
 * @param {string} path
 * @returns {string} The absolute address of a socket of this page's own server.
 */
export function socketAddress(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

/**
 * @template {{version: number}} [Status=VersionedSnapshot]
 * @param {object} options
 * @param {string} options.url Absolute ws:// or wss:// address.
 * @param {() => Promise<Status>} options.read Asks for the snapshot over HTTP.
 * @param {(status: Status) => void} options.onStatus Called with growing versions only.
 * @param {(frame: any) => Status|null} [options.statusIn] What a frame brings; null if it is of another kind.
 * @param {number} [options.version] The version already known.
 * @param {(url: string) => WebSocket} [options.open]
 * @param {EventTarget} [options.page] Says when the network is back and when the page is looked at again.
 * @returns {{close: () => void}}
 */
export function followStatus({
  url,
  read,
  onStatus,
  statusIn = /** @type {(frame: any) => any} */ (contactIn),
  version = 0,
  open = (address) => new WebSocket(address),
  page = globalThis.window ?? new EventTarget(),
}) {
  let last = version;
  let attempt = 0;
  let closed = false;
  /** @type {WebSocket|null} */
  let socket = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let retryTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let pollTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let silenceTimer;

  /** @param {Status} status */
  function take(status) {
    if (closed || status.version <= last) return;
    last = status.version;
    onStatus(status);
  }

  async function ask() {
    try {
      take(await read());
    } catch {
      // The next push or poll says it again; the call itself does not depend on this answer.
    }
  }

  async function poll() {
    const own = pollTimer;
    await ask();
    // Meanwhile the socket may have come back, and may even have been lost again.
    if (!closed && pollTimer === own) pollTimer = setTimeout(poll, POLL_EVERY_MS);
  }

  /** @param {MessageEvent<string>} message */
  function received({ data, target }) {
    if (target !== socket) return;
    heard();
    const frame = JSON.parse(data);
    const status = frame.v === 1 ? statusIn(frame) : null;
    if (status === null) return;
    const missed = last > 0 && status.version > last + 1;
    take(status);
    if (missed) void ask();
  }

  /** Also of a socket that neither opens nor closes, as behind some proxies. */
  function pollSoon() {
    pollTimer ??= setTimeout(poll, POLL_AFTER_MS);
  }

  function stopPolling() {
    clearTimeout(pollTimer);
    pollTimer = undefined;
  }

  /** Whoever says nothing for long is taken for dead: a connection may break without either end being told. */
  function heard() {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => {
      const dead = socket;
      lost({ code: 1006, target: dead });
      dead?.close();
    }, SILENCE_MS);
  }

  /** The laptop was asleep, or the network away: what was missed is asked for without waiting for the socket. */
  function awake() {
    if (closed || globalThis.document?.visibilityState === "hidden") return;
    void ask();
    if (socket === null) {
      clearTimeout(retryTimer);
      connect();
    }
  }

  /** @param {{target: EventTarget|null}} event */
  function opened({ target }) {
    if (target !== socket) return;
    attempt = 0;
    stopPolling();
    heard();
  }

  /** @param {{code: number, target: EventTarget|null}} event */
  function lost({ code, target }) {
    if (target !== socket) return;
    socket = null;
    clearTimeout(silenceTimer);
    if (code === CLOSE_UNKNOWN) stopPolling();
    if (closed || code === CLOSE_UNKNOWN) {
      closed = true;
      return;
    }
    retryTimer = setTimeout(connect, retryAfterMs(code, attempt));
    attempt += 1;
    pollSoon();
  }

  function connect() {
    socket = open(url);
    socket.addEventListener("open", opened);
    socket.addEventListener("message", received);
    socket.addEventListener("close", lost);
  }

  page.addEventListener("online", awake);
  page.addEventListener("visibilitychange", awake);
  connect();
  pollSoon();
  return {
    close() {
      closed = true;
      page.removeEventListener("online", awake);
      page.removeEventListener("visibilitychange", awake);
      clearTimeout(retryTimer);
      clearTimeout(silenceTimer);
      stopPolling();
      socket?.close();
    },
  };
}
