import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnectionWatch } from "../src/connection-watch.js";
import { createNetworkAdvice } from "../src/network-advice.js";
import { createNetworkQuality } from "../src/network-quality.js";

/** @typedef {import("../src/network-quality.js").Reading} Reading */

/** @param {Partial<Reading>} [values] @returns {Reading} */
const reading = (values = {}) => ({ silentS: 0, lossPercent: 0, outgoingKbps: 900, roundTripMs: 20, ...values });

/** @param {Partial<Reading>[]} readings */
function gradesAfter(readings) {
  const assess = createNetworkQuality();
  return readings.map((one) => assess(reading(one)).grade);
}

test("one bad second is no bad network, three are", () => {
  const lossy = { lossPercent: 30 };

  assert.deepEqual(gradesAfter([lossy, {}, lossy, lossy, lossy]), ["good", "good", "good", "good", "poor"]);
});

test("a network that gets better is believed later, and step by step", () => {
  const grades = gradesAfter([...Array(3).fill({ outgoingKbps: 50 }), ...Array(9).fill({})]);

  assert.deepEqual(grades.slice(2), [...Array(8).fill("poor"), "weak", "good"]);
});

test("what a browser cannot measure says nothing", () => {
  assert.deepEqual(gradesAfter(Array(4).fill({ outgoingKbps: null, roundTripMs: null })).at(-1), "good");
});

function watched() {
  /** @type {string[]} */
  const told = [];
  const assess = createNetworkQuality();
  const watch = createConnectionWatch({
    onGone: (silentMs) => told.push(`gone ${silentMs}`), onBack: () => told.push("back"),
  });
  watch.started();
  const read = (/** @type {number} */ silentS) => {
    const one = reading({ silentS });
    watch.read(one, assess(one));
  };
  return { watch, told, read };
}

test("silence of some seconds means that the connection is away, until something comes", () => {
  const { told, read } = watched();

  [1, 2, 3, 4, 5, 0].forEach(read);

  assert.deepEqual(told, ["back", "gone 4000", "back"]);
});

test("while the SDK reconnects only it says that it is back", () => {
  const { watch, told, read } = watched();
  watch.reconnecting();

  [0, 0].forEach(read);
  watch.started();

  assert.deepEqual(told, ["back", "gone 0", "back"]);
});

test("a browser that is offline is believed until it is online, or media proves it wrong", () => {
  const { watch, told, read } = watched();
  watch.offline();
  [0, 0, 0].forEach(read);
  assert.deepEqual(told, ["back", "gone 0"]);

  watch.online();
  read(0);
  assert.deepEqual(told.slice(2), ["back"]);

  watch.offline();
  Array(12).fill(0).forEach(read);
  assert.deepEqual(told.slice(3), ["gone 0", "back"]);
});

function advised({ cameraOn = true } = {}) {
  /** @type {string[]} */
  const said = [];
  const clock = { now: 0 };
  const advice = createNetworkAdvice({
    live: /** @type {any} */ ({ cameraOn }), agentName: () => "Sam",
    say: (id) => said.push(id), now: () => clock.now,
  });
  const shown = () => advice.notices().map(({ id }) => id);
  return { advice, said, clock, shown };
}

test("turning the video off is suggested once in five minutes", () => {
  const { advice, clock, shown, said } = advised();
  advice.graded("poor");
  assert.deepEqual(shown(), ["net.stopvideo"]);

  advice.dismiss("net.stopvideo");
  advice.graded("weak");
  advice.graded("poor");
  advice.strained();
  assert.deepEqual([shown(), said], [[], ["net.poor", "net.poor"]]);

  clock.now = 5 * 60_000;
  advice.strained();
  assert.deepEqual(shown(), ["net.stopvideo"]);
});

test("whoever shows no picture is only told", () => {
  const { advice, shown, said } = advised({ cameraOn: false });

  advice.graded("poor");
  advice.graded("good");

  assert.deepEqual([shown(), said], [[], ["net.poor", "net.good"]]);
});

test("sound that does not go out is told until it does", () => {
  const { advice, shown, said } = advised();

  advice.sendingSound(true);
  assert.deepEqual(shown(), ["net.tx"]);
  advice.sendingSound(false);

  assert.deepEqual([shown(), said], [[], ["net.tx.back"]]);
});
