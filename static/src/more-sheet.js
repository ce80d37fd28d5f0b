/**
 * The controls that are not at hand in the bar, as a list of their own: a sheet over a narrow page, a
 * dialog over a wide one. Choosing one closes it first, so that the focus is back where it came from.
 */
import { createControls } from "./controls.js";
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { button } from "./parts.js";

/**
 * @param {Element} root
 * @param {(id: string, values?: Record<string, string|number>) => string} t
 */
export function createMoreSheet(root, t) {
  const dialog = createDialog(root, "more-title");
  dialog.classList.add("dialog-sheet");
  const list = h("div", { class: "sheet-controls" });
  const controls = createControls({ bar: list, t });
  dialog.append(
    h("h2", { id: "more-title", "data-msg": "more.title" }, t("more.title")),
    list,
    h("div", { class: "actions" }, button(t, "stay", "action.close", "secondary")),
  );
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || (target instanceof Element && target.closest("[data-action]"))) dialog.close();
  });

  return {
    /** @param {import("./controls.js").Control[]} offered */
    draw(offered) {
      controls.draw(offered);
      if (offered.length === 0) dialog.close();
    },
    open: () => dialog.showModal(),
    close: () => dialog.close(),
  };
}
