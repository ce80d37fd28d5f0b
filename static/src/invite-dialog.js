/**
 * Bringing others into the call: its four places, each free, open to whoever gets its link, or somebody's.
 * A link lets one person in; it is made as soon as the dialog opens, since that is what it is opened for.
 *
 * @typedef {import("./contacts-api.js").Invitation} Invitation
 * @typedef {import("./contacts-api.js").Invitations} Invitations
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createDialog } from "./dialogs.js";
import { h, setAttribute, setText } from "./dom.js";
import { createPanel } from "./panel.js";
import { button } from "./parts.js";

/** While the dialog is open, how often it looks whether somebody has come. */
const LOOK_EVERY_MS = 3_000;

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 * @param {object} options.places What the portal can do about them.
 * @param {() => Promise<Invitations>} options.places.list
 * @param {() => Promise<Invitation>} options.places.invite
 * @param {(id: string) => Promise<unknown>} options.places.cancel
 * @param {boolean} options.shareSheet The system can pass links on.
 */
export function createInviteDialog({ root, t, places, shareSheet }) {
  const dialog = createDialog(root, "invite-title");
  const intro = h("p", { "data-msg": "invite.body" });
  const list = h("div");
  const panel = createPanel(list);
  const said = h("p", { class: "invite-said", role: "status" });
  dialog.append(
    h("h2", { id: "invite-title", "data-msg": "invite.title" }, t("invite.title")),
    intro, list, said,
    h("div", { class: "actions" }, button(t, "stay", "action.done", "primary")),
  );
  /** @type {Invitations} */
  let known = { data: [], places: 4, places_left: 4 };
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let looking;
  let asking = Promise.resolve();

  /** @param {string} id Of the sentence to say, or "". */
  function say(id) {
    setAttribute(said, "data-msg", id || null);
    setText(said, id && t(id));
  }

  function draw() {
    const held = known.data.filter(({ state }) => state === "open" || state === "accepted");
    setText(intro, t("invite.body", { n: known.places_left, all: known.places }));
    const free = Array.from({ length: known.places_left }, (_, index) => drawFree(t, index === 0));
    const rows = [...held.map((one) => drawPlace(t, one, shareSheet)), ...free];
    panel.show("places", [h("ol", { class: "places" }, ...rows)], { focusHeading: false });
  }

  /**
   * One thing after the other; a failure is told, and leaves what was known.
   * @param {() => Promise<unknown>} what
   */
  function ask(what) {
    asking = asking.then(async () => {
      try {
        await what();
        known = await places.list();
      } catch {
        if (dialog.open) say("invite.fail");
      }
      draw();
    });
    return asking;
  }

  /** @param {string} id */
  const linkOf = (id) => known.data.find((one) => one.id === id)?.link ?? "";

  /** @param {string} id */
  async function copy(id) {
    try {
      await navigator.clipboard.writeText(linkOf(id));
    } catch {
      // Some frames may not write to the clipboard by themselves: the old way still may.
      const field = list.querySelector(`[data-place="${id}"] input`);
      if (!(field instanceof HTMLInputElement)) return;
      field.select();
      document.execCommand("copy");
    }
    say("invite.copied");
  }

  dialog.addEventListener("click", ({ target }) => {
    const pressed = target instanceof Element ? target.closest("[data-action]") : null;
    const id = pressed?.closest("[data-place]")?.getAttribute("data-place") ?? "";
    const action = pressed?.getAttribute("data-action");
    if (action === "copy-invite") void copy(id);
    else if (action === "share-invite") navigator.share({ url: linkOf(id) }).catch(() => undefined);
    else if (action === "cancel-invite") void ask(() => places.cancel(id));
    else if (action === "new-invite") void ask(() => places.invite());
  });
  dialog.addEventListener("close", () => clearInterval(looking));

  /** What may have changed is looked up; nobody is told when that fails. */
  async function look() {
    await asking;
    try {
      known = await places.list();
      if (dialog.open) draw();
    } catch {
      // The next look tells.
    }
  }

  return {
    async open() {
      say("");
      draw();
      dialog.showModal();
      clearInterval(looking);
      looking = setInterval(look, LOOK_EVERY_MS);
      await look();
      const unused = known.data.some(({ state }) => state === "open");
      if (!unused && known.places_left > 0) await ask(() => places.invite());
    },
    close: () => dialog.close(),
  };
}

/** @param {Translate} t @param {Invitation} invitation @param {boolean} shareSheet */
function drawPlace(t, { id, state, name, link, in_call: inCall }, shareSheet) {
  const about = state === "open" ? "invite.open" : inCall ? "invite.in_call" : "invite.accepted";
  const who = name || t("tile.guest");
  return h(
    "li",
    { class: "place", "data-place": id, "data-taken": true },
    h("p", { "data-msg": about }, t(about, { name: who })),
    link && h("input", {
      class: "place-link", readonly: true, value: link, dir: "ltr", "aria-label": t("invite.link"),
    }),
    h(
      "div",
      { class: "place-actions" },
      link && small(t, "copy-invite", "action.copy_link"),
      link && shareSheet && small(t, "share-invite", "action.share_link"),
      small(t, "cancel-invite", link ? "action.cancel_link" : "action.remove_guest"),
    ),
  );
}

/** @param {Translate} t @param {boolean} isNext */
const drawFree = (t, isNext) =>
  h(
    "li",
    { class: "place" },
    h("p", { "data-msg": "invite.free" }, t("invite.free")),
    isNext && h("div", { class: "place-actions" }, small(t, "new-invite", "action.new_link")),
  );

/** @param {Translate} t @param {string} action @param {string} label */
function small(t, action, label) {
  const made = button(t, action, label, "secondary");
  made.classList.add("button-small");
  return made;
}
