/**
 * Speaks to screen readers through the page's two live regions: one that waits its turn and one
 * that interrupts. Nobody else writes to them, so each thing is said once.
 */
import { h } from "./dom.js";

/**
 * @param {{polite: Element, assertive: Element}} regions
 * @param {(id: string, values?: Record<string, string|number>) => string} t
 */
export function createAnnouncer(regions, t) {
  /** @param {Element} region */
  const into = (region) =>
    /**
     * @param {string} id
     * @param {Record<string, string|number>} [values]
     */
    (id, values) => {
      // A new node makes readers speak even when the same sentence is said twice in a row.
      region.replaceChildren(h("p", { "data-msg": id }, t(id, values)));
    };
  return {
    polite: into(regions.polite),
    assertive: into(regions.assertive),
    /** Takes back what is still shown: a new screen says it better. */
    hush() {
      regions.polite.replaceChildren();
      regions.assertive.replaceChildren();
    },
  };
}
