/**
 * Looks sentences up in the catalogue the server sent, already in the visitor's language, and
 * fills their gaps. Every sentence keeps its id on the element that shows it (`data-msg`).
 */

/**
 * @param {Record<string, string>} catalogue
 * @param {string} [locale] Of the numbers; the browser's own by default.
 * @returns {(id: string, values?: Record<string, string|number>) => string}
 */
export function createMessages(catalogue, locale) {
  const numbers = new Intl.NumberFormat(locale);
  /** @param {string|number|undefined} value @param {string} gap */
  const shown = (value, gap) => (typeof value === "number" ? numbers.format(value) : (value ?? gap));
  return (id, values = {}) => {
    // A call must not end for want of a sentence; that there is one for each id is tested.
    const text = catalogue[id] ?? id;
    const filled = text.replace(/\{(\w+)\}/g, (gap, name) => shown(values[name], gap));
    // A stand-in such as "the agent" may open a sentence.
    return text.startsWith("{") ? filled.charAt(0).toLocaleUpperCase() + filled.slice(1) : filled;
  };
}
