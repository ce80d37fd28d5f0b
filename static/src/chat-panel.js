/**
 * The chat beside the pictures: what was written, and where to write. Not a dialog, since the call goes on
 * beside it; Escape closes it. Draws and reports; what is sent where is not its business.
 *
 * @typedef {import("./chat-messages.js").ChatLog} ChatLog
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { MAX_TEXT } from "./chat-messages.js";
import { h, setAttribute } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.panel Empty; it becomes the chat.
 * @param {Translate} options.t
 * @param {(text: string) => void} options.onSend
 * @param {() => void} options.onClose
 */
export function createChatPanel({ panel, t, onSend, onClose }) {
  const lines = h("div", {
    class: "chat-lines", role: "log", "aria-live": "off", "aria-labelledby": "chat-title", tabindex: "0",
  });
  const field = h("textarea", {
    id: "chat-text", name: "chat", rows: 2, maxlength: MAX_TEXT, autocomplete: "off",
    "aria-label": t("chat.field"),
  });
  const form = h(
    "form",
    { class: "chat-form", novalidate: true },
    field,
    h("button", { type: "submit", class: "button button-primary button-small" },
      h("span", { "data-msg": "action.send" }, t("action.send"))),
  );
  const close = h(
    "button",
    { type: "button", class: "chat-close", "data-action": "close-chat", onclick: onClose },
    icon("close"),
    h("span", { class: "out-of-sight", "data-msg": "action.close" }, t("action.close")),
  );
  panel.append(
    h("header", { class: "chat-top" },
      h("h2", { id: "chat-title", tabindex: "-1", "data-msg": "chat.title" }, t("chat.title")), close),
    lines,
    form,
  );
  setAttribute(panel, "aria-labelledby", "chat-title");
  /** Number of the last line that is drawn. */
  let drawn = 0;

  function send() {
    if (field.value.trim() === "") return;
    onSend(field.value);
    field.value = "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    send();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") onClose();
  });

  return {
    /** @param {ChatLog} log */
    draw({ lines: written }) {
      const last = written.at(-1)?.number ?? 0;
      if (last === drawn) return;
      if (last < drawn) lines.replaceChildren();
      for (const line of written) if (line.number > drawn || last < drawn) lines.append(drawLine(t, line));
      while (lines.children.length > written.length) lines.firstElementChild?.remove();
      drawn = last;
      lines.scrollTop = lines.scrollHeight;
    },

    /** @param {boolean} open */
    show(open) {
      if (panel.hidden === !open) return;
      panel.hidden = !open;
      if (!open) return;
      lines.scrollTop = lines.scrollHeight;
      field.focus();
    },
  };
}

/** @param {Translate} t @param {import("./chat-messages.js").ChatLine} line */
const drawLine = (t, { name, text }) =>
  h(
    "div",
    { class: "chat-line", "data-own": name === "" },
    h("strong", {}, name || t("tile.self")),
    h("p", {}, text),
  );
