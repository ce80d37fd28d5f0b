/**
 * Puts a screen's nodes on the page: only when they differ from what is there, keeping the focus
 * where it was, and moving it to the heading when the screen is a new one.
 */

/** @param {HTMLElement} element */
export function createPanel(element) {
  let shown = "";

  return {
    /**
     * @param {string} screen Name of the screen.
     * @param {Node[]} nodes
     * @param {{focusHeading: boolean}} options Whether a new screen takes the focus.
     */
    show(screen, nodes, { focusHeading }) {
      const isNew = screen !== shown;
      shown = screen;
      if (!isNew && sameNodes(element.childNodes, nodes)) return;
      const focused = isNew ? null : selectorOfFocus(element);
      element.replaceChildren(...nodes);
      if (focused) focus(element.querySelector(focused));
      const problem = element.querySelector("[aria-invalid]");
      if (problem) focus(problem);
      else if (isNew && focusHeading) focus(element.querySelector("h1"));
    },
  };
}

/** @param {NodeListOf<ChildNode>} present @param {Node[]} wanted */
const sameNodes = (present, wanted) =>
  present.length === wanted.length &&
  wanted.every((node, index) => node.isEqualNode(present[index] ?? null));

/** @param {Element|null} target */
function focus(target) {
  if (target instanceof HTMLElement) target.focus();
}

/**
 * @param {HTMLElement} element
 * @returns {string|null} What finds the focused element again after its screen was rebuilt.
 */
function selectorOfFocus(element) {
  const focused = document.activeElement;
  if (!focused || !element.contains(focused)) return null;
  for (const name of ["data-action", "data-picker", "data-choice", "name"]) {
    const value = focused.getAttribute(name);
    if (value) return `[${name}="${value}"]`;
  }
  return null;
}
