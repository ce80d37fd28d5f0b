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
    const text = catalogue[id];
    if (text === undefined) throw new Error(`No message has the id ${id}`);
    return text.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
  };
}
