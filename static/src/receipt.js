/**
 * What a call leaves behind, told on the screen after it: what of the person's devices was used, what
 * the portal keeps and until when, and the way to have that deleted at once. Made once for each
 * call, so that a question that was asked stays asked however often the screen is drawn.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 * @typedef {{muted: boolean, cameraOn: boolean, sharing: boolean}} OwnMedia
 */
import { ProblemError } from "./contacts-api.js";
import { h, setText } from "./dom.js";
import { button, sentence } from "./parts.js";

const DAY_MS = 24 * 3_600 * 1_000;
const NOT_FOUND = 404;

/**
 * @param {object} options
 * @param {Translate} options.t
 * @param {string} options.locale
 * @param {number} options.keptDays
 * @param {(contactId: string) => Promise<{erased: boolean}>} options.erase
 * @param {() => void} options.redraw
 */
export function createReceipt({ t, locale, keptDays, erase, redraw }) {
  /** @type {{contactId: string, devices: Set<string>}|null} */
  let used = null;
  /** @type {{contactId: string, element: HTMLElement, update: (model: CallModel) => void}|null} */
  let current = null;
  /** @type {string|null} Id of the contact the portal knows as nobody's any more. */
  let erased = null;

  /** @param {string} contactId */
  function usedText(contactId) {
    if (used?.contactId !== contactId) return null; // this page was not there
    if (used.devices.size === 0) return sentence(t, "receipt.used.none");
    const names = [...used.devices].map((device) => t(`receipt.used.${device}`));
    const devices = new Intl.ListFormat(locale).format(names);
    return sentence(t, "receipt.used", { devices });
  }

  /** @param {string|null|undefined} endedAt RFC 3339. */
  function dateOf(endedAt) {
    const ended = endedAt ? Date.parse(endedAt) : Date.now();
    return new Date(ended + keptDays * DAY_MS).toLocaleDateString(locale, { dateStyle: "long" });
  }

  /** @param {string} contactId @param {boolean} guest */
  function make(contactId, guest) {
    const kept = h("p", { "data-msg": "receipt.kept" });
    const choice = h("div", { class: "receipt-choice" });
    const element = h(
      "section",
      { class: "receipt", "aria-labelledby": "receipt-title" },
      h("h2", { id: "receipt-title", "data-msg": "receipt.title" }, t("receipt.title")),
      usedText(contactId),
      sentence(t, "summary.privacy"),
      guest ? null : kept,
      guest ? null : choice,
    );

    /** @param {string} id Message id. @param {...Node} nodes What can be done about it. */
    function say(id, ...nodes) {
      const said = h("p", { tabindex: "-1", role: "status", "data-msg": id }, t(id));
      choice.replaceChildren(said, h("div", { class: "actions" }, ...nodes));
      said.focus();
    }

    /** @param {string} action @param {string} label @param {"quiet"|"danger"|"secondary"} look @param {() => void} act */
    function choose(action, label, look, act) {
      const made = button(t, action, label, look);
      made.addEventListener("click", act);
      return made;
    }

    const offer = () => choose("erase", "action.delete_now", "quiet", ask);
    const ask = () =>
      say(
        "receipt.delete.ask",
        choose("confirm-erase", "action.delete", "danger", () => void act()),
        choose("keep", "action.keep", "secondary", keep),
      );

    function keep() {
      const back = offer();
      choice.replaceChildren(back);
      back.focus();
    }

    async function act() {
      say("receipt.deleting");
      try {
        const done = await erase(contactId);
        if (!done.erased) return say("receipt.deleted.later");
      } catch (error) {
        // Nobody's by now: the answer to an earlier try was lost.
        const gone = error instanceof ProblemError && error.status === NOT_FOUND;
        if (!gone) return say("receipt.failed", offer());
      }
      erased = contactId;
      kept.remove();
      redraw();
      return say("receipt.deleted");
    }

    choice.append(offer());
    return {
      contactId,
      element,
      /** @param {CallModel} model */
      update: ({ contact }) => setText(kept, t("receipt.kept", { date: dateOf(contact?.ended_at) })),
    };
  }

  return {
    /** @param {string} contactId @returns {boolean} Whether it was deleted; then nothing more can be asked about it. */
    isErased: (contactId) => erased === contactId,

    /**
     * To be told while a call lasts.
     * @param {string} contactId
     * @param {OwnMedia} own
     */
    note(contactId, { muted, cameraOn, sharing }) {
      if (used?.contactId !== contactId) used = { contactId, devices: new Set() };
      if (!muted) used.devices.add("microphone");
      if (cameraOn) used.devices.add("camera");
      if (sharing) used.devices.add("screen");
    },

    /** @param {CallModel} model Of a call. @returns {HTMLElement|null} The same element each time for one call. */
    draw(model) {
      const contactId = model.contact?.id;
      if (!contactId) return null;
      if (current?.contactId !== contactId) current = make(contactId, model.guest);
      current.update(model);
      return current.element;
    },
  };
}
