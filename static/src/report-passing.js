/**
 * Hands a report on: by the clipboard, or as a file. It knows nothing of what is in it.
 */
import { setAttribute } from "./dom.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.shown Holds the report's text, inside of `<details>`.
 * @param {HTMLElement} options.copied Says that it was copied.
 * @param {() => {name: string, json: unknown}} options.report name: of the files, without their ending.
 * @returns {Record<string, () => unknown>} By `data-action`.
 */
export function reportActions({ shown, copied, report }) {
  async function copy() {
    setAttribute(copied, "hidden", true);
    const done = await navigator.clipboard?.writeText(shown.textContent ?? "").then(() => true, () => false);
    setAttribute(copied, "hidden", !done);
    if (!done) mark();
  }

  /** Without a clipboard the report is shown and marked, ready to be copied by hand. */
  function mark() {
    shown.closest("details")?.setAttribute("open", "");
    shown.focus();
    getSelection()?.selectAllChildren(shown);
  }

  /** @param {string} text @param {string} type @param {string} ending */
  function save(text, type, ending) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${report().name}.${ending}`;
    link.click();
    URL.revokeObjectURL(url);
  }

  return {
    "copy-report": copy,
    "save-report-text": () => save(`${shown.textContent}\n`, "text/plain", "txt"),
    "save-report-json": () => save(JSON.stringify(report().json, null, 2), "application/json", "json"),
  };
}
