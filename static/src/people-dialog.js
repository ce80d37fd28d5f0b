/**
 * Who is in the call, with the state of their microphone and camera in words. Draws what it is told.
 *
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} Person
 * @property {string} name
 * @property {boolean} muted
 * @property {boolean} camera
 * @property {boolean} weak
 */
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { createPanel } from "./panel.js";
import { button } from "./parts.js";

/**
 * @param {object} options
 * @param {Element} options.root
 * @param {Translate} options.t
 */
export function createPeopleDialog({ root, t }) {
  const dialog = createDialog(root, "people-title");
  const list = h("div");
  const panel = createPanel(list);
  dialog.append(
    h("h2", { id: "people-title", "data-msg": "people.title" }, t("people.title")),
    list,
    h("div", { class: "actions" }, button(t, "stay", "action.done", "primary")),
  );

  return {
    /** @param {Person[]} people */
    draw(people) {
      const rows = people.map((person) => drawPerson(t, person));
      panel.show("people", [h("ul", { class: "people" }, ...rows)], { focusHeading: false });
    },
    open: () => dialog.showModal(),
    close: () => dialog.close(),
  };
}

/** @param {Translate} t @param {Person} person */
function drawPerson(t, { name, muted, camera, weak }) {
  const microphone = muted ? "people.mic.off" : "people.mic.on";
  const picture = camera ? "people.camera.on" : "people.camera.off";
  return h(
    "li",
    {},
    h("span", { class: "people-name" }, name),
    h(
      "span",
      { class: "people-states" },
      icon(muted ? "mic-off" : "mic"),
      h("span", { "data-msg": microphone }, t(microphone)),
      icon(camera ? "camera" : "camera-off"),
      h("span", { "data-msg": picture }, t(picture)),
      weak && h("span", { "data-msg": "tile.weak" }, t("tile.weak")),
    ),
  );
}
