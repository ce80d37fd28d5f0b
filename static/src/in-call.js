/**
 * What a customer can do in a call beyond muting and leaving, put together: the bar's controls, the
 * notices over the pictures, and the features behind both. Each feature keeps its own small state and
 * says what it offers; this module asks them all whenever something has changed, and draws.
 *
 * @typedef {import("./call-model.js").CallModel} CallModel
 * @typedef {import("./controls.js").Control} Control
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { createCallDialogs } from "./call-dialogs.js";
import { isLive } from "./call-model.js";
import { createChat } from "./chat.js";
import { DEVICES_CONTROL, partControls } from "./controls.js";
import { required } from "./dom.js";
import { basicControls } from "./in-call-door.js";
import { createMoreSheet } from "./more-sheet.js";
import { createNetworkAdvice, drawGrade } from "./network-advice.js";
import { createNotices } from "./notices.js";
import { createOwnTools } from "./own-tools.js";
import { createPictureTools } from "./picture-tools.js";
import { isAgent } from "./roster.js";
import { createScreenSharing } from "./screen-sharing.js";

/** Where the bar has room for a few controls only; the stylesheet says the same. */
export const NARROW = "(max-width: 30rem)";

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {import("./types.js").PageData} options.page
 * @param {Translate} options.t
 * @param {ReturnType<typeof import("./controls.js").createControls>} options.controls The bar's.
 * @param {{readonly model: CallModel}} options.store
 * @param {import("./abilities.js").Abilities} options.abilities
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {import("./devices.js").Devices} options.devices
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {ReturnType<typeof import("./announcer.js").createAnnouncer>} options.announce
 * @param {() => string} options.agentName
 * @param {(attendee: import("./roster.js").Attendee) => string} options.nameOf
 */
export function createInCall(options) {
  const { root, page, t, controls, store, abilities, devices, live, announce, agentName, nameOf } = options;
  const part = (/** @type {string} */ name) => required(`[data-part=${name}]`, HTMLElement, root);
  const bar = part("bar");
  const quality = required("[data-action=quality]", HTMLElement, root);
  const narrow = matchMedia(NARROW);
  narrow.addEventListener("change", draw);
  const say = (/** @type {string} */ id, /** @type {Record<string, string>} */ values = {}) =>
    announce.polite(id, { agent: agentName(), ...values });
  const focusBar = () => bar.querySelector("button")?.focus();

  const more = createMoreSheet(root, t);
  const notices = createNotices({ element: part("notices"), t, focusElsewhere: focusBar });
  const dialogs = createCallDialogs({ ...options, bar });
  const sharing = createScreenSharing({ able: abilities.shareScreen, live, agentName, say, redraw: draw });
  const network = createNetworkAdvice({ live, agentName, say });
  const own = createOwnTools({
    devices, live, say, redraw: draw, kindName: (kind) => t(`device.${kind}`),
  });
  const pictures = createPictureTools({
    root, stage: part("stage"), abilities, say, redraw: draw, away: t("pip.away"),
  });
  const chat = createChat({
    panel: part("chat"), t, live, offering: false, say, redraw: draw, focusElsewhere: focusBar,
    nameOf: (id) => {
      const sender = live.others().find((attendee) => attendee.id === id);
      return sender ? nameOf(sender) : t("tile.guest");
    },
  });

  function draw() {
    const { model } = store;
    const going = isLive(model.state);
    own.follow(going);
    const { bar: atHand, more: behind } = partControls(controlsOf(model), { narrow: narrow.matches });
    controls.draw(atHand);
    more.draw(behind);
    notices.draw(going ? [...sharing.notices(), ...network.notices(), ...own.notices()] : []);
    drawGrade(quality, t, model.state === "connected" ? network.grade : null);
    dialogs.draw();
    pictures.draw();
    chat.draw();
  }

  /** @param {CallModel} model @returns {Control[]} In the order of the bar. */
  function controlsOf(model) {
    const { switches, leave } = basicControls(model, page, live);
    if (!leave) return switches;
    const { state } = model;
    const { video, off } = page.entry_point;
    const waiting = state === "queued" || state === "guest_waiting";
    return [
      ...switches,
      ...(video && abilities.phone && live.cameraOn ? [FLIP] : []),
      ...sharing.controls(),
      ...dialogs.controls({ waiting }),
      ...[...chat.controls(), ...own.controls()].filter(({ action }) => !off.includes(action)),
      { ...DEVICES_CONTROL, place: waiting ? "wide" : "more" },
      ...(waiting ? [] : [...pictures.controls(), ...dialogs.lastControls()]),
      leave,
    ];
  }

  /**
   * @template {unknown[]} News
   * @param {(...news: News) => unknown} hear
   * @returns {(...news: News) => void} Draws what has come of it.
   */
  function redrawing(hear) {
    return (...news) => {
      hear(...news);
      draw();
    };
  }

  return {
    draw,
    wasOffered: dialogs.wasOffered,
    deviceLost: own.deviceLost,

    /** @param {boolean} interrupted Only a telephone takes the microphone for a call of its own. */
    interrupted(interrupted) {
      if (abilities.phone) own.interrupted(interrupted);
    },

    /** @param {CallModel} next */
    follow(next) {
      sharing.follow(next);
      if (isLive(next.state)) return;
      more.close();
      dialogs.close();
      pictures.close();
      network.forget();
      chat.forget();
    },

    /** What the meeting says of the network. */
    networkEvents: {
      network: redrawing(network.graded),
      strained: redrawing(network.strained),
      viewOnly: redrawing(network.viewOnly),
      sendingSound: redrawing(network.sendingSound),
    },

    /** @param {import("./meeting-news.js").DataMessage} message */
    message(message) {
      if (!page.entry_point.off.includes("chat")) chat.receive(message, isAgent(message.senderExternalUserId));
    },

    /** @type {Record<string, (button: Element) => unknown>} By `data-action`. */
    actions: {
      ...dialogs.actions,
      ...own.actions,
      ...pictures.actions,
      more: () => more.open(),
      chat: () => chat.toggle(),
      share: () => sharing.share(),
      "stop-share": () => sharing.stop(),
      quality: redrawing(network.explain),
      flip: async () => {
        const flipped = await devices.flipCamera();
        say(flipped ? "call.flipped" : "call.flipped.none");
      },
      "stop-video": async () => {
        network.dismiss("net.stopvideo");
        if (live.cameraOn) await live.toggleCamera();
        say("call.self.camera.off");
        draw();
      },
      dismiss: (button) => {
        const about = button.getAttribute("data-about") ?? "";
        for (const feature of [sharing, network, own]) {
          if (feature.notices().some(({ id }) => id === about)) feature.dismiss(about);
        }
        draw();
      },
    },
  };
}

/** @type {Control} */
const FLIP = { action: "flip", message: "action.flip", icon: "flip", place: "narrow" };
