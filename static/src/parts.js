/**
 * The pieces every screen is made of: a heading, a sentence, a button, the call's reference. Each
 * keeps its message's id on the element that shows it.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 * @typedef {Record<string, string|number>} Values
 */
import { h } from "./dom.js";

/** @param {Translate} t @param {string} id @param {Values} [values] */
export const heading = (t, id, values) =>
  h("h1", { tabindex: "-1", "data-msg": id }, t(id, values));

/** @param {Translate} t @param {string} id @param {Values} [values] */
export const sentence = (t, id, values) => h("p", { "data-msg": id }, t(id, values));

/**
 * @param {Translate} t
 * @param {string} action Value of `data-action`.
 * @param {string} label Message id.
 * @param {"primary"|"secondary"|"quiet"|"danger"} look
 */
export const button = (t, action, label, look) =>
  h(
    "button",
    { type: "button", class: `button button-${look}`, "data-action": action },
    h("span", { "data-msg": label }, t(label)),
  );

/**
 * @param {Translate} t
 * @param {string} href
 * @param {string} label Message id.
 * @param {"primary"|"quiet"} [look]
 */
export const link = (t, href, label, look = "primary") =>
  h(
    "a",
    { class: `button button-${look}`, href },
    h("span", { "data-msg": label }, t(label)),
  );

/**
 * @param {Translate} t
 * @param {string|null|undefined} reference
 */
export const referenceLine = (t, reference) =>
  reference
    ? h(
        "p",
        { class: "reference" },
        h("span", { "data-msg": "reference" }, t("reference")),
        " ",
        h("strong", { "data-reference": true }, reference),
      )
    : null;

/** @param {Translate} t */
export const progress = (t) =>
  h("div", { class: "progress", role: "progressbar", "aria-label": t("page.loading") });
