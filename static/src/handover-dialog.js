/**
 * The code a customer shows to their phone's camera, to go on with the call there. It works once and
 * for a short while, which is counted down; a new one can be made.
 *
 * @typedef {import("./contacts-api.js").Handover} Handover
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h, setAttribute, setText } from "./dom.js";
import { button } from "./parts.js";

const SVG = "http://www.w3.org/2000/svg";
const TICK_MS = 1_000;

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {() => Promise<Handover>} options.make
 */
export function createHandoverDialog({ root, t, make }) {
  const dialog = createDialog(root, "handover-title");
  const place = h("div", { class: "handover-code" });
  const left = h("p");
  const said = h("p", { role: "status" });
  const again = button(t, "new-code", "action.new_code", "secondary");
  dialog.append(
    h("h2", { id: "handover-title", "data-msg": "handover.title" }, t("handover.title")),
    h("p", { "data-msg": "handover.body" }, t("handover.body")),
    place, left, said,
    h("div", { class: "actions" }, again, button(t, "stay", "action.close", "primary")),
  );
  let expiresAtMs = 0;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let ticking;

  /** @param {Element} where @param {string} id Message id, or "". @param {Record<string, number>} [values] */
  function say(where, id, values) {
    setAttribute(where, "data-msg", id || null);
    setText(where, id && t(id, values));
  }

  function tick() {
    const leftS = Math.ceil((expiresAtMs - Date.now()) / 1_000);
    if (leftS > 0) return say(left, "handover.left", { s: leftS });
    clearInterval(ticking);
    place.replaceChildren();
    say(left, "");
    say(said, "handover.expired");
    setAttribute(again, "hidden", false);
  }

  async function open() {
    clearInterval(ticking);
    place.replaceChildren();
    say(left, "");
    say(said, "");
    setAttribute(again, "hidden", true);
    if (!dialog.open) dialog.showModal();
    try {
      const { code, lifetime_s } = await make();
      // Counted here: the clocks of two machines need not agree.
      expiresAtMs = Date.now() + lifetime_s * 1_000;
      place.replaceChildren(drawCode(code, t("handover.code")));
      tick();
      ticking = setInterval(tick, TICK_MS);
    } catch {
      say(said, "handover.fail");
      setAttribute(again, "hidden", false);
    }
  }

  dialog.addEventListener("close", () => {
    clearInterval(ticking);
    place.replaceChildren();
  });
  return { open, close: () => dialog.close() };
}

/** @param {Handover["code"]} code @param {string} name */
function drawCode({ size, path }, name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": name })) {
    svg.setAttribute(attribute, value);
  }
  const modules = document.createElementNS(SVG, "path");
  modules.setAttribute("d", path);
  svg.append(modules);
  return svg;
}
