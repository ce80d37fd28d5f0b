/**
 * The keypad: keys are gathered, then sent together, one lot after the other, so that they arrive in the
 * order in which they were pressed. The portal plays them to the contact centre.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h, setAttribute, setText } from "./dom.js";
import { button } from "./parts.js";

const KEYS = [..."123456789*0#"];
const KEY = /^[0-9*#,]$/;
/** The portal takes no more at once. */
const MAX_DIGITS = 50;

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {(digits: string, key: string) => Promise<void>} options.send Idempotent by its key.
 */
export function createKeypad({ root, t, send }) {
  const dialog = createDialog(root, "keypad-title");
  const shown = h("input", {
    class: "keypad-shown", readonly: true, inputmode: "none", dir: "ltr", "aria-labelledby": "keypad-title",
  });
  const said = h("p", { class: "keypad-said", role: "status" });
  dialog.append(
    h("h2", { id: "keypad-title", "data-msg": "dtmf.title" }, t("dtmf.title")),
    shown,
    h("div", { class: "keypad-keys", dir: "ltr" }, ...KEYS.map((digit) =>
      h("button", { type: "button", class: "keypad-key", "data-digit": digit }, digit))),
    said,
    h("div", { class: "actions" },
      button(t, "send-digits", "action.send", "primary"),
      button(t, "delete-digit", "action.delete_digit", "secondary"),
      button(t, "stay", "action.close", "secondary")),
  );
  /** What was sent and did not arrive: sent again unchanged, it is keyed in once. */
  let unsent = { digits: "", key: "" };
  let sending = Promise.resolve();

  /** @param {string} digits */
  function show(digits) {
    shown.value = digits.slice(0, MAX_DIGITS);
  }

  /** @param {string} id Of the sentence to say, or "". */
  function say(id) {
    setAttribute(said, "data-msg", id || null);
    setText(said, id && t(id));
  }

  /** @param {string} digit */
  function press(digit) {
    say("");
    show(shown.value + digit);
  }

  function sendShown() {
    const digits = shown.value;
    if (digits === "") return;
    const key = digits === unsent.digits ? unsent.key : crypto.randomUUID();
    show("");
    say("");
    sending = sending.then(() => send(digits, key)).then(
      () => {
        unsent = { digits: "", key: "" };
        say("dtmf.sent");
      },
      () => {
        unsent = { digits, key };
        show(digits + shown.value);
        say("dtmf.error");
      },
    );
  }

  dialog.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("[data-digit], [data-action]") : null;
    const digit = pressed?.getAttribute("data-digit");
    const action = pressed?.getAttribute("data-action");
    if (digit) press(digit);
    else if (action === "send-digits") sendShown();
    else if (action === "delete-digit") show(shown.value.slice(0, -1));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (KEY.test(event.key)) press(event.key);
    else if (event.key === "Backspace") show(shown.value.slice(0, -1));
    else if (event.key === "Enter" && event.target === shown) sendShown();
    else return;
    event.preventDefault();
  });

  return {
    open() {
      say("");
      dialog.showModal();
      shown.focus();
    },
    close: () => dialog.close(),
  };
}
