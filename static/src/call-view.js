/**
 * Draws the customer's page: the screen of the state, the control bar, the timer and the window's
 * title. It owns what only the drawing needs to know, such as how far the device check has come.
 *
 * @typedef {import("./types.js").PageData} PageData
 * @typedef {import("./call-state.js").CallModel} CallModel
 * @typedef {import("./device-check.js").DeviceCheckView} DeviceCheckView
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createControls } from "./controls.js";
import { createDeviceCheck } from "./device-check.js";
import { permissionHelpOf } from "./device-failures.js";
import { required, setAttribute, setText } from "./dom.js";
import { clockText } from "./durations.js";
import { createEar } from "./level-meter.js";
import { createPanel } from "./panel.js";
import { drawScreen } from "./screens.js";

/** The SDK tries for this long to get back into the meeting. */
const RECONNECT_S = 55;
const TICK_MS = 500;

/** @type {Record<CallModel["state"], "card"|"beside"|"stage">} Where the pictures are. */
const LAYOUTS = {
  loading: "card",
  closed: "card",
  unavailable: "card",
  ready: "card",
  details: "card",
  device_check: "beside",
  requesting: "beside",
  joining: "beside",
  queued: "beside",
  connected: "stage",
  reconnecting: "stage",
  ended: "card",
  failed: "card",
};

/** States whose screens do not take the focus: the person is busy with the call. */
const IN_CALL = new Set(["connected", "reconnecting"]);

/** @type {Partial<Record<CallModel["state"], string>>} Elsewhere the screen has its own way out. */
const LEAVE_LABELS = {
  queued: "action.leave_queue",
  connected: "action.end_call",
  reconnecting: "action.end_call",
};

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {PageData} options.page
 * @param {Translate} options.t
 * @param {{readonly model: CallModel}} options.store
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {ReturnType<typeof import("./call-flow.js").createCallFlow>} options.flow
 * @param {() => string} options.agentName
 */
export function createCallView({ root, page, t, store, devices, live, flow, agentName }) {
  const panel = createPanel(required("[data-part=panel]", HTMLElement, root));
  const timer = required("[data-part=timer]", HTMLElement, root);
  const controls = createControls({ bar: required("[data-part=bar]", HTMLElement, root), t });
  const deviceCheck = createDeviceCheck(t);
  const listen = createEar((reading) => {
    if (deviceCheck.measure(reading)) draw();
  });

  /** @type {DeviceCheckView["phase"]} */
  let phase = "intro";
  /** @type {DeviceCheckView["pickers"]} */
  let pickers = { microphone: { choices: [], inUse: "" }, camera: { choices: [], inUse: "" } };
  let droppedAtMs = 0;
  let connectedAtMs = 0;
  let drawn = /** @type {CallModel["state"]} */ ("loading");

  void devices.onPermissionChange(() => {
    const { microphone, camera } = devices.view;
    const refused = microphone.failure !== null || camera.failure !== null;
    if (store.model.state === "device_check" && phase === "checked" && refused) void askForDevices();
  });
  setInterval(tick, TICK_MS);

  function draw() {
    const { model } = store;
    noteTimes(model);
    setAttribute(root, "data-call-state", model.state);
    setAttribute(root, "data-layout", LAYOUTS[model.state]);
    setAttribute(root, "data-on-hold", model.contact?.on_hold === true);
    document.title = titleOf(model);
    drawPanel(model);
    drawBar(model);
    drawn = model.state;
    const checking = model.state === "device_check" && phase === "checked";
    listen(checking ? devices.view.microphone.stream : null);
    tick();
  }

  /** @param {CallModel} model */
  function drawPanel(model) {
    const screen = { model, page, agentName: agentName(), details: flow.details };
    const nodes = drawScreen(t, { ...screen, secondsLeft: secondsLeft(model), drawDeviceCheck });
    const name = model.state === "device_check" ? `${model.state} ${phase}` : model.state;
    panel.show(name, nodes, { focusHeading: drawn !== "loading" && !IN_CALL.has(model.state) });
  }

  /** @param {CallModel} model */
  function drawBar(model) {
    controls.draw({
      muted: live.muted,
      cameraOn: live.cameraOn,
      cameraOffered: page.entry_point.video,
      leave: LEAVE_LABELS[model.state] ?? null,
    });
  }

  function drawDeviceCheck() {
    return deviceCheck.draw({
      phase,
      cameraWanted: flow.cameraWanted,
      devices: devices.view,
      pickers,
      help: permissionHelpOf(navigator.userAgent),
    });
  }

  /** @param {CallModel} model */
  function noteTimes({ state, contact }) {
    if (state === "reconnecting" && drawn !== "reconnecting") droppedAtMs = Date.now();
    if (state === "connected" && connectedAtMs === 0) {
      connectedAtMs = contact?.connected_at ? Date.parse(contact.connected_at) : Date.now();
    }
    if (state !== "connected" && state !== "reconnecting") connectedAtMs = 0;
  }

  /** @param {CallModel} model */
  function secondsLeft({ state }) {
    if (state !== "reconnecting") return null;
    return Math.max(0, RECONNECT_S - Math.floor((Date.now() - droppedAtMs) / 1000));
  }

  function tick() {
    const { model } = store;
    setAttribute(timer, "hidden", connectedAtMs === 0);
    if (connectedAtMs > 0) setText(timer, clockText(Date.now() - connectedAtMs));
    if (model.state === "reconnecting") drawPanel(model);
  }

  /** @param {CallModel} model */
  function titleOf({ state }) {
    const company = page.entry_point.company;
    if (state === "queued") return t("title.queued", { company });
    if (state === "connected") return t("title.connected", { company });
    return t("title.call", { company });
  }

  async function readPickers() {
    const [microphones, cameras] = await Promise.all([
      devices.list("microphone"),
      devices.list("camera"),
    ]);
    pickers = {
      microphone: { choices: microphones, inUse: devices.inUse("microphone") },
      camera: { choices: cameras, inUse: devices.inUse("camera") },
    };
  }

  /** Asks the browser, which asks the person if it must. */
  async function askForDevices() {
    phase = "asking";
    draw();
    await devices.open({ camera: flow.cameraWanted });
    if (store.model.state !== "device_check") return;
    await readPickers();
    phase = "checked";
    draw();
  }

  return {
    draw,
    askForDevices,

    /** Begins the device check; whoever has allowed the devices before is not asked again. */
    async checkDevices() {
      phase = "intro";
      if (await devices.isGranted({ camera: flow.cameraWanted })) await askForDevices();
      else draw();
    },

    async devicesChanged() {
      if (store.model.state !== "device_check" || phase !== "checked") return;
      await readPickers();
      draw();
    },
  };
}
