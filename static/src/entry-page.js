/**
 * The customer's page until somebody calls: says whether one can, and has the rest of the page fetched as soon as somebody
 * seems to mean it. What was pressed meanwhile is done once the rest is here; if it cannot be had, the page says so.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {"idle"|"asked"|"late"|"failed"} Rest How far the rest of the page is, once something asks for it.
 * @typedef {object} CallPage The rest, once it has taken the page over.
 * @property {(action: string, button: Element) => void} act
 */
import { copyAddress } from "./copy-address.js";
import { h, setAttribute } from "./dom.js";
import { drawEntry } from "./entry-screens.js";
import { button, heading, progress, sentence } from "./parts.js";

/** What is here sooner needs no screen of its own. */
const UNNOTICED_MS = 300;
/** Whoever has looked at the page for so long may call. */
const IDLE_MS = 5_000;
const MEANING_TO_CALL = /** @type {const} */ (["pointerover", "focusin", "touchstart"]);

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {PageData} options.page
 * @param {Translate} options.t
 * @param {{polite: (id: string) => void}} options.announce
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, import("./call-model.js").CallEvent>>} options.store
 * @param {ReturnType<typeof import("./panel.js").createPanel>} options.panel
 * @param {() => Promise<() => CallPage>} options.fetchCall Fetches the rest, and gives what has it take the page over.
 */
export function createEntryPage({ root, page, t, announce, store, panel, fetchCall }) {
  const over = new AbortController();
  const { signal } = over;
  /** @type {Rest} */
  let rest = "idle";
  /** What was pressed last. */
  let pressed = { action: "", button: /** @type {Element} */ (root) };
  /** @type {CallModel["state"]} */
  let drawn = "loading";

  /** @returns {CallModel["state"]} */
  function shownState() {
    if (rest === "late") return "loading";
    return rest === "failed" ? "failed" : store.model.state;
  }

  function draw() {
    const state = shownState();
    setAttribute(root, "data-call-state", state);
    document.title = t("title.call", { company: page.entry_point.company });
    panel.show(state, SCREENS[state]?.(t) ?? drawEntry(t, { model: store.model, page, nowMs: Date.now() }), {
      focusHeading: drawn !== "loading" || rest === "failed",
    });
    drawn = state;
  }

  /** Fetches the rest of the page, which then does what was pressed last. */
  async function goOn() {
    if (rest === "asked" || rest === "late") return;
    const again = rest === "failed";
    rest = "asked";
    const slow = setTimeout(() => become("late"), UNNOTICED_MS);
    const takeOver = await fetchCall().catch(() => null);
    clearTimeout(slow);
    if (takeOver) return giveOver(takeOver);
    // A page that is older than what the portal has by now finds nothing any more.
    if (again && (await isReachable())) return location.reload();
    return become("failed");
  }

  /** @param {Rest} next */
  function become(next) {
    rest = next;
    draw();
  }

  /** @param {() => CallPage} takeOver */
  function giveOver(takeOver) {
    over.abort();
    unsubscribe();
    clearTimeout(idle);
    takeOver().act(pressed.action, pressed.button);
  }

  /** Ahead of time; a failure shows itself when it is needed. */
  const prefetch = () => void fetchCall().catch(() => undefined);

  /** @param {string} action @param {Element} button */
  function act(action, button) {
    if (action === "copy-link") return copyAddress(root, announce);
    if (action !== "try-again") pressed = { action, button };
    else if (rest === "idle") return location.reload();
    return goOn();
  }

  const unsubscribe = store.subscribe((next) => {
    // That there is no network says more, and goes away by itself.
    if (rest === "failed" && !next.online) rest = "idle";
    draw();
  });
  root.addEventListener("click", (event) => {
    const button = buttonOf(event);
    if (button) void act(button.getAttribute("data-action") ?? "", button);
  }, { signal });
  for (const type of MEANING_TO_CALL) {
    root.addEventListener(type, (event) => buttonOf(event) && prefetch(), { signal, passive: true });
  }
  const idle = setTimeout(() => {
    if (store.model.state === "ready" && !document.hidden && !savesData()) prefetch();
  }, IDLE_MS);

  return { goOn };
}

/** @param {Event} event @returns {Element|null} The button that it happened to. */
const buttonOf = ({ target }) => (target instanceof Element ? target.closest("[data-action]") : null);

/** @returns {boolean} The person has asked the browser to fetch little. */
const savesData = () => /** @type {any} */ (navigator).connection?.saveData === true;

/** @returns {Promise<boolean>} */
const isReachable = () =>
  fetch(location.href, { method: "HEAD", cache: "no-store" }).then((answer) => answer.ok, () => false);

/** @type {Partial<Record<CallModel["state"], (t: Translate) => Node[]>>} What stands where the entry point's state would. */
const SCREENS = {
  loading: (t) => [heading(t, "page.loading"), progress(t)],
  failed: (t) => [
    heading(t, "start.failed"),
    sentence(t, "start.failed.body"),
    h("div", { class: "actions" }, button(t, "try-again", "action.try_again", "primary")),
  ],
};
