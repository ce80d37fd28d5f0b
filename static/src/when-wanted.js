/**
 * Dialogs that are part of the page only once somebody has opened them: their code is fetched then.
 *
 * @typedef {{open: () => unknown, close: () => void}} Opened
 */

/**
 * @template {Opened} Made
 * @param {() => Promise<Made>} make
 */
export function whenWanted(make) {
  /** @type {Promise<Made>|null} */
  let making = null;
  /** @type {Made|null} */
  let made = null;

  return {
    /** @returns {Made|null} Once it was wanted. */
    get made() {
      return made;
    },

    async open() {
      making ??= make();
      try {
        made = await making;
      } catch {
        making = null; // The network is away, which the page says elsewhere; another press tries again.
        return;
      }
      await made.open();
    },

    close() {
      made?.close();
    },
  };
}
