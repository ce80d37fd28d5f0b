/**
 * Whom or where to: the dialogs in which the agent picks a colleague to invite or a queue to send
 * the call to. What is picked is reported, not done.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 * @typedef {{id: string, name: string, note: string, disabled?: boolean}} Choice
 */
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { createPanel } from "./panel.js";
import { button } from "./parts.js";

/**
 * @param {Element} root
 * @param {Translate} t
 * @param {object} options
 * @param {string} options.name Of the dialog; its sentences are `<name>.title` and `<name>.empty`.
 * @param {(id: string) => void} options.onPick
 */
export function createChoiceDialog(root, t, { name, onPick }) {
  const titleId = `${name}-title`;
  const dialog = createDialog(root, titleId);
  const choices = h("div");
  const list = createPanel(choices);
  dialog.append(
    h("h2", { id: titleId, "data-msg": `${name}.title` }, t(`${name}.title`)),
    choices,
    h("div", { class: "actions" }, button(t, "stay", "action.cancel", "secondary")),
  );
  dialog.addEventListener("click", (event) => {
    const picked = event.target instanceof Element ? event.target.closest("[data-choice]") : null;
    const id = picked?.getAttribute("data-choice");
    if (!id) return;
    dialog.close();
    onPick(id);
  });

  return {
    /** @param {Choice[]} offered What there is now; it may change while the dialog is open. */
    draw(offered) {
      const nodes =
        offered.length > 0
          ? h("ul", { class: "choices" }, ...offered.map(drawChoice))
          : h("p", { "data-msg": `${name}.empty` }, t(`${name}.empty`));
      list.show("choices", [nodes], { focusHeading: false });
    },
    open: () => dialog.showModal(),
    close: () => dialog.close(),
  };
}

/** @param {Choice} choice */
const drawChoice = ({ id, name, note, disabled }) =>
  h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "choice", "data-choice": id, disabled: disabled === true },
      h("strong", {}, name),
      h("span", {}, note),
    ),
  );
