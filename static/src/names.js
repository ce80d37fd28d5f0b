/**
 * Who the others in the call are, as sentences and captions say it.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */

/**
 * @param {object} options
 * @param {PageData} options.page
 * @param {{readonly model: CallModel}} options.store
 * @param {Translate} options.t
 */
export function createNames({ page, store, t }) {
  /** @returns {string} Of the one other person who is no agent; of several nobody can tell which is which. */
  function guest() {
    const others = (store.model.contact?.participants ?? []).filter(
      ({ role, left_at }) => left_at === null && role !== "agent" && (page.guest || role === "guest"),
    );
    return (others.length === 1 && others[0]?.display_name) || t("tile.guest");
  }

  return {
    guest,

    /** @returns {string} As part of a sentence. */
    agent: () => store.model.contact?.agent?.display_name || t("call.agent"),

    /** @param {import("./roster.js").Attendee} attendee @returns {string} For the tile's caption. */
    caption({ role }) {
      if (role !== "agent") return guest();
      return store.model.contact?.agent?.display_name || t("tile.agent");
    },
  };
}
