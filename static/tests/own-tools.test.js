import assert from "node:assert/strict";
import { test } from "node:test";
import { constraintsOf } from "../src/device-constraints.js";
import { createTalkDetector } from "../src/muted-talk.js";
import { shortcutOf } from "../src/shortcuts.js";

/** Whether it was talk at any time. @param {number[]} levels One each tenth of a second. */
function isTalk(levels) {
  const detect = createTalkDetector();
  return levels.some((level, index) => detect(level, 1_000 + index * 100));
}

test("a second and a half of talk is talk, with breaths between words", () => {
  const talk = [...Array(8).fill(0.6), 0.1, 0.1, ...Array(9).fill(0.6)];

  assert.equal(isTalk(talk), true);
  assert.equal(isTalk(talk.slice(0, 12)), false);
});

test("a cough, a keyboard and a humming room are none", () => {
  assert.equal(isTalk([0.9, 0.9, 0.9, ...Array(30).fill(0)]), false);
  assert.equal(isTalk(Array(60).fill(0).map((_, n) => (n % 4 === 0 ? 0.8 : 0.1))), false);
  assert.equal(isTalk(Array(60).fill(0.2)), false);
});

/** @param {Partial<Parameters<typeof shortcutOf>[0]>} pressed */
const keys = (pressed) =>
  ({ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, key: "", repeat: false, ...pressed });

test("shortcuts need a modifier or a function key", () => {
  assert.equal(shortcutOf(keys({ key: "d" })), null);
  assert.equal(shortcutOf(keys({ key: "d", ctrlKey: true })), "mute");
  assert.equal(shortcutOf(keys({ key: "e", metaKey: true })), "camera");
  assert.equal(shortcutOf(keys({ key: "F2" })), "bar");
  assert.equal(shortcutOf(keys({ key: "d", ctrlKey: true, altKey: true })), null);
  assert.equal(shortcutOf(keys({ key: "d", ctrlKey: true, repeat: true })), null);
});

const WISHES = /** @type {const} */ ({
  microphone: undefined, camera: undefined, facing: "user", noiseSuppression: true, backgroundBlur: false,
});

test("the camera that faces the person is asked for, unless one was chosen", () => {
  assert.equal(constraintsOf("camera", WISHES, 8).facingMode, "user");

  const chosen = constraintsOf("camera", { ...WISHES, camera: "c1" }, 8);
  assert.deepEqual([chosen.facingMode, chosen.deviceId], [undefined, { exact: "c1" }]);
});

test("a weak machine is asked for a smaller picture, and noise is suppressed as wished", () => {
  assert.deepEqual(constraintsOf("camera", WISHES, 2).width, { ideal: 640 });
  assert.equal(constraintsOf("microphone", { ...WISHES, noiseSuppression: false }, 2).noiseSuppression, false);
});
