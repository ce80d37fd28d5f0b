import assert from "node:assert/strict";
import { test } from "node:test";
import { deskControls } from "../src/desk-controls.js";

/** @typedef {import("../src/desk-state.js").DeskCall} DeskCall */

const OWN = { muted: false, cameraOn: true, sharing: false };

/** @param {Partial<DeskCall>} [values] @param {boolean} [screens] @returns {DeskCall} */
const call = (values = {}, screens = true) => ({
  role: "agent",
  on_hold: false,
  screen_is_asked_for: false,
  digits: "",
  connected_at: "2026-01-02T12:00:00.000Z",
  contact: {
    id: "c1", name: "Ana", description: "", attributes: {}, references: {}, queued_at: null,
    capabilities: {
      customer: { video: true, screen_share: screens }, agent: { video: true, screen_share: screens },
    },
  },
  connection: { Meeting: {}, Attendee: { AttendeeId: "a", JoinToken: "t" } },
  ...values,
});

/** @param {DeskCall} of */
const actions = (of) => deskControls(of, OWN).map(({ action }) => action);

test("an agent's own call can be held, sent on and ended", () => {
  assert.deepEqual(actions(call()), [
    "mute", "camera", "hold", "ask-screen", "share", "invite", "transfer", "devices", "leave",
  ]);
});

test("what the contact centre would refuse is not offered before the agent is in the meeting", () => {
  assert.deepEqual(actions(call({ connected_at: null })), ["mute", "camera", "share", "devices", "leave"]);
});

test("screens are offered to whom they were granted", () => {
  assert.deepEqual(actions(call({}, false)), [
    "mute", "camera", "hold", "invite", "transfer", "devices", "leave",
  ]);
});

test("a colleague talks and shares, and leaves the call to its agent", () => {
  assert.deepEqual(actions(call({ role: "colleague" })), ["mute", "camera", "share", "devices", "leave"]);
});

test("a supervisor can only stop listening", () => {
  assert.deepEqual(actions(call({ role: "supervisor" })), ["leave"]);
});

test("switches name what a press does and tell the state", () => {
  const held = deskControls(call({ on_hold: true, screen_is_asked_for: true }), { ...OWN, sharing: true });
  const of = Object.fromEntries(held.map((control) => [control.action, control]));

  assert.deepEqual(
    ["hold", "ask-screen", "share"].map((action) => [of[action]?.message, of[action]?.pressed]),
    [["action.resume", true], ["action.end_screen", true], ["action.stop_share", true]],
  );
});
