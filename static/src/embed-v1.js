/**
 * The script a company puts into its pages:
 * `<script async src="https://PORTAL/embed/v1.js" data-site="ENTRY-POINT"></script>`. It binds every
 * `[data-video-call]` element, or draws a button where there is none, and opens the call in a frame.
 * It sets no cookie and adds one global, `VideoCall`.
 *
 * Attributes: `data-site` (the entry point's slug), `data-name`, `data-lang`, and `data-attributes`
 * (JSON); what is said here is signed by nobody, and is marked so.
 */
import { createLine, fragmentOf } from "./embed-messages.js";
import { createPanel } from "./embed-panel.js";

const LAUNCHERS = "[data-video-call]";
const IDENTITY_WAIT_MS = 10_000;

const script = /** @type {HTMLScriptElement} */ (document.currentScript);
const portal = new URL(script.src).origin;
const site = script.dataset["site"] ?? "";

/**
 * @typedef {object} Caller Who calls, as the page says.
 * @property {string} [name]
 * @property {Record<string, string>} [attributes]
 * @property {string} [token] A signed identity.
 * @property {string} [locale]
 *
 * @typedef {{texts: Record<string, string>, address: string, company: string,
 *   theme: Record<string, string>, availability: Record<string, unknown>}} Settings
 */

/** @type {Map<string, Set<(detail: object) => void>>} */
const listeners = new Map();
/** @type {(() => Promise<string>)|null} */
let identity = null;
/** @type {Caller} */
let caller = {};
/** @type {ReturnType<typeof createLine>|null} */
let line = null;
/** @type {Map<string, Promise<Settings>>} By the language they are asked for in. */
const settings = new Map();

const panel = createPanel({ close: () => close() });

/** @param {string} type @param {object} [detail] */
function emit(type, detail = {}) {
  for (const listener of listeners.get(type) ?? []) {
    try {
      listener(detail);
    } catch (error) {
      reportError(error); // the host page's own mistake must not end the call
    }
  }
}

/** @returns {string} "" for the entry point's, or the browser's. */
const language = () => caller.locale ?? script.dataset["lang"] ?? "";

/** @returns {Promise<Settings>} Rejects with `{code, title, detail}`. */
function askSettings() {
  const asked = language();
  const known = settings.get(asked) ?? load(asked);
  settings.set(asked, known);
  known.catch(() => settings.delete(asked));
  return known;
}

/** @param {string} asked Language. */
async function load(asked) {
  const address = `${portal}/embed/${encodeURIComponent(site)}/button.json`;
  const response = await fetch(asked ? `${address}?lang=${encodeURIComponent(asked)}` : address).catch(
    () => Promise.reject({ code: "network", title: "", detail: "" }),
  );
  const type = response.headers.get("Content-Type") ?? "";
  const body = type.includes("json") ? await response.json() : {};
  if (!response.ok) throw { code: body.code ?? "not_found", title: body.title, detail: body.detail };
  panel.paint(body.theme);
  return body;
}

/** @param {Caller} [given] */
async function open(given = {}) {
  if (panel.isOpen) return panel.resize(false);
  caller = { ...snippetCaller(), ...given };
  try {
    openFrame(await askSettings());
  } catch (problem) {
    const { code, title, detail } = /** @type {Record<string, string>} */ (problem);
    emit("error", { code });
    if (title) panel.showRefusal(title, detail ?? "", { close: "×" });
  }
}

/** @param {Settings} found */
function openFrame({ address: path, texts }) {
  const nonce = crypto.randomUUID();
  const address = new URL(path, portal);
  if (language()) address.searchParams.set("lang", language());
  address.hash = fragmentOf(location.origin, nonce);
  const shown = panel.showFrame(address.href, texts);
  line?.close();
  const ends = { here: window, there: () => shown.contentWindow, origin: portal, nonce };
  line = createLine(ends, (message) => void receive(message));
  emit("opened");
}

/** @param {import("./embed-messages.js").Message} message */
async function receive({ type, detail }) {
  if (type === "ready") {
    const { name, attributes } = caller;
    line?.send({ type: "caller", name, attributes, signs: Boolean(caller.token ?? identity) });
  }
  if (type === "identify") line?.send({ type: "identity", token: await askIdentity() });
  if (type === "closed") hide();
  else if (type !== "identify") emit(type, /** @type {object} */ (detail ?? {}));
}

/** @returns {Promise<string>} "" when nobody signs, or not in time. */
async function askIdentity() {
  const { token } = caller;
  delete caller.token; // good for one call
  if (token || !identity) return token ?? "";
  const late = new Promise((resolve) => setTimeout(resolve, IDENTITY_WAIT_MS, ""));
  return String(await Promise.race([identity(), late]).catch(() => ""));
}

function close() {
  if (!panel.isOpen) return;
  if (line) line.send({ type: "close" });
  else hide();
}

function hide() {
  line?.close();
  line = null;
  panel.hide();
  emit("closed");
}

/** @returns {Caller} */
function snippetCaller() {
  const { name, attributes } = script.dataset;
  return {
    ...(name ? { name } : {}),
    ...(attributes ? { attributes: JSON.parse(attributes) } : {}),
  };
}

function start() {
  document.body.append(panel.place);
  document.addEventListener("click", (event) => {
    const launcher = event.target instanceof Element ? event.target.closest(LAUNCHERS) : null;
    if (!launcher) return;
    event.preventDefault();
    void open();
  });
  if (!document.querySelector(LAUNCHERS)) {
    askSettings().then(({ texts }) => panel.drawButton(texts["button"] ?? "", () => void open()), refused);
  }
}

/** @param {{code: string, title?: string, detail?: string}} problem */
function refused(problem) {
  emit("error", { code: problem.code });
  console.warn(`Video call button: ${problem.title || problem.code} ${problem.detail ?? ""}`);
}

/** The script's public face; documented in docs/how-to/embed-the-button.md. */
const VideoCall = {
  open,
  close,
  minimise: () => panel.isOpen && panel.resize(true),
  /** @param {string} type @param {(detail: object) => void} listener @returns {() => void} Stops it. */
  on(type, listener) {
    const those = listeners.get(type) ?? new Set();
    listeners.set(type, those.add(listener));
    return () => void those.delete(listener);
  },
  /** @param {() => Promise<string>} sign Asked for a fresh token at the form and before each call. */
  identify(sign) {
    identity = sign;
  },
  availability: () => askSettings().then(({ availability }) => availability),
};

Object.defineProperty(window, "VideoCall", { value: Object.freeze(VideoCall) });
if (document.body) start();
else document.addEventListener("DOMContentLoaded", start);
document.dispatchEvent(new CustomEvent("videocall:loaded"));
