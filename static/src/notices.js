/**
 * Draws what the call has to say for longer than a moment, over the pictures: one sentence each, and
 * what can be done about it. A notice that stays keeps its place and the focus; each is read out once,
 * as it appears.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} Notice
 * @property {string} id Message id.
 * @property {Record<string, string|number>} [values]
 * @property {boolean} [explained] There is a second sentence, `<id>.body`.
 * @property {{action: string, label: string, look?: "primary"|"secondary"|"quiet"}[]} [buttons]
 */
import { h, setText } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.element A polite live region.
 * @param {Translate} options.t
 * @param {() => void} options.focusElsewhere A notice took the focus away with it.
 */
export function createNotices({ element, t, focusElsewhere }) {
  /** @type {Map<string, ReturnType<typeof createNotice>>} By message id. */
  const shown = new Map();

  return {
    /** @param {Notice[]} notices The most urgent first. */
    draw(notices) {
      const wanted = new Set(notices.map(({ id }) => id));
      for (const [id, { node }] of shown) {
        if (wanted.has(id)) continue;
        const hadFocus = node.contains(document.activeElement);
        node.remove();
        shown.delete(id);
        if (hadFocus) focusElsewhere();
      }
      for (const notice of notices) {
        const known = shown.get(notice.id) ?? createNotice(t, notice);
        if (!shown.has(notice.id)) {
          shown.set(notice.id, known);
          element.append(known.node);
        }
        setText(known.text, t(notice.id, notice.values));
        if (known.body) setText(known.body, t(`${notice.id}.body`, notice.values));
      }
    },
  };
}

/** @param {Translate} t @param {Notice} notice */
function createNotice(t, { id, explained, buttons = [] }) {
  const text = h("p", { class: "notice-text", "data-msg": id });
  const body = explained ? h("p", { class: "notice-body", "data-msg": `${id}.body` }) : null;
  const node = h(
    "div",
    { class: "call-notice", "data-notice": id },
    h("div", { class: "notice-words" }, text, body),
    buttons.length > 0 &&
      h("div", { class: "notice-actions" }, ...buttons.map((button) => drawButton(t, id, button))),
  );
  return { node, text, body };
}

/**
 * @param {Translate} t
 * @param {string} notice
 * @param {{action: string, label: string, look?: string}} button
 */
function drawButton(t, notice, { action, label, look = "secondary" }) {
  const closes = action === "dismiss";
  return h(
    "button",
    { type: "button", class: `button button-small button-${look}`, "data-action": action, "data-about": notice },
    closes && label === "action.close" ? icon("close") : null,
    h("span", { "data-msg": label, class: closes && label === "action.close" ? "out-of-sight" : null }, t(label)),
  );
}
