/**
 * Draws the device check: what works in plain words, the microphone's meter, the pickers, and the
 * way on that fits what was found. It asks for nothing itself.
 *
 * @typedef {import("./devices.js").DevicesView} DevicesView
 * @typedef {import("./devices.js").Device} Device
 * @typedef {import("./level-meter.js").Reading} Reading
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} DeviceCheckView
 * @property {"intro"|"asking"|"checked"} phase
 * @property {boolean} cameraWanted
 * @property {DevicesView} devices
 * @property {Record<"microphone"|"camera", {choices: MediaDeviceInfo[], inUse: string}>} pickers
 * @property {string} help Message id of this browser's steps to allow its devices.
 */
import { h, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { button, heading, sentence } from "./parts.js";

const METER_STEPS = 12;

/** @param {Translate} t */
export function createDeviceCheck(t) {
  const meter = createMeter(t);
  let hearing = "waiting";

  /** @param {DeviceCheckView} view @returns {Node[]} */
  function draw({ phase, ...view }) {
    if (phase !== "checked") return drawIntro(t, phase);
    const trouble = troubleOf(view);
    const silent = hearing === "silent" && !view.devices.microphone.failure;
    return [
      ...drawVerdict(t, trouble, silent, view.help),
      h("ul", { class: "checks" }, ...drawFindings(t, view)),
      ...(view.devices.microphone.stream ? [meter.element] : []),
      h("div", { class: "pickers" }, ...drawPickers(t, view)),
      h("div", { class: "actions" }, ...drawWaysOn(t, trouble)),
    ];
  }

  return {
    draw,
    /** @param {Reading} reading @returns {boolean} Whether the screen should be drawn again. */
    measure(reading) {
      meter.draw(reading);
      const turned = (reading.hearing === "silent") !== (hearing === "silent");
      hearing = reading.hearing;
      return turned;
    },
  };
}

/** @param {Translate} t @param {"intro"|"asking"} phase */
function drawIntro(t, phase) {
  const asking = phase === "asking";
  return [
    heading(t, "perm.intro"),
    sentence(t, "perm.intro.body"),
    asking
      ? sentence(t, "perm.waiting")
      : h("div", { class: "actions" }, button(t, "continue", "action.continue", "primary")),
  ];
}

/**
 * @typedef {{kind: "microphone"|"camera", id: string}} Trouble
 * @param {Omit<DeviceCheckView, "phase">} view
 * @returns {Trouble|null} The one worth the heading: without a microphone nobody is heard.
 */
function troubleOf({ devices, cameraWanted }) {
  const { microphone, camera } = devices;
  if (microphone.failure) return { kind: "microphone", id: microphone.failure };
  if (cameraWanted && camera.failure) return { kind: "camera", id: camera.failure };
  return null;
}

/** @param {Translate} t @param {Trouble|null} trouble @param {boolean} silent @param {string} help */
function drawVerdict(t, trouble, silent, help) {
  if (trouble) {
    const values = { device: t(`device.${trouble.kind}`) };
    const body = trouble.id === "perm.denied" ? help : `${trouble.id}.body`;
    return [heading(t, trouble.id, values), sentence(t, body, values)];
  }
  const id = silent ? "dev.silent" : "dev.ok";
  return [heading(t, id), sentence(t, `${id}.body`)];
}

/** @param {Translate} t @param {Omit<DeviceCheckView, "phase">} view */
function drawFindings(t, { devices, cameraWanted }) {
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
  return [
    finding("microphone", devices.microphone),
    cameraWanted && finding("camera", devices.camera),
    h(
      "li",
      {},
      icon("speaker"),
      h("span", { "data-msg": "check.speaker" }, t("check.speaker")),
      button(t, "test-speaker", "action.test_speaker", "quiet"),
    ),
  ];
}

/** @param {Translate} t @param {Omit<DeviceCheckView, "phase">} view */
function drawPickers(t, { devices, pickers }) {
  return /** @type {const} */ (["microphone", "camera"])
    .filter((kind) => devices[kind].stream && pickers[kind].choices.length > 1)
    .map((kind) => drawPicker(t, kind, pickers[kind]));
}

/**
 * @param {Translate} t
 * @param {"microphone"|"camera"|"speaker"} kind
 * @param {{choices: MediaDeviceInfo[], inUse: string}} picker
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
  if (trouble.kind === "camera") {
    const soundOnly = button(t, "audio-only", "action.sound_only", "primary");
    return [soundOnly, button(t, "try-again", "action.try_again", "secondary"), back];
  }
  const listenOnly = button(t, "listen-only", "action.listen_only", "secondary");
  return [button(t, "try-again", "action.try_again", "primary"), listenOnly, back];
}

/** @param {Translate} t */
function createMeter(t) {
  const bars = Array.from({ length: METER_STEPS }, () => h("span"));
  const words = h("p", { class: "meter-words" });
  const element = h(
    "div",
    { class: "meter" },
    h("div", { class: "meter-bars", "aria-hidden": "true" }, ...bars),
    words,
  );
  return {
    element,
    /** @param {Reading} reading */
    draw({ level, hearing }) {
      const lit = Math.round(level * METER_STEPS);
      bars.forEach((bar, index) => setAttribute(bar, "data-lit", index < lit));
      const id = `meter.${hearing}`;
      setAttribute(words, "data-msg", id);
      setText(words, t(id));
    },
  };
}
