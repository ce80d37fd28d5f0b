/**
 * Draws the screens before a call: open, busy, closing, closed, nobody there, and what keeps a call
 * from working here. Made from the view alone; buttons say by `data-action` what they are for.
 *
 * @typedef {import("./entry.js").Availability} Availability
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} EntryView
 * @property {import("./call-model.js").CallModel} model
 * @property {import("./types.js").PageData} page
 * @property {number} nowMs
 */
import { h } from "./dom.js";
import { entryMessageOf, minutesOf } from "./entry.js";
import { pageLocale } from "./locale.js";
import { dayText, isSameClock, timeText, zoneText } from "./opening-times.js";
import { button, heading, link, sentence } from "./parts.js";

/** @param {Translate} t @param {EntryView} view @returns {Node[]} */
export function drawEntry(t, view) {
  const id = entryMessageOf(view.model);
  const draw = DRAW[id] ?? drawPlain;
  return [...draw(t, view, id), h("div", { class: "actions" }, ...buttonsOf(t, view, id))];
}

/** @typedef {(t: Translate, view: EntryView, id: string) => Node[]} Draw */

/** @type {Draw} */
const drawPlain = (t, { model }, id) => [
  heading(t, id),
  sentence(t, `${id}.body`, { n: minutesOf(model.availability) ?? 0 }),
];

/** @type {Draw} */
function drawClosing(t, { model, nowMs }, id) {
  const { availability } = model;
  if (!availability?.closes_at) return drawPlain(t, /** @type {any} */ ({ model, nowMs }), "entry.ready.nowait");
  const values = { time: timeText(new Date(availability.closes_at), siteClock(availability)) };
  return [heading(t, id, values), sentence(t, `${id}.body`, values)];
}

/** @type {Draw} */
function drawClosed(t, { model, nowMs }, id) {
  const { availability } = model;
  if (!availability?.opens_at) return [heading(t, id), ...holidayOf(t, availability), sentence(t, "entry.closed.later")];
  const opens = new Date(availability.opens_at);
  const site = siteClock(availability);
  const values = {
    day: dayText(opens, new Date(nowMs), site),
    time: timeText(opens, site),
    zone: zoneText(opens, site),
  };
  return [
    heading(t, id),
    ...holidayOf(t, availability),
    sentence(t, `${id}.body`, values),
    ...drawLocalTime(t, opens, availability, nowMs),
  ];
}

/** @param {Translate} t @param {Availability|null} availability */
const holidayOf = (t, availability) =>
  availability?.holiday_name
    ? [h("p", { "data-part": "holiday" }, h("strong", {}, availability.holiday_name))]
    : [];

/** @param {Translate} t @param {Date} opens @param {Availability} availability @param {number} nowMs */
function drawLocalTime(t, opens, { time_zone: zone }, nowMs) {
  if (isSameClock(opens, zone)) return [];
  const own = { locale: pageLocale() };
  const values = { day: dayText(opens, new Date(nowMs), own), time: timeText(opens, own) };
  return [sentence(t, "entry.closed.local", values)];
}

/** @param {Availability} availability */
const siteClock = ({ time_zone: zone }) => ({
  locale: pageLocale(),
  timeZone: zone ?? undefined,
});

/** The address to open elsewhere, also to be copied by hand. @type {Draw} */
const drawElsewhere = (t, view, id) => [
  ...drawPlain(t, view, id),
  h("input", {
    class: "address", "data-part": "address", readonly: true, value: location.href, "aria-label": t("entry.address"),
  }),
];

/** @type {Record<string, Draw>} */
const DRAW = {
  "entry.unsupported": drawElsewhere,
  "entry.inapp": drawElsewhere,
  "entry.closing": drawClosing,
  "entry.closed": drawClosed,
  "entry.holiday": drawClosed,
};

/** @param {Translate} t @param {import("./types.js").PageData} page @param {Availability|null} availability */
const remindersOf = (t, page, availability) =>
  page.entry_point.reminds && availability?.opens_at ? [button(t, "remind", "action.remind", "secondary")] : [];

/** @param {Translate} t @param {import("./types.js").PageData} page @param {"primary"|"secondary"} weight */
export const callbackOf = (t, page, weight) =>
  page.entry_point.off.includes("callbacks") ? [] : [button(t, "callback", "action.callback", weight)];

/** @param {Translate} t @param {EntryView} view @param {string} id @returns {Node[]} */
function buttonsOf(t, { page, model }, id) {
  const { video } = page.entry_point;
  const start = video ? "action.start_video" : "action.start_call";
  const callback = callbackOf(t, page, "secondary");
  switch (id) {
    case "entry.busy":
      return [button(t, "start", "action.wait_for_call", "primary"), ...callback];
    case "entry.closing":
      return [button(t, "start", start, "primary")];
    case "entry.closed":
    case "entry.holiday":
      return [...callbackOf(t, page, "primary"), ...remindersOf(t, page, model.availability)];
    case "entry.unavailable":
      return [button(t, "try-again", "action.try_again", "primary"), ...callback];
    case "entry.offline":
      return [];
    case "entry.insecure":
      return [link(t, `https://${location.host}${location.pathname}`, "action.open_secure")];
    case "entry.unsupported":
    case "entry.inapp":
      return [button(t, "copy-link", "action.copy_link", "primary")];
    case "embed.blocked":
      return [button(t, "new-tab", "action.new_tab", "primary")];
    default:
      return [
        button(t, "start", start, "primary"),
        ...(video ? [button(t, "audio-only", "action.audio_only", "secondary")] : []),
      ];
  }
}
