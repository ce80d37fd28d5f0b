import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, spanMs } from "../src/durations.js";
import { createHearing, levelOf, loudness } from "../src/level-meter.js";
import { localeOf } from "../src/locale.js";
import { createMessages } from "../src/messages.js";
import { createStore } from "../src/store.js";

test("lengths read like a clock", () => {
  assert.equal(clockText(-5), "0:00");
  assert.equal(clockText(59_999), "0:59");
  assert.equal(clockText(247_000), "4:07");
  assert.equal(clockText(3_847_000), "1:04:07");
});

test("a span needs both ends and is never negative", () => {
  assert.equal(spanMs("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"), 60_000);
  assert.equal(spanMs("2026-01-01T00:01:00Z", "2026-01-01T00:00:00Z"), 0);
  assert.equal(spanMs(null, "2026-01-01T00:00:00Z"), null);
});

test("gaps are filled, unknown ones stay, and a sentence begins with a capital", () => {
  const t = createMessages({ left: "{name} left.", wait: "{s} s left, {who}" });

  assert.equal(t("left", { name: "the agent" }), "The agent left.");
  assert.equal(t("wait", { s: 5 }), "5 s left, {who}");
  assert.equal(t("nothing.like.this"), "nothing.like.this");
});

test("a sentence takes the form that its number asks for, in the page's language", () => {
  const minutes = { zero: "none", one: "one", two: "two", few: "{n} few", many: "{n} many", other: "{n} others" };
  const arabic = createMessages({ minutes }, "ar-u-nu-latn");
  const english = createMessages({ minutes: { one: "{n} minute", other: "{n} minutes" } }, "en");
  const french = createMessages({ minutes: { one: "{n} minute", other: "{n} minutes" } }, "fr");

  const told = [0, 1, 2, 3, 11, 100].map((n) => arabic("minutes", { n }));
  assert.deepEqual(told, ["none", "one", "two", "3 few", "11 many", "100 others"]);
  assert.deepEqual([0, 1, 2].map((n) => english("minutes", { n })), ["0 minutes", "1 minute", "2 minutes"]);
  assert.deepEqual([0, 1, 2].map((n) => french("minutes", { n })), ["0 minute", "1 minute", "2 minutes"]);
  // French has a form for millions, which no sentence here needs.
  assert.equal(french("minutes", { n: 1_000_000 }).replace(/\D/g, ""), "1000000");
});

test("what is filled in keeps its own direction in a sentence read from right to left", () => {
  const t = createMessages({ call: "سنتصل بالرقم {number}." }, "ar", { rightToLeft: true });

  assert.equal(t("call", { number: "+49 30 1" }), "سنتصل بالرقم \u2068+49 30 1\u2069.");
});

test("numbers and times are written as in the visitor's region, in the page's language", () => {
  assert.equal(localeOf("en", ["fr-FR", "en-GB", "en-US"]), "en-GB");
  assert.equal(localeOf("de", ["en-GB"]), "de");
  assert.equal(localeOf("ar", ["ar-EG"]), "ar-EG-u-nu-latn");
  assert.equal(localeOf("en-xa", ["de"]), "en-xa");
});

test("what a person typed is not read as a gap", () => {
  const t = createMessages({ left: "{name} left {s}." });

  assert.equal(t("left", { name: "{s}", s: 1 }), "{s} left 1.");
});

test("loudness and level span silence to full scale", () => {
  assert.equal(loudness(new Float32Array(16)), 0);
  assert.equal(loudness(new Float32Array(16).fill(0.5)), 0.5);
  assert.equal(levelOf(0), 0);
  assert.equal(levelOf(1), 1);
});

/**
 * @param {(rms: number, nowMs: number) => import("../src/level-meter.js").Reading} hear
 * @param {number} rms @param {number} fromMs @param {number} toMs
 */
function listen(hear, rms, fromMs, toMs) {
  let word = "";
  for (let at = fromMs; at <= toMs; at += 80) word = hear(rms, at).hearing;
  return word;
}

test("a microphone without even noise is silent after five seconds, and heard once it speaks", () => {
  const hear = createHearing();

  assert.equal(listen(hear, 0, 0, 4_900), "waiting");
  assert.equal(listen(hear, 0, 4_960, 5_200), "silent");
  assert.equal(hear(0.1, 5_300).hearing, "heard");
});

test("silence before the tab was hidden counts no more once it is shown", () => {
  const hear = createHearing();
  listen(hear, 0, 0, 4_000);

  assert.equal(listen(hear, 0, 60_000, 64_000), "waiting");
  assert.equal(listen(hear, 0, 64_080, 65_200), "silent");
});

test("a quiet room is not a dead microphone, but told of after a while", () => {
  const hear = createHearing();

  assert.equal(listen(hear, 0.0001, 0, 9_900), "waiting");
  assert.equal(listen(hear, 0.0001, 9_980, 30_000), "quiet");
  assert.equal(listen(hear, 0.1, 30_080, 30_160), "heard");
  assert.equal(listen(hear, 0.0001, 30_240, 60_000), "heard");
});

test("a store tells of changes only, with what was before", () => {
  const store = createStore(1, (/** @type {number} */ model, /** @type {number} */ event) => model + event);
  /** @type {number[][]} */
  const told = [];
  const stop = store.subscribe((next, previous) => told.push([next, previous]));

  store.send(0);
  store.send(2);
  stop();
  store.send(5);

  assert.deepEqual(told, [[3, 1]]);
  assert.equal(store.model, 8);
});
