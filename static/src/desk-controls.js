/**
 * What the agent can do in a call, as the control bar's buttons and as shortcuts. Which there are
 * follows from whose call it is and what its people were granted. Pure.
 *
 * @typedef {import("./controls.js").Control} Control
 * @typedef {import("./desk-state.js").DeskCall} DeskCall
 */
import { DEVICES_CONTROL, cameraControl, leaveControl, microphoneControl } from "./controls.js";

/**
 * @param {DeskCall} call
 * @param {{muted: boolean, cameraOn: boolean, sharing: boolean}} own
 * @param {Control[]} [chat]
 * @returns {Control[]}
 */
export function deskControls(call, { muted, cameraOn, sharing }, chat = []) {
  if (call.role === "supervisor") return [leaveControl("action.stop_listening")];
  const { customer, agent } = call.contact.capabilities;
  const isOwn = call.role === "agent";
  const canLead = isOwn && call.connected_at !== null;
  return [
    microphoneControl(muted),
    cameraControl(cameraOn),
    ...(canLead ? [holdControl(call.on_hold)] : []),
    ...(canLead && customer.screen_share ? [askControl(call.screen_is_asked_for)] : []),
    ...(agent.screen_share ? [shareControl(sharing)] : []),
    ...(canLead ? [INVITE, TRANSFER] : []),
    ...chat,
    DEVICES_CONTROL,
    leaveControl(isOwn ? "action.end_call" : "action.leave_call"),
  ];
}

/** With Alt, so that no letter typed anywhere is taken for one. By `KeyboardEvent.code`. */
export const SHORTCUTS = Object.freeze({
  KeyA: "accept",
  KeyM: "mute",
  KeyC: "camera",
  KeyH: "hold",
  KeyS: "share",
  KeyI: "invite",
  KeyT: "transfer",
  KeyR: "ready",
});

/** @param {boolean} held @returns {Control} */
const holdControl = (held) => ({
  action: "hold",
  message: held ? "action.resume" : "action.hold",
  icon: "hold",
  pressed: held,
});

/** @param {boolean} asked @returns {Control} */
const askControl = (asked) => ({
  action: "ask-screen",
  message: asked ? "action.end_screen" : "action.ask_screen",
  icon: "ask",
  pressed: asked,
});

/** @param {boolean} sharing @returns {Control} */
const shareControl = (sharing) => ({
  action: "share",
  message: sharing ? "action.stop_share" : "action.share",
  icon: "screen",
  pressed: sharing,
});

/** @type {Control} */
const INVITE = { action: "invite", message: "action.invite", icon: "invite" };
/** @type {Control} */
const TRANSFER = { action: "transfer", message: "action.transfer", icon: "transfer" };
