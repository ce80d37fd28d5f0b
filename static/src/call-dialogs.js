/**
 * What opens over a customer's call: keypad, places for guests, who is in it, shortcuts, and the page that
 * says what went wrong. Their code is fetched when they are wanted.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./controls.js").Control} Control
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { isLive } from "./call-model.js";
import { listenForShortcuts } from "./shortcuts.js";
import { whenWanted } from "./when-wanted.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {HTMLElement} options.bar
 * @param {import("./types.js").PageData} options.page
 * @param {Translate} options.t
 * @param {{readonly model: CallModel}} options.store
 * @param {import("./abilities.js").Abilities} options.abilities
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {(attendee: import("./roster.js").Attendee) => string} options.nameOf
 */
export function createCallDialogs({ root, bar, page, t, store, abilities, api, live, nameOf }) {
  const contactId = () => store.model.contact?.id ?? "";
  const keypad = whenWanted(async () => (await import("./keypad.js")).createKeypad({
    root, t, send: (digits, key) => api.sendDigits(contactId(), digits, key),
  }));
  const invite = whenWanted(async () => (await import("./invite-dialog.js")).createInviteDialog({
    root, t, shareSheet: abilities.shareSheet,
    places: {
      list: () => api.invitations(contactId()),
      invite: () => api.invite(contactId()),
      cancel: (id) => api.cancelInvitation(contactId(), id),
    },
  }));
  const people = whenWanted(async () => {
    const made = (await import("./people-dialog.js")).createPeopleDialog({ root, t });
    made.draw(everybody());
    return made;
  });
  let offered = "";
  const handover = whenWanted(async () => (await import("./handover-dialog.js")).createHandoverDialog({
    root, t,
    make: () => {
      offered = contactId();
      return api.handOver(contactId());
    },
  }));
  const list = whenWanted(async () =>
    (await import("./shortcuts-dialog.js")).createShortcutsDialog({ root, t, shortcuts }));
  const shortcuts = listenForShortcuts({
    root, bar, isLive: () => isLive(store.model.state), openList: () => void list.open(),
  });

  /** @returns {import("./people-dialog.js").Person[]} */
  function everybody() {
    const self = { name: t("tile.self"), muted: live.muted, camera: live.cameraOn, weak: false };
    const others = live.others().map((attendee) => ({
      name: nameOf(attendee),
      muted: attendee.muted === true,
      camera: attendee.camera,
      weak: attendee.weak,
    }));
    return [self, ...others];
  }

  return {
    /** @param {string} id @returns {boolean} Whether that call was offered to another device here. */
    wasOffered: (id) => id !== "" && id === offered,

    draw() {
      people.made?.draw(everybody());
    },

    close() {
      for (const dialog of [keypad, invite, people, handover, list]) dialog.close();
    },

    /** @param {{waiting: boolean}} how @returns {Control[]} Those that come first. */
    controls({ waiting }) {
      // Keys and links are the customer's own; whoever was invited has neither.
      const place = /** @type {"wide"|"more"} */ (waiting ? "wide" : "more");
      const { off } = page.entry_point;
      const own = /** @type {Control[]} */ ([...(off.includes("invitations") ? [] : [INVITE]), { ...KEYPAD, place }]);
      const elsewhere = page.guest || abilities.phone || off.includes("handover") ? [] : [{ ...HANDOVER, place }];
      return [...(page.guest ? [] : own), ...elsewhere, ...(waiting ? [] : [PEOPLE])];
    },

    /** @returns {Control[]} Those that come last. */
    lastControls() {
      return [...(abilities.phone ? [] : [LIST]), ...(page.guest ? [] : [REPORT])];
    },

    /** @type {Record<string, () => unknown>} */
    actions: {
      keypad: () => keypad.open(),
      invite: () => invite.open(),
      people: () => people.open(),
      shortcuts: () => list.open(),
      handover: () => handover.open(),
      "new-code": () => handover.open(),
    },
  };
}

/** @type {Control} */
const INVITE = { action: "invite", message: "action.invite", icon: "invite", place: "wide" };
/** @type {Control} */
const KEYPAD = { action: "keypad", message: "action.keypad", icon: "keypad" };
/** @type {Control} */
const PEOPLE = { action: "people", message: "action.people", icon: "people", place: "more" };
/** @type {Control} */
const LIST = { action: "shortcuts", message: "action.shortcuts", icon: "keyboard", place: "more" };
/** @type {Control} */
const HANDOVER = { action: "handover", message: "action.handover", icon: "handover", place: "more" };
/** @type {Control} */
const REPORT = { action: "report", message: "action.report", icon: "report", place: "more" };
