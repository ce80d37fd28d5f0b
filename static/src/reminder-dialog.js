/**
 * Asks for an address to write one mail to when the entry point opens: a form over the page, and afterwards what was
 * agreed.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { ProblemError } from "./contacts-api.js";
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { field, words } from "./fields.js";
import { pageLocale } from "./locale.js";
import { button } from "./parts.js";

const EMAIL_MAX_CHARACTERS = 254;

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {import("./types.js").PageData} options.page
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 */
export function createReminderDialog({ root, t, page, api }) {
  const dialog = createDialog(root, "reminder-title");
  let email = "";
  let wrong = false;
  /** @type {{id: string, seconds: number}|null} What went wrong as a whole. */
  let failure = null;
  let sending = false;
  /** When the mail will be sent. @type {string|null} RFC 3339. */
  let agreed = null;

  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    void send(String(form.get("email") ?? "").trim());
  });

  function draw() {
    dialog.replaceChildren(...(agreed ? drawAgreed(agreed) : drawForm()));
    const target =
      dialog.querySelector("[aria-invalid]") ?? dialog.querySelector("[role=alert]") ?? dialog.querySelector("h2");
    if (target instanceof HTMLElement) target.focus();
  }

  const drawForm = () => [
    title("reminder.form"),
    h(
      "form",
      { class: "form", novalidate: true },
      h("p", { "data-msg": "reminder.promise" }, t("reminder.promise")),
      field({
        label: words(t, "reminder.email"),
        problem: wrong ? t("reminder.email.wrong") : undefined,
        control: h("input", {
          id: "reminder-email", name: "email", type: "email", autocomplete: "email", inputmode: "email",
          required: true, value: email, maxlength: EMAIL_MAX_CHARACTERS,
        }),
      }),
      failure &&
        h(
          "p",
          { class: "field-problem", role: "alert", tabindex: "-1", "data-msg": failure.id },
          t(failure.id, { n: failure.seconds }),
        ),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          { type: "submit", class: "button button-primary", "data-action": "send-reminder", disabled: sending },
          words(t, "action.send_request"),
        ),
        button(t, "close-reminder", "action.back", "quiet"),
      ),
    ),
  ];

  /** @param {string} at */
  const drawAgreed = (at) => [
    title("reminder.done"),
    h("p", { "data-msg": "reminder.done.body" }, t("reminder.done.body", { time: timeOf(at) })),
    h("div", { class: "actions" }, button(t, "close-reminder", "action.done", "primary")),
  ];

  /** @param {string} id */
  const title = (id) => h("h2", { id: "reminder-title", tabindex: "-1", "data-msg": id }, t(id));

  /** @param {string} address */
  async function send(address) {
    if (sending) return;
    email = address;
    [sending, wrong, failure] = [true, false, null];
    draw();
    try {
      const locale = document.documentElement.lang;
      agreed = (await api.askForReminder({ entry_point: page.entry_point.slug, email, locale })).opens_at;
    } catch (error) {
      const problem = error instanceof ProblemError ? error : new ProblemError({ code: "unexpected" });
      wrong = problem.errors.some(({ pointer }) => pointer === "/email");
      const id = problem.code === "throttled" ? "entry.rate.body" : "reminder.failed";
      failure = wrong ? null : { id, seconds: problem.retryAfterS ?? 60 };
    }
    sending = false;
    draw();
  }

  return {
    open() {
      agreed = null;
      dialog.showModal();
      draw();
    },

    close: () => dialog.close(),
  };
}

/** @param {string} at RFC 3339. */
const timeOf = (at) => new Date(at).toLocaleString(pageLocale(), { dateStyle: "full", timeStyle: "short" });
