/**
 * Dialogs that are part of the page only once somebody has opened them: their code is fetched then.
 *
 * @typedef {{open: () => unknown, close: () => void}} Opened
 */

import { fetchedOnce } from "./fetched-once.js";

/**
 * @template {Opened} Made
 * @param {() => Promise<Made>} make
 */
export function whenWanted(make) {
  const making = fetchedOnce(make);
  /** @type {Made|null} */
  let made = null;

  return {
    /** @returns {Made|null} Once it was wanted. */
    get made() {
      return made;
    },

    async open() {
      try {
        made = await making();
      } catch {
        return; // The network is away, which the page says elsewhere; another press tries again.
      }
      await made.open();
    },

    close() {
      made?.close();
    },
  };
}
