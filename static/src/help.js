/**
 * The page that says what happened to a call: shows its times as they were where the reader is, and
 * hands the report on, by the clipboard or as a file. Without this script the page says the same.
 */
import { required, setAttribute } from "./dom.js";
import { pageLocale } from "./locale.js";

const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement);
const report = part("report");
const copied = part("copied");
const json = required("#call-report", HTMLScriptElement).textContent ?? "";
const { reference } = JSON.parse(json);

for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString(pageLocale(), {
    dateStyle: "medium",
    timeStyle: "medium",
  });
}

async function copy() {
  setAttribute(copied, "hidden", true);
  const done = await navigator.clipboard?.writeText(report.textContent ?? "").then(() => true, () => false);
  setAttribute(copied, "hidden", !done);
  if (!done) mark();
}

/** Without a clipboard the report is shown and marked, ready to be copied by hand. */
function mark() {
  report.closest("details")?.setAttribute("open", "");
  report.focus();
  getSelection()?.selectAllChildren(report);
}

/** @param {string} text @param {string} type @param {string} ending */
function save(text, type, ending) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `call-${reference}.${ending}`;
  link.click();
  URL.revokeObjectURL(url);
}

/** @type {Record<string, () => unknown>} By `data-action`. */
const ACTIONS = {
  "copy-report": copy,
  "save-report-text": () => save(`${report.textContent}\n`, "text/plain", "txt"),
  "save-report-json": () => save(JSON.stringify(JSON.parse(json), null, 2), "application/json", "json"),
};

document.addEventListener("click", ({ target }) => {
  const action = target instanceof Element && target.closest("[data-action]")?.getAttribute("data-action");
  if (action) void ACTIONS[action]?.();
});
setAttribute(part("report-actions"), "hidden", false);
