/**
 * Keeps the page's word on whether one can call true: follows the entry point's availability while
 * nothing else is at hand, and hears of the browser going offline and coming back.
 *
 * @typedef {import("./entry.js").Availability} Availability
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 */
import { isLive } from "./call-model.js";
import { followStatus, socketAddress } from "./status-socket.js";

const TIMEOUT_MS = 10_000;

/**
 * @param {object} options
 * @param {PageData} options.page
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, CallEvent>>} options.store
 */
export function watchEntry({ page, store }) {
  // Of the same version there may be news: what is open changes with time.
  let version = page.entry_point.availability.version - 1;
  /** @type {{close: () => void}|null} */
  let following = null;

  function follow() {
    following = followStatus({
      url: socketAddress(page.urls.availability_socket),
      version,
      read: async () => {
        const { version: told, ...availability } = await read(page.urls.availability);
        return { version: told, availability };
      },
      statusIn: (frame) =>
        frame.type === "availability" ? { version: frame.version, availability: frame.availability } : null,
      onStatus: (status) => {
        version = status.version;
        store.send({ type: "availability", availability: status.availability });
      },
    });
  }

  /** In a call nobody asks whether one can call. @param {CallModel} model */
  function followOrNot({ state }) {
    const wanted = !isLive(state) && state !== "loading" && state !== "requesting";
    if (wanted && !following) follow();
    if (!wanted) {
      following?.close();
      following = null;
    }
  }

  store.subscribe(followOrNot);
  followOrNot(store.model);
  for (const type of /** @type {const} */ (["online", "offline"])) {
    addEventListener(type, () => store.send({ type: "connectivity", online: type === "online" }));
  }
}

/**
 * The same to everybody, so that nobody need be known. Rejects when the portal does not tell.
 * @param {string} address
 * @returns {Promise<Availability & {version: number}>}
 */
async function read(address) {
  const answer = await fetch(address, { credentials: "omit", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`availability: ${answer.status}`);
  return answer.json();
}
