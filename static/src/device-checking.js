/**
 * How far the device check has come: asked or not, what was heard, which devices there are to
 * choose from. It asks for devices through their owner and draws nothing but what it hands out.
 *
 * @typedef {import("./device-check.js").DeviceCheckView} DeviceCheckView
 * @typedef {import("./device-memory.js").DeviceMemory} DeviceMemory
 * @typedef {import("./level-meter.js").Reading} Reading
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { drawDeviceCheck, verdictOf } from "./device-check.js";
import { createMeter } from "./microphone-meter.js";
import { playTestSound } from "./sounds.js";

/**
 * @param {object} options
 * @param {Translate} options.t
 * @param {import("./devices.js").Devices} options.devices
 * @param {DeviceMemory} options.memory
 * @param {DeviceCheckView["surroundings"]} options.surroundings
 * @param {boolean} options.speakerPickable
 * @param {() => boolean} options.isOpen Whether the check is what the page shows.
 * @param {() => boolean} options.isWaiting Whether the page waits for somebody to answer.
 * @param {() => boolean} options.cameraWanted
 * @param {() => void} options.redraw
 * @param {(id: string, values?: Record<string, string>) => void} options.say Tells what the check comes to now.
 */
export function createDeviceChecking(options) {
  const { t, devices, memory, isOpen, isWaiting, cameraWanted, redraw, say } = options;
  const meter = createMeter(t);
  /** @type {DeviceCheckView["phase"]} */
  let phase = "intro";
  /** @type {DeviceCheckView["soundTest"]} */
  let soundTest = "untested";
  /** @type {Reading["hearing"]} */
  let hearing = "waiting";
  /** @type {DeviceCheckView["network"]} */
  let network = null;
  let pickers = noPickers();
  let saidLast = "";

  const isChecked = () => isOpen() && phase === "checked";

  void devices.onPermissionChange(() => {
    const { microphone, camera } = devices.view;
    if (isChecked() && (microphone.failure !== null || camera.failure !== null)) void ask();
  });

  /** @returns {DeviceCheckView} */
  const view = () => ({
    phase,
    cameraWanted: cameraWanted(),
    devices: devices.view,
    names: { microphone: devices.nameInUse("microphone"), camera: devices.nameInUse("camera") },
    pickers,
    speakerPickable: options.speakerPickable,
    soundTest,
    network,
    remembering: memory.on,
    hearing,
    meter: meter.element,
    surroundings: options.surroundings,
  });

  async function readPickers() {
    const kinds = /** @type {const} */ (["microphone", "camera", "speaker"]);
    const found = await Promise.all(kinds.map(devices.list));
    kinds.forEach((kind, index) => {
      pickers[kind] = { choices: found[index] ?? [], inUse: devices.inUse(kind) };
    });
  }

  /** Asks the browser, which asks the person if it must. */
  async function ask() {
    phase = "asking";
    redraw();
    await devices.open({ camera: cameraWanted() });
    if (!isOpen()) return;
    await readPickers();
    phase = "checked";
    saidLast = verdictOf(t, view()).id;
    redraw();
  }

  /** A new screen is read out as it takes the focus; what changes on it afterwards is said. */
  function sayVerdict() {
    const { id, values } = verdictOf(t, view());
    if (id !== saidLast) say(id, values);
    saidLast = id;
  }

  return {
    ask,

    /** @returns {boolean} There is a microphone to measure. */
    get listening() {
      return (isChecked() || isWaiting()) && devices.view.microphone.stream !== null;
    },

    /** @returns {boolean} Nothing at all arrives from the microphone. */
    get silent() {
      return hearing === "silent";
    },

    /** @returns {DeviceCheckView["phase"]} */
    get phase() {
      return phase;
    },

    /** @returns {DeviceCheckView["soundTest"]} */
    get soundTest() {
      return soundTest;
    },

    /** Begins the check; whoever has allowed the devices before is not asked again. */
    async begin() {
      phase = "intro";
      hearing = "waiting";
      if (await devices.isGranted({ camera: cameraWanted() })) await ask();
      else redraw();
    },

    draw: () => drawDeviceCheck(t, view()),

    async devicesChanged() {
      if (!isChecked()) return;
      await readPickers();
      if (!isChecked()) return;
      sayVerdict();
      redraw();
    },

    /** Something was plugged in or out: what was missing may be there now. */
    async plugged() {
      if (isChecked()) await devices.openMissing({ camera: cameraWanted() });
    },

    /** @param {Reading} reading */
    measure(reading) {
      meter.draw(reading);
      const turned = (reading.hearing === "silent") !== (hearing === "silent");
      hearing = reading.hearing;
      if (!turned) return;
      if (isChecked()) sayVerdict();
      else if (hearing === "silent") say("dev.silent");
      redraw();
    },

    /** The microphone was turned off or changed: what was heard of it counts no more. */
    forget() {
      hearing = "waiting";
    },

    async testSound() {
      soundTest = "asked";
      redraw();
      await playTestSound(devices.inUse("speaker"));
    },

    /** @param {boolean} heard What the person says of the test sound. */
    answerSound(heard) {
      soundTest = heard ? "heard" : "unheard";
      say(heard ? "check.speaker.works" : "spk.advice");
      redraw();
    },

    /** @param {NonNullable<DeviceCheckView["network"]>} grade What the test of the connection came to. */
    networkTested(grade) {
      network = grade;
      redraw();
    },

    /** @param {boolean} on */
    remember(on) {
      memory.turn(on);
      redraw();
    },
  };
}

/** @returns {DeviceCheckView["pickers"]} */
const noPickers = () => ({
  microphone: { choices: [], inUse: "" },
  camera: { choices: [], inUse: "" },
  speaker: { choices: [], inUse: "" },
});
