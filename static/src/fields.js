/**
 * Fields of forms: a label, a control, and beside it what is wrong with what was given.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 * @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Control
 */
import { h } from "./dom.js";

/**
 * @param {Control} control
 * @param {string|undefined} problem
 * @param {string} [describedBy] Id of what else is said of the control.
 * @returns {HTMLElement|false} The sentence that tells the problem, tied to the control.
 */
function told(control, problem, describedBy) {
  const id = `${control.id}-problem`;
  const described = [describedBy, problem && id].filter(Boolean).join(" ");
  if (described) control.setAttribute("aria-describedby", described);
  if (!problem) return false;
  control.setAttribute("aria-invalid", "true");
  return h("p", { class: "field-problem", id }, problem);
}

/**
 * @param {{label: Node, problem?: string, note?: Node, control: Control}} options
 */
export function field({ label, problem, note, control }) {
  const noteId = `${control.id}-note`;
  return h(
    "div",
    { class: "field" },
    h("label", { for: control.id }, label),
    control,
    note && h("p", { class: "note", id: noteId }, note),
    told(control, problem, note && noteId),
  );
}

/**
 * A box to tick, with what it is about.
 * @param {{label: Node, problem?: string, describedBy?: string, control: HTMLInputElement}} options
 */
export const tick = ({ label, problem, describedBy, control }) =>
  h(
    "div",
    { class: "field" },
    h("label", { class: "choice", for: control.id }, control, label),
    told(control, problem, describedBy),
  );

/** @param {Translate} t @param {string} id Message id. */
export const words = (t, id) => h("span", { "data-msg": id }, t(id));
