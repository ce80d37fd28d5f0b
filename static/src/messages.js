/**
 * Looks sentences up in the catalogue the server sent, already in the visitor's language, and
 * fills their gaps. Every sentence keeps its id on the element that shows it (`data-msg`).
 *
 * @typedef {Record<string, string|Record<string, string>>} Catalogue By id. A sentence that depends
 *   on the number `{n}` is an object of its forms, by the names of `Intl.PluralRules`.
 */

/** Keeps what is filled in from changing places with the sentence around it, whichever way either is read. */
const isolated = (/** @type {string} */ text) => `\u2068${text}\u2069`;

/**
 * @param {Catalogue} catalogue
 * @param {string} [locale] Of the numbers; the browser's own by default.
 * @param {{rightToLeft?: boolean}} [direction] Of the language.
 * @returns {(id: string, values?: Record<string, string|number>) => string}
 */
export function createMessages(catalogue, locale, { rightToLeft = false } = {}) {
  const numbers = new Intl.NumberFormat(locale);
  const forms = new Intl.PluralRules(locale);
  /** @param {string|number|undefined} value @param {string} gap */
  const shown = (value, gap) => {
    if (typeof value === "number") return numbers.format(value);
    return value && rightToLeft ? isolated(value) : (value ?? gap);
  };
  return (id, values = {}) => {
    // A call must not end for want of a sentence; that there is one for each id is tested.
    const said = catalogue[id] ?? id;
    const form = typeof said === "string" ? said : said[forms.select(Number(values["n"]))];
    const text = form ?? /** @type {Record<string, string>} */ (said)["other"] ?? id;
    const filled = text.replace(/\{(\w+)\}/g, (gap, name) => shown(values[name], gap));
    // A stand-in such as "the agent" may open a sentence.
    return text.startsWith("{") ? filled.charAt(0).toLocaleUpperCase() + filled.slice(1) : filled;
  };
}
