/**
 * The page that says what happened to a call: shows its times as they were where the reader is, and
 * hands the report on, by the clipboard or as a file. Without this script the page says the same.
 */
import { required, setAttribute } from "./dom.js";
import { pageLocale } from "./locale.js";
import { reportActions } from "./report-passing.js";

const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement);
const report = JSON.parse(required("#call-report", HTMLScriptElement).textContent ?? "");
const { reference } = report;

for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString(pageLocale(), {
    dateStyle: "medium",
    timeStyle: "medium",
  });
}

const ACTIONS = reportActions({
  shown: part("report"),
  copied: part("copied"),
  report: () => ({ name: `call-${reference}`, json: report }),
});

document.addEventListener("click", ({ target }) => {
  const action = target instanceof Element && target.closest("[data-action]")?.getAttribute("data-action");
  if (action) void ACTIONS[action]?.();
});
setAttribute(part("report-actions"), "hidden", false);
