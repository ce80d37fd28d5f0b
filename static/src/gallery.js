/**
 * Draws one screen of the call page for designers and translators, from what the page was given
 * instead of from a call. The drawing is the product's own; only the models are made up.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./controls.js").Control} Control
 *
 * @typedef {object} Scene
 * @property {any} model What differs from a new page's.
 * @property {Record<string, any>} [check] What the device check found.
 * @property {boolean} [silent]
 * @property {boolean} [signed] The company says who calls.
 * @property {string[]} [standing] What is said over the pictures.
 * @property {boolean} [blocked]
 * @property {boolean} [chat]
 * @property {boolean} [every]
 * @property {Control[]} [controls]
 * @property {Control[]} [more]
 * @property {import("./notices.js").Notice[]} [notices]
 * @property {keyof typeof DIALOGS} [dialog]
 */
import { createCallbackDialog } from "./callback-dialog.js";
import { createReminderDialog } from "./reminder-dialog.js";
import { LAYOUTS, drawStanding } from "./call-view.js";
import { BLANK } from "./call-model.js";
import { createChatPanel } from "./chat-panel.js";
import { createControls, partControls } from "./controls.js";
import { drawDeviceCheck } from "./device-check.js";
import { createDevicesDialog, createLeaveDialog } from "./dialogs.js";
import { required, setAttribute } from "./dom.js";
import { NARROW } from "./in-call.js";
import { createInviteDialog } from "./invite-dialog.js";
import { createKeypad } from "./keypad.js";
import { pageLocale, pageMessages } from "./locale.js";
import { createMeter } from "./microphone-meter.js";
import { createMoreSheet } from "./more-sheet.js";
import { createNotices } from "./notices.js";
import { sentence } from "./parts.js";
import { createPeopleDialog } from "./people-dialog.js";
import { createReceipt } from "./receipt.js";
import { drawScreen } from "./screens.js";
import { createShortcutsDialog } from "./shortcuts-dialog.js";
import { createSurvey } from "./survey.js";

const NOW_MS = Date.parse("2026-03-02T09:10:00Z");
const data = JSON.parse(required("#call-data", HTMLScriptElement).textContent ?? "");
const page = /** @type {PageData} */ (data);
const scene = /** @type {Scene} */ (data.scene);
const t = pageMessages(page.messages);
const root = required("[data-call-state]", HTMLElement);
const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
const never = () => new Promise(() => undefined);

/** Fills every gap there is; a number has to be one. */
const VALUES = {
  n: 3, all: 4, s: 42, company: page.entry_point.company, name: "Ana", agent: "Sam", text: "1234", label: "Order number",
  time: "17:00", day: "2026-03-05", zone: "CET", number: "+49 30 1234567", when: "17:00", ref: "K7QX-2M4P", link: "https://",
  device: t("device.microphone"), browser: t("device.browser"), now: "Headset", host: location.host, origin: location.origin,
  date: "2026-04-01", devices: t("receipt.used.camera"),
};

const model = modelOf(scene.model);
const kinds = /** @type {const} */ (["microphone", "camera", "speaker"]);
const choices = /** @type {any[]} */ (["Headset", "Webcam"].map((label) => ({ deviceId: label, label })));

/** @param {any} told @returns {import("./call-model.js").CallModel} Moments count from now. */
function modelOf(told) {
  const made = { ...BLANK, ...told };
  if (made.place && made.place.answerByMs !== null) made.place.answerByMs += NOW_MS;
  if (made.search) made.searchAtMs = NOW_MS;
  if (made.failure?.retryAtMs) made.failure.retryAtMs += NOW_MS;
  return made;
}

/** @param {Record<string, any>} found */
function drawCheck({ failures = {}, replaced = false, help = "perm.help.other", hearing = "heard", ...rest }) {
  const meter = createMeter(t);
  meter.draw({ level: hearing === "silent" ? 0 : 0.6, hearing });
  const device = (/** @type {string} */ kind) => ({
    stream: failures[kind] ? null : new MediaStream(), failure: failures[kind] ?? null, replaced,
  });
  return drawDeviceCheck(t, {
    phase: "checked", cameraWanted: true, names: { microphone: "Headset", camera: "Webcam" },
    devices: { microphone: device("microphone"), camera: device("camera") },
    pickers: /** @type {any} */ (Object.fromEntries(kinds.map((kind) => [kind, { choices, inUse: "Headset" }]))),
    speakerPickable: true, soundTest: "untested", network: null, remembering: true, hearing, meter: meter.element,
    surroundings: { help, browser: null, host: location.host }, ...rest,
  });
}

const DIALOGS = {
  leave: () => createLeaveDialog(root, t).showModal(),
  devices: () =>
    createDevicesDialog(root, t, /** @type {any} */ ({ list: async () => choices, inUse: () => "Headset" })).open(),
  keypad: () => createKeypad({ root, t, send: async () => undefined }).open(),
  invite: () => createInviteDialog({ root, t, shareSheet: true, places: /** @type {any} */ (PLACES) }).open(),
  people() {
    const people = createPeopleDialog({ root, t });
    people.draw([
      { name: t("tile.self"), muted: false, camera: true, weak: false },
      { name: "Sam", muted: true, camera: false, weak: true },
    ]);
    people.open();
  },
  shortcuts: () => createShortcutsDialog({ root, t, shortcuts: { on: true, turn: () => undefined } }).open(),
  more() {
    const sheet = createMoreSheet(root, t);
    sheet.draw(scene.more ?? []);
    sheet.open();
  },
  reminder: () => createReminderDialog({ root, t, page, api: /** @type {any} */ ({}) }).open(),
  callback: () =>
    createCallbackDialog({ root, t, page, api: /** @type {any} */ ({}), details: () => ({ name: "", description: "" }) }).open(),
};

const LINK = { url: `${location.origin}/join/0000`, display_name: "Ana", expires_at: "2026-03-02T10:00:00Z" };
const PLACES = {
  list: async () => ({
    places: 4, places_left: 2,
    data: [{ id: "1", state: "open", ...LINK }, { id: "2", state: "accepted", in_call: true, ...LINK }],
  }),
  invite: never,
  cancel: never,
};

function drawPanel() {
  if (scene.every) return Object.keys(page.messages).map((id) => sentence(t, id, VALUES));
  const survey = createSurvey({ t, send: never, answered: () => undefined });
  const receipt = createReceipt({
    t, locale: pageLocale(), keptDays: page.limits.kept_days, erase: /** @type {any} */ (never), redraw: () => undefined,
  });
  return drawScreen(t, {
    model, page, nowMs: NOW_MS, agentName: "Sam", secondsLeft: 42, silent: scene.silent ?? false, erased: false, handedOver: false,
    details: { name: scene.signed ? "Ana" : "", description: "", answers: {}, consent: null },
    nameIsSigned: scene.signed === true,
    drawDeviceCheck: () => drawCheck(scene.check ?? {}), drawSurvey: survey.draw, drawReceipt: receipt.draw,
  });
}

setAttribute(root, "data-call-state", model.state);
setAttribute(root, "data-layout", LAYOUTS[model.state]);
part("panel").replaceChildren(...drawPanel());
const narrow = matchMedia(NARROW).matches;
createControls({ bar: part("bar"), t }).draw(partControls(scene.controls ?? [], { narrow }).bar);
const notices = createNotices({ element: part("notices"), t, focusElsewhere: () => undefined });
notices.draw((scene.notices ?? []).map((notice) => ({ ...notice, values: VALUES })));
drawStanding(t, part("standing"), scene.standing ?? [], VALUES);
setAttribute(required("[data-action=tap-to-hear]", HTMLElement, root), "hidden", !scene.blocked);
if (scene.chat) {
  createChatPanel({ panel: part("chat"), t, onSend: () => undefined, onClose: () => undefined });
  setAttribute(part("chat"), "hidden", false);
}
if (scene.dialog) void DIALOGS[scene.dialog]();
setAttribute(root, "data-drawn", true);
