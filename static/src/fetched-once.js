/**
 * Code that is wanted only by some is fetched once, by whoever asks first, and again only after it could not be had.
 *
 * @template Fetched
 * @param {() => Promise<Fetched>} fetching
 * @returns {() => Promise<Fetched>}
 */
export function fetchedOnce(fetching) {
  /** @type {Promise<Fetched>|null} */
  let fetched = null;
  return () => {
    fetched ??= fetching().catch((error) => {
      fetched = null;
      throw error;
    });
    return fetched;
  };
}
