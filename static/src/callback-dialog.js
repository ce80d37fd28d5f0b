/**
 * Asks for a number to call back: a form over the page, and afterwards what was agreed. It leaves
 * the call, if there is one, alone: whoever waits keeps waiting.
 *
 * @typedef {import("./types.js").FieldProblem} FieldProblem
 * @typedef {import("./contacts-api.js").Callback} Callback
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { ProblemError } from "./contacts-api.js";
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { field, words } from "./fields.js";
import { pageLocale } from "./locale.js";
import { button } from "./parts.js";

/** Problems of the API by the field they are about; the others are told below the form. */
const PROBLEMS = /** @type {Record<string, string>} */ ({
  "/phone": "callback.phone.wrong",
  "/preferred_at": "callback.when.wrong",
  "/reason": "callback.reason.wrong",
});
const REASON_MAX_CHARACTERS = 1_000;
const PHONE_MAX_CHARACTERS = 40;

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {import("./types.js").PageData} options.page
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {() => {name: string, description: string}} options.details What the customer told already.
 */
export function createCallbackDialog({ root, t, page, api, details }) {
  const dialog = createDialog(root, "callback-title");
  let given = { phone: "", when: "", reason: "" };
  /** @type {FieldProblem[]} */
  let problems = [];
  /** @type {string|null} Message id of what went wrong as a whole. */
  let failure = null;
  let retryAfterS = 0;
  let sending = false;
  /** One for each wish, however often it must be sent. @type {string|null} */
  let key = null;
  /** @type {Callback|null} */
  let agreed = null;

  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    void send(new FormData(/** @type {HTMLFormElement} */ (event.target)));
  });

  function draw() {
    const nodes = agreed ? drawAgreed(agreed) : drawForm();
    dialog.replaceChildren(...nodes.filter((node) => node !== null));
    const wrong = dialog.querySelector("[aria-invalid]");
    const target = wrong ?? dialog.querySelector("[role=alert]") ?? dialog.querySelector("h2");
    if (target instanceof HTMLElement) target.focus();
  }

  /** @param {string} pointer */
  function problemOf(pointer) {
    const problem = problems.find((one) => one.pointer === pointer);
    return problem && t(PROBLEMS[pointer] ?? "callback.failed");
  }

  function drawForm() {
    return [
      title("callback.form"),
      h(
        "form",
        { class: "form", novalidate: true },
        field({
          label: words(t, "callback.phone"),
          problem: problemOf("/phone"),
          control: h("input", {
            id: "callback-phone", name: "phone", type: "tel", autocomplete: "tel", required: true,
            inputmode: "tel", value: given.phone, maxlength: PHONE_MAX_CHARACTERS,
          }),
        }),
        field({
          label: words(t, "callback.when"),
          problem: problemOf("/preferred_at"),
          control: h("input", {
            id: "callback-when", name: "when", type: "datetime-local", value: given.when,
          }),
        }),
        field({
          label: words(t, "callback.reason"),
          problem: problemOf("/reason"),
          control: h(
            "textarea",
            { id: "callback-reason", name: "reason", rows: 2, maxlength: REASON_MAX_CHARACTERS },
            given.reason,
          ),
        }),
        failure &&
          h(
            "p",
            { class: "field-problem", role: "alert", tabindex: "-1", "data-msg": failure },
            t(failure, { n: retryAfterS }),
          ),
        h(
          "div",
          { class: "actions" },
          h(
            "button",
            { type: "submit", class: "button button-primary", "data-action": "send-callback", disabled: sending },
            words(t, "action.send_request"),
          ),
          button(t, "close-callback", "action.back", "quiet"),
        ),
      ),
    ];
  }

  /** @param {Callback} callback */
  function drawAgreed({ phone, preferred_at: at, reference, state }) {
    if (state === "cancelled") {
      return [title("callback.cancelled"), h("div", { class: "actions" }, button(t, "close-callback", "action.done", "primary"))];
    }
    const values = { number: phone, when: at ? timeOf(at) : t("callback.soon"), ref: reference };
    return [
      title("callback.done"),
      h("p", { "data-msg": "callback.done.body" }, t("callback.done.body", values)),
      failure ? h("p", { class: "field-problem", role: "alert", tabindex: "-1", "data-msg": failure }, t(failure)) : null,
      h(
        "div",
        { class: "actions" },
        button(t, "close-callback", "action.done", "primary"),
        button(t, "cancel-callback", "action.cancel_request", "secondary"),
      ),
    ];
  }

  /** @param {string} id */
  const title = (id) => h("h2", { id: "callback-title", tabindex: "-1", "data-msg": id }, t(id));

  /** @param {FormData} form */
  async function send(form) {
    if (sending) return;
    const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
    const next = { phone: text("phone"), when: text("when"), reason: text("reason") };
    if (JSON.stringify(next) !== JSON.stringify(given)) key = null;
    given = next;
    key ??= crypto.randomUUID();
    sending = true;
    draw();
    await attempt(async () => {
      agreed = await api.askForCallback(bodyOf(), String(key));
    });
    sending = false;
    draw();
  }

  const bodyOf = () => ({
    entry_point: page.entry_point.slug,
    phone: given.phone,
    name: details().name,
    reason: given.reason,
    preferred_at: given.when ? new Date(given.when).toISOString() : null,
    locale: document.documentElement.lang,
  });

  /** @param {() => Promise<void>} ask */
  async function attempt(ask) {
    problems = [];
    failure = null;
    try {
      await ask();
    } catch (error) {
      const problem = error instanceof ProblemError ? error : new ProblemError({ code: "unexpected" });
      problems = problem.errors.filter(({ pointer }) => pointer in PROBLEMS);
      retryAfterS = problem.retryAfterS ?? 60;
      const throttled = problem.code === "throttled";
      failure = problems.length > 0 ? null : throttled ? "entry.rate.body" : "callback.failed";
    }
  }

  return {
    open() {
      agreed = null;
      key = null;
      given = { ...given, reason: given.reason || details().description.slice(0, REASON_MAX_CHARACTERS) };
      dialog.showModal();
      draw();
    },

    close: () => dialog.close(),

    async cancel() {
      const callback = agreed;
      if (!callback) return;
      await attempt(async () => {
        agreed = await api.cancelCallback(callback.id);
      });
      draw();
    },
  };
}

/** @param {string} at RFC 3339. */
const timeOf = (at) =>
  new Date(at).toLocaleString(pageLocale(), { dateStyle: "full", timeStyle: "short" });
