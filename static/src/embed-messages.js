/**
 * What a host page and the call in its frame tell each other. Each message carries the nonce that
 * the host page made for this frame; each side names the other's exact origin when it sends, and
 * looks at origin, window and nonce of what arrives.
 *
 * From the host: `caller` (who calls: name, attributes, whether an identity can be had),
 * `identity` (a signed token, asked for by `identify`), `close` (the person wants it gone).
 * From the frame: the events of the API, `identify`, and `closed` when the frame may go.
 */

export const CHANNEL = "connect-video-call";

/** Where the frame finds who holds it: in the fragment of its address, which no server sees. */
export const fragmentOf = (/** @type {string} */ origin, /** @type {string} */ nonce) =>
  `#${new URLSearchParams({ origin, nonce })}`;

/**
 * @param {string} fragment
 * @returns {{origin: string, nonce: string}|null} Null when nobody introduced themselves.
 */
export function holderOf(fragment) {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const origin = said.get("origin") ?? "";
  const nonce = said.get("nonce") ?? "";
  return /^https?:\/\/[^/]+$/.test(origin) && nonce.length >= 16 ? { origin, nonce } : null;
}

/**
 * @typedef {{type: string, [name: string]: unknown}} Message
 *
 * @param {object} ends
 * @param {Pick<Window, "addEventListener"|"removeEventListener">} ends.here
 * @param {() => (Pick<Window, "postMessage">|null)} ends.there
 * @param {string} ends.origin Of the other side.
 * @param {string} ends.nonce
 * @param {(message: Message) => void} receive
 */
export function createLine({ here, there, origin, nonce }, receive) {
  /** @param {MessageEvent} event */
  const listen = (event) => {
    const { data } = event;
    if (event.origin !== origin || event.source !== there() || typeof data !== "object" || !data) return;
    if (data.channel !== CHANNEL || data.nonce !== nonce || typeof data.type !== "string") return;
    receive(data);
  };
  here.addEventListener("message", /** @type {EventListener} */ (listen));
  return {
    /** @param {Message} message */
    send: (message) => there()?.postMessage({ ...message, channel: CHANNEL, nonce }, origin),
    close: () => here.removeEventListener("message", /** @type {EventListener} */ (listen)),
  };
}
