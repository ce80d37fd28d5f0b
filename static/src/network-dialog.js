/**
 * The test of the connection before a call, in a dialog: what each test found, what it comes to and what helps, and a report
 * for support. It keeps nobody from calling.
 *
 * @typedef {import("./network-tests.js").Findings} Findings
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h, setAttribute } from "./dom.js";
import { icon } from "./icons.js";
import { testNetwork } from "./network-tests.js";
import { findingsOf, reportOf, reportTextOf, verdictOf } from "./network-verdict.js";
import { button, progress, sentence } from "./parts.js";
import { reportActions } from "./report-passing.js";
import { socketAddress } from "./status-socket.js";

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {import("./types.js").PageData} options.page
 * @param {(grade: import("./network-quality.js").Grade) => void} options.onVerdict
 */
export function createNetworkDialog({ root, t, page, onVerdict }) {
  const dialog = createDialog(root, "netcheck-title");
  const shown = h("pre", { class: "report-text", tabindex: 0 });
  const copiedWords = h("span", { "data-msg": "help.report.copied", hidden: true }, t("help.report.copied"));
  const copied = h("p", { role: "status" }, copiedWords);
  /** @type {Record<string, unknown>} */
  let report = {};
  let running = false;

  /** @param {string} id @param {...(Node|null)} nodes */
  function show(id, ...nodes) {
    dialog.replaceChildren(
      h("h2", { id: "netcheck-title", tabindex: "-1", "data-msg": id }, t(id)),
      ...nodes.filter((node) => node !== null),
    );
    dialog.querySelector("h2")?.focus();
  }

  async function run() {
    if (running) return;
    running = true;
    show("netcheck.testing", progress(t), h("div", { class: "actions" }, button(t, "stay", "action.close", "secondary")));
    const { urls, entry_point: entryPoint } = page;
    const found = await testNetwork({
      answer: urls.alive, socket: socketAddress(urls.availability_socket), download: urls.download,
    });
    running = false;
    report = reportOf(found, { browser: navigator.userAgent, at: new Date(), entryPoint: entryPoint.slug });
    shown.textContent = reportTextOf(t, found, report);
    setAttribute(copiedWords, "hidden", true);
    onVerdict(verdictOf(found).grade);
    drawFound(found);
  }

  /** @param {Findings} found */
  function drawFound(found) {
    const { id } = verdictOf(found);
    show(
      id,
      sentence(t, `${id}.body`),
      h("ul", { class: "checks" }, ...findingsOf(found).map((finding) =>
        h(
          "li",
          { "data-works": String(finding.works) },
          icon(finding.works ? "check" : "warning"),
          h("span", { "data-msg": finding.id }, t(finding.id, finding.values)),
        ))),
      h("p", { class: "note", "data-msg": "netcheck.untested" }, t("netcheck.untested")),
      h("details", { class: "report" },
        h("summary", { "data-msg": "help.report.details" }, t("help.report.details")),
        shown,
        h("div", { class: "actions" },
          button(t, "copy-report", "action.copy_report", "secondary"),
          button(t, "save-report-text", "action.save_report_text", "quiet"),
          button(t, "save-report-json", "action.save_report_json", "quiet")),
        copied),
      h("div", { class: "actions" },
        button(t, "stay", "action.close", "primary"),
        button(t, "test-network-again", "action.test_again", "secondary")),
    );
  }

  const actions = {
    "test-network-again": run,
    ...reportActions({ shown, copied: copiedWords, report: () => ({ name: "connection", json: report }) }),
  };
  dialog.addEventListener("click", ({ target }) => {
    const action = target instanceof Element && target.closest("[data-action]")?.getAttribute("data-action");
    if (action) void /** @type {Record<string, () => unknown>} */ (actions)[action]?.();
  });

  // The button that opened it was drawn anew meanwhile.
  dialog.addEventListener("close", () => {
    const opener = root.querySelector("[data-action=test-network]");
    if (opener instanceof HTMLElement) opener.focus();
  });

  return {
    open() {
      dialog.showModal();
      return run();
    },
    close: () => dialog.close(),
  };
}
