/**
 * What a tab keeps over a reload, and no longer: session storage, or, where the browser gives a
 * frame of another site none, the state of its entry in the session's history.
 *
 * @typedef {Pick<Storage, "getItem"|"setItem"|"removeItem">} TabStorage
 */

/** @returns {TabStorage} */
export function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return historyStorage();
  }
}

/** @returns {TabStorage} */
function historyStorage() {
  const kept = () => /** @type {Record<string, string>} */ (history.state ?? {});
  const keep = (/** @type {object} */ next) => history.replaceState(next, "");
  return {
    getItem: (name) => kept()[name] ?? null,
    setItem: (name, value) => keep({ ...kept(), [name]: value }),
    removeItem(name) {
      const { [name]: _gone, ...others } = kept();
      keep(others);
    },
  };
}
