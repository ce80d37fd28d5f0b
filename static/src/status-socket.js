/**
 * Follows one contact's status: a WebSocket that brings whole snapshots, each with a version, and
 * a question over HTTP whenever the socket may have missed something. It owns reconnection and
 * ordering; it knows nothing of media or of the page, and losing it never ends a call.
 *
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 */

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 15_000;
const POLL_AFTER_MS = 10_000;
const POLL_EVERY_MS = 5_000;
/** The server's close code for a socket that may not see this contact: asking again is pointless. */
const CLOSE_UNKNOWN_CONTACT = 4404;

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

/**
 * @param {object} options
 * @param {string} options.url Absolute ws:// or wss:// address.
 * @param {() => Promise<VersionedSnapshot>} options.read Asks for the snapshot over HTTP.
 * @param {(status: VersionedSnapshot) => void} options.onStatus Called with growing versions only.
 * @param {number} [options.version] The version already known.
 * @param {(url: string) => WebSocket} [options.open]
 * @returns {{close: () => void}}
 */
export function followStatus({
  url, read, onStatus, version = 0, open = (address) => new WebSocket(address),
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

  /** @param {VersionedSnapshot} status */
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
  function received({ data }) {
    const frame = JSON.parse(data);
    if (frame.v !== 1 || frame.type !== "contact.status") return;
    const missed = last > 0 && frame.version > last + 1;
    take({ contact: frame.contact, version: frame.version });
    if (missed) void ask();
  }

  function stopPolling() {
    clearTimeout(pollTimer);
    pollTimer = undefined;
  }

  function opened() {
    attempt = 0;
    stopPolling();
  }

  /** @param {{code: number}} event */
  function lost({ code }) {
    socket = null;
    if (code === CLOSE_UNKNOWN_CONTACT) stopPolling();
    if (closed || code === CLOSE_UNKNOWN_CONTACT) return;
    retryTimer = setTimeout(connect, backoffMs(attempt));
    attempt += 1;
    pollTimer ??= setTimeout(poll, POLL_AFTER_MS);
  }

  function connect() {
    socket = open(url);
    socket.addEventListener("open", opened);
    socket.addEventListener("message", received);
    socket.addEventListener("close", lost);
  }

  connect();
  return {
    close() {
      closed = true;
      clearTimeout(retryTimer);
      stopPolling();
      socket?.close();
    },
  };
}
