/**
 * Draws the device check: what works in plain words, the microphone's meter, the test sound, the
 * pickers, and the way on that fits what was found. It asks for nothing itself.
 *
 * @typedef {import("./devices.js").DevicesView} DevicesView
 * @typedef {import("./devices.js").Device} Device
 * @typedef {import("./level-meter.js").Hearing} Hearing
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {{choices: MediaDeviceInfo[], inUse: string}} Picker
 *
 * @typedef {object} DeviceCheckView
 * @property {"intro"|"asking"|"checked"} phase
 * @property {boolean} cameraWanted
 * @property {DevicesView} devices
 * @property {Record<"microphone"|"camera", string>} names Of the devices in use, as the system has them.
 * @property {Record<"microphone"|"camera"|"speaker", Picker>} pickers
 * @property {boolean} speakerPickable
 * @property {"untested"|"asked"|"heard"|"unheard"} soundTest
 * @property {import("./network-quality.js").Grade|null} network What the test of the connection came to.
 * @property {boolean} remembering The devices chosen are kept for the next call.
 * @property {Hearing} hearing
 * @property {Element} meter
 * @property {{help: string, browser: string|null, host: string}} surroundings help: message id of
 *   this browser's steps to allow its devices.
 */
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { button, heading, sentence } from "./parts.js";

/** @param {Translate} t @param {DeviceCheckView} view @returns {Node[]} */
export function drawDeviceCheck(t, view) {
  if (view.phase !== "checked") return drawIntro(t, view.phase);
  return [
    ...drawVerdict(t, view),
    ...drawReplaced(t, view),
    h("ul", { class: "checks" }, ...drawFindings(t, view)),
    ...drawSoundTest(t, view.soundTest),
    ...(view.devices.microphone.stream ? [view.meter] : []),
    h("div", { class: "pickers" }, ...drawPickers(t, view)),
    h("div", { class: "actions" }, ...drawWaysOn(t, troubleOf(view))),
  ];
}

/** @param {Translate} t @param {"intro"|"asking"} phase */
function drawIntro(t, phase) {
  const asking = phase === "asking";
  return [
    heading(t, "perm.intro"),
    sentence(t, "perm.intro.body"),
    asking
      ? sentence(t, "perm.waiting")
      : h(
          "div",
          { class: "actions" },
          button(t, "continue", "action.continue", "primary"),
          button(t, "back", "action.back", "quiet"),
        ),
  ];
}

/**
 * @typedef {{kind: "microphone"|"camera", id: string}} Trouble
 * @param {DeviceCheckView} view
 * @returns {Trouble|null} The one worth the heading: without a microphone nobody is heard.
 */
function troubleOf({ devices, cameraWanted }) {
  const { microphone, camera } = devices;
  if (microphone.failure) return { kind: "microphone", id: microphone.failure };
  if (cameraWanted && camera.failure) return { kind: "camera", id: camera.failure };
  return null;
}

/**
 * @param {Translate} t
 * @param {DeviceCheckView} view
 * @returns {{id: string, body: string, values: Record<string, string>}} What the check comes to.
 */
export function verdictOf(t, view) {
  const trouble = troubleOf(view);
  const { help, browser, host } = view.surroundings;
  const values = {
    device: t(`device.${trouble?.kind ?? "microphone"}`),
    browser: browser ?? t("device.browser"),
    host,
  };
  if (!trouble) {
    const id = view.hearing === "silent" ? "dev.silent" : "dev.ok";
    return { id, body: `${id}.body`, values };
  }
  if (trouble.id === "perm.denied") return { id: trouble.id, body: help, values };
  if (trouble.id === "err.unexpected") return { id: trouble.id, body: "dev.bug.body", values };
  return { id: trouble.id, body: `${trouble.id}.body`, values };
}

/** @param {Translate} t @param {DeviceCheckView} view */
function drawVerdict(t, view) {
  const { id, body, values } = verdictOf(t, view);
  return [heading(t, id, values), sentence(t, body, values)];
}

/** @param {Translate} t @param {DeviceCheckView} view */
function drawReplaced(t, { devices, names }) {
  return /** @type {const} */ (["microphone", "camera"])
    .filter((kind) => devices[kind].replaced)
    .map((kind) =>
      h(
        "div",
        { class: "notice" },
        h("strong", { "data-msg": "dev.constraint" }, t("dev.constraint", { device: t(`device.${kind}`) })),
        sentence(t, "dev.constraint.body", { name: names[kind] || t(`device.${kind}`) }),
      ),
    );
}

const SPEAKER_FINDINGS = /** @type {const} */ ({
  untested: "check.speaker",
  asked: "check.speaker",
  heard: "check.speaker.works",
  unheard: "check.speaker.missing",
});

const NETWORK_FINDINGS = /** @type {const} */ ({
  untested: "check.network",
  good: "check.network.works",
  weak: "check.network.weak",
  poor: "check.network.poor",
});

/** @param {Translate} t @param {DeviceCheckView} view */
function drawFindings(t, { devices, cameraWanted, soundTest, network }) {
  /** @param {"microphone"|"camera"} kind @param {Device} device */
  const finding = (kind, device) => {
    const works = device.stream !== null;
    const id = `check.${kind}.${works ? "works" : device.failure ? "missing" : "off"}`;
    return h(
      "li",
      { "data-works": String(works) },
      icon(works ? "check" : "warning"),
      h("span", { "data-msg": id }, t(id)),
    );
  };
  const speaker = SPEAKER_FINDINGS[soundTest];
  const answered = soundTest === "heard" || soundTest === "unheard";
  return [
    finding("microphone", devices.microphone),
    cameraWanted && finding("camera", devices.camera),
    h(
      "li",
      { "data-works": answered && String(soundTest === "heard") },
      icon(soundTest === "heard" ? "check" : soundTest === "unheard" ? "warning" : "speaker"),
      h("span", { "data-msg": speaker }, t(speaker)),
      button(t, "test-speaker", "action.test_speaker", "quiet"),
    ),
    h(
      "li",
      { "data-works": network && String(network === "good") },
      icon(network === "good" ? "check" : network ? "warning" : "network"),
      h("span", { "data-msg": NETWORK_FINDINGS[network ?? "untested"] }, t(NETWORK_FINDINGS[network ?? "untested"])),
      button(t, "test-network", "action.test_network", "quiet"),
    ),
  ];
}

/** @param {Translate} t @param {DeviceCheckView["soundTest"]} soundTest */
function drawSoundTest(t, soundTest) {
  if (soundTest === "unheard") return [h("p", { class: "notice", "data-msg": "spk.advice" }, t("spk.advice"))];
  if (soundTest !== "asked") return [];
  return [
    h(
      "div",
      { class: "notice notice-question", role: "group", "aria-labelledby": "spk-question" },
      h("p", { id: "spk-question", "data-msg": "spk.question" }, t("spk.question")),
      h(
        "div",
        { class: "answers" },
        button(t, "heard", "action.yes", "secondary"),
        button(t, "unheard", "action.no", "secondary"),
      ),
    ),
  ];
}

/** @param {Translate} t @param {DeviceCheckView} view */
function drawPickers(t, { devices, pickers, speakerPickable, remembering }) {
  const kinds = /** @type {const} */ (["microphone", "camera"]).filter(
    (kind) => devices[kind].stream && pickers[kind].choices.length > 1,
  );
  const speaker = speakerPickable && pickers.speaker.choices.length > 1;
  return [
    ...kinds.map((kind) => drawPicker(t, kind, pickers[kind])),
    speaker && drawPicker(t, "speaker", pickers.speaker),
    !speakerPickable && h("p", { class: "note" }, ...drawNoSpeakerPicker(t)),
    (kinds.length > 0 || speaker) &&
      h(
        "label",
        { class: "choice" },
        h("input", { type: "checkbox", "data-choice": "remember-devices", checked: remembering }),
        h("span", { "data-msg": "devices.remember" }, t("devices.remember")),
      ),
  ];
}

/** @param {Translate} t */
const drawNoSpeakerPicker = (t) => [
  h("strong", { "data-msg": "dev.nospeakerpick" }, t("dev.nospeakerpick")),
  " ",
  h("span", { "data-msg": "dev.nospeakerpick.body" }, t("dev.nospeakerpick.body")),
];

/**
 * @param {Translate} t
 * @param {"microphone"|"camera"|"speaker"} kind
 * @param {Picker} picker
 */
export function drawPicker(t, kind, { choices, inUse }) {
  return h(
    "label",
    { class: "picker" },
    h("span", { "data-msg": `picker.${kind}` }, t(`picker.${kind}`)),
    h(
      "select",
      { "data-picker": kind },
      ...choices.map(({ deviceId, label }, index) =>
        h(
          "option",
          { value: deviceId, selected: deviceId === inUse },
          label || `${t(`picker.${kind}`)} ${index + 1}`,
        ),
      ),
    ),
  );
}

/** @param {Translate} t @param {Trouble|null} trouble */
function drawWaysOn(t, trouble) {
  const back = button(t, "back", "action.back", "quiet");
  if (!trouble) return [button(t, "start", "action.start_call", "primary"), back];
  if (trouble.id === "dev.nocam") {
    const soundOnly = button(t, "audio-only", "action.sound_only", "primary");
    return [soundOnly, button(t, "try-again", "action.try_again", "secondary"), back];
  }
  if (trouble.id === "embed.blocked") return [button(t, "new-tab", "action.new_tab", "primary"), back];
  const tryAgain = button(t, "try-again", "action.try_again", "primary");
  if (trouble.kind === "camera") {
    return [tryAgain, button(t, "audio-only", "action.without_camera", "secondary"), back];
  }
  return [tryAgain, button(t, "listen-only", "action.listen_only", "secondary"), back];
}
