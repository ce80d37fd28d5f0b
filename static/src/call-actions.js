/**
 * What the buttons of the customer's page do, by their `data-action`; those of a running call are in in-call.js.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./call-model.js").CallEvent} CallEvent
 */
import { copyAddress } from "./copy-address.js";
import { setAttribute } from "./dom.js";

/** "Cancel" appears where "Start call" was: the second half of a double click does not mean it. */
const DOUBLE_CLICK_MS = 600;

/**
 * @param {object} options
 * @param {import("./types.js").PageData} options.page
 * @param {HTMLElement} options.root
 * @param {(id: string) => string} options.t
 * @param {ReturnType<typeof import("./store.js").createStore<CallModel, CallEvent>>} options.store
 * @param {ReturnType<typeof import("./announcer.js").createAnnouncer>} options.announce
 * @param {ReturnType<typeof import("./call-flow.js").createCallFlow>} options.flow
 * @param {ReturnType<typeof import("./device-checking.js").createDeviceChecking>} options.checking
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./tab-customer.js").Customer} options.customer
 * @param {ReturnType<typeof import("./embed-host.js").createHost>} options.host
 * @param {HTMLElement} options.tapToHear
 * @param {HTMLDialogElement} options.leaveDialog
 * @param {ReturnType<typeof import("./dialogs.js").createDevicesDialog>} options.devicesDialog
 * @param {{open: () => unknown, close: () => void, made: {cancel: () => unknown}|null}} options.callback
 * @param {{open: () => unknown, close: () => void}} options.reminder
 * @param {{open: () => unknown}} options.network Tests the connection.
 * @returns {Record<string, ((button: Element) => unknown)|undefined>}
 */
export function createCallActions({
  page, root, t, store, announce, flow, checking, live, devices, customer, host, tapToHear,
  leaveDialog, devicesDialog, callback, reminder, network,
}) {
  let requestedAtMs = 0;

  store.subscribe((next, previous) => {
    if (next.state === "requesting" && previous.state !== "requesting") requestedAtMs = Date.now();
  });

  /**
   * Says what a device does now, or why it does not.
   * @param {"microphone"|"camera"} kind
   * @param {string} message
   */
  function announceDevice(kind, message) {
    announce.polite(devices.view[kind].failure ?? message, { device: t(`device.${kind}`) });
  }

  return {
    start: () => (store.model.state === "ready" ? flow.start({ camera: true }) : flow.call()),
    "audio-only": () =>
      store.model.state === "ready" ? flow.start({ camera: false }) : flow.callWithout("camera"),
    "listen-only": () => flow.call(),
    continue: () => store.model.state === "device_check" && checking.ask(),
    back: () => flow.back(),
    "try-again": () => {
      if (store.model.state === "device_check") void checking.ask();
      else if (store.model.state === "failed") flow.again();
      else location.reload();
    },
    "test-speaker": () => checking.testSound(),
    "test-network": () => network.open(),
    heard: () => checking.answerSound(true),
    unheard: () => checking.answerSound(false),
    mute: async () => {
      const muted = await live.toggleMute();
      announceDevice("microphone", muted ? "call.self.mic.off" : "call.self.mic.on");
    },
    camera: async () => {
      const on = await live.toggleCamera();
      announceDevice("camera", on ? "call.self.camera.on" : "call.self.camera.off");
    },
    devices: () => devicesDialog.open(),
    "tap-to-hear": () => live.hear().then(() => setAttribute(tapToHear, "hidden", true)),
    leave: () => {
      const { state } = store.model;
      if (state === "queued") leaveDialog.showModal();
      else if (state !== "requesting" || Date.now() - requestedAtMs > DOUBLE_CLICK_MS) flow.leave();
    },
    "confirm-leave": () => flow.leave(),
    stay: (button) => button.closest("dialog")?.close(),
    "keep-waiting": () => flow.keepWaiting(),
    remind: () => reminder.open(),
    "close-reminder": () => reminder.close(),
    callback: () => callback.open(),
    "close-callback": () => callback.close(),
    "cancel-callback": () => callback.made?.cancel(),
    report: () => customer.post(page.urls.help.replace(":reference", store.model.contact?.reference ?? "")),
    "what-happened": (button) => customer.post(button.getAttribute("data-address") ?? ""),
    "copy-link": () => copyAddress(root, announce),
    "new-tab": () => host.moveToTab(location.pathname + location.search),
    rejoin: () => flow.rejoin(),
    "call-again": () => flow.again(),
  };
}
