/**
 * Looks sentences up in the catalogue the server sent, already in the visitor's language, and
 * fills their gaps. Every sentence keeps its id on the element that shows it (`data-msg`).
 */

/**
 * @param {Record<string, string>} catalogue
 * @returns {(id: string, values?: Record<string, string|number>) => string}
 */
export function createMessages(catalogue) {
  return (id, values = {}) => {
    // A call must not end for want of a sentence; that there is one for each id is tested.
    const text = catalogue[id] ?? id;
    const filled = text.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
    // A stand-in such as "the agent" may open a sentence.
    return text.startsWith("{") ? filled.charAt(0).toLocaleUpperCase() + filled.slice(1) : filled;
  };
}
