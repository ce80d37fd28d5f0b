import assert from "node:assert/strict";
import { test } from "node:test";
import { leaveControl, microphoneControl, partControls } from "../src/controls.js";

/** @typedef {import("../src/controls.js").Control} Control */

/** @param {string} action @param {Control["place"]} [place] @param {number} [badge] @returns {Control} */
const control = (action, place, badge) => ({ action, message: action, icon: "more", place, badge });
const ALL = [
  microphoneControl(false), control("flip", "narrow"), control("share", "wide"),
  control("chat", "more", 2), control("keypad", "more", 1), leaveControl("action.end_call"),
];

/** @param {Control[]} controls */
const names = (controls) => controls.map(({ action }) => action);

test("a wide bar keeps what it has room for, and leaving comes last", () => {
  const { bar, more } = partControls(ALL, { narrow: false });

  assert.deepEqual(names(bar), ["mute", "share", "more", "leave"]);
  assert.deepEqual(names(more), ["flip", "chat", "keypad"]);
});

test("a narrow bar keeps what a telephone needs", () => {
  const { bar, more } = partControls(ALL, { narrow: true });

  assert.deepEqual(names(bar), ["mute", "flip", "more", "leave"]);
  assert.deepEqual(names(more), ["share", "chat", "keypad"]);
});

test("what is new behind More is counted on it", () => {
  const more = partControls(ALL, { narrow: false }).bar.find(({ action }) => action === "more");

  assert.equal(more?.badge, 3);
});

test("there is no More with nothing behind it", () => {
  assert.deepEqual(names(partControls([control("mute")], { narrow: true }).bar), ["mute"]);
});
