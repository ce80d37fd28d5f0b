/**
 * The page that holds this one in a frame, or the frame that opened it in a tab: is told how the
 * call goes, says who calls, and signs for it when asked. Without one, all of it does nothing.
 *
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./types.js").Caller} Caller
 */
import { createLine, fragmentOf, holderOf } from "./embed-messages.js";
import { nameSignedIn } from "./signed-name.js";
import { tabStorage } from "./tab-storage.js";

const HOLDER = "video-call-holder";
const IDENTITY_WAIT_MS = 12_000;
/** @type {Partial<Record<CallModel["state"], string>>} */
const TOLD = { queued: "queued", connected: "connected", ended: "ended", failed: "error" };

/** @returns {{origin: string, nonce: string, there: Window}|null} */
function findHolder() {
  const there = window.opener ?? (window.parent === window ? null : window.parent);
  const storage = tabStorage();
  const said = holderOf(location.hash);
  if (said) {
    history.replaceState(history.state, "", location.pathname + location.search);
    // A reload of the frame alone finds its address without the fragment.
    storage.setItem(HOLDER, JSON.stringify(said));
  }
  const holder = said ?? JSON.parse(storage.getItem(HOLDER) ?? "null");
  return holder && there ? { ...holder, there } : null;
}

/**
 * @param {object} options
 * @param {boolean} options.embedded
 * @param {(caller: Caller & {signedName: string}) => void} options.introduced Who calls, as the holder says.
 * @param {() => void} options.close The person wants the call gone.
 */
export function createHost({ embedded, introduced, close }) {
  const holder = embedded ? findHolder() : null;
  /** @type {Caller} */
  let caller = { name: "", attributes: {}, signs: false };
  /** @type {((token: string) => void)|null} */
  let signed = null;

  /** @param {import("./embed-messages.js").Message} message */
  function receive(message) {
    if (message.type === "caller") void introduce(callerOf(message));
    if (message.type === "identity") signed?.(String(message["token"] ?? ""));
    if (message.type === "close") close();
  }

  const line =
    holder &&
    createLine({ here: window, there: () => holder.there, origin: holder.origin, nonce: holder.nonce }, receive);

  /** @returns {Promise<string>} A signed token, or "". */
  function identify() {
    if (!line || !caller.signs) return Promise.resolve("");
    return new Promise((resolve) => {
      signed = resolve;
      setTimeout(resolve, IDENTITY_WAIT_MS, "");
      line.send({ type: "identify" });
    });
  }

  /** What the company signs is its own, and stands before what the page says. @param {Caller} told */
  async function introduce(told) {
    caller = told;
    introduced({ ...told, signedName: "" });
    const signedName = nameSignedIn(await identify());
    if (signedName && caller === told) introduced({ ...told, signedName });
  }

  return {
    ready: () => line?.send({ type: "ready", detail: {} }),
    closed: () => line?.send({ type: "closed" }),
    /** @param {string} type @param {object} detail */
    say: (type, detail) => line?.send({ type, detail }),
    /** @returns {Promise<{identity?: string, attributes: Record<string, string>}>} For the start of a call. */
    async vouch() {
      const identity = await identify();
      return { attributes: caller.attributes, ...(identity ? { identity } : {}) };
    },
    /** @param {CallModel} next @param {CallModel} previous */
    tell(next, previous) {
      const type = TOLD[next.state];
      const reason = next.contact?.end_reason ?? null;
      const again = next.state === previous.state && reason === (previous.contact?.end_reason ?? null);
      if (!type || again) return;
      const reference = next.contact?.reference ?? next.failure?.reference ?? null;
      const code = next.failure?.code ?? null;
      const detail = type === "ended" ? { end_reason: reason, reference } : { reference };
      line?.send({ type, detail: type === "error" ? { code, reference } : detail });
    },
    /** Opens the call in a tab of its own, which is then told what this frame was. @param {string} address */
    moveToTab(address) {
      const nonce = crypto.randomUUID();
      const tab = window.open(address + fragmentOf(location.origin, nonce));
      if (!tab) return;
      const ends = { here: window, there: () => tab, origin: location.origin, nonce };
      const toTab = createLine(ends, (message) => {
        if (message.type === "ready") toTab.send({ type: "caller", ...caller });
        else if (message.type === "identify") void identify().then((token) => toTab.send({ type: "identity", token }));
        else line?.send(message);
      });
    },
  };
}

/** @param {import("./embed-messages.js").Message} message @returns {Caller} */
function callerOf({ name, attributes, signs }) {
  const given = typeof attributes === "object" && attributes ? Object.entries(attributes) : [];
  const texts = given.filter((pair) => typeof pair[1] === "string");
  return {
    name: typeof name === "string" ? name : "",
    attributes: Object.fromEntries(texts),
    signs: signs === true,
  };
}
