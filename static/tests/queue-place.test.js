import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createMessages } from "../src/messages.js";
import { estimateOf, headingOf, moveOf, placeAfter } from "../src/queue-place.js";
import { sparingly } from "../src/sparingly.js";

const MINUTE_MS = 60_000;

/** @param {number|null} position @param {number|null} [wait] Seconds. */
const queue = (position, wait = null) => ({ position, estimated_wait_s: wait });

/** @param {[number|null, number|null][]} told Position and wait, one every second from 0. */
const after = (told) =>
  told.reduce(
    (place, [position, wait], index) => placeAfter(place, queue(position, wait), index * 1_000),
    /** @type {import("../src/queue-place.js").QueuePlace|null} */ (null),
  );

test("a place that rises is kept, and thanks are said instead (case 23)", () => {
  const place = after([[4, null], [3, null], [5, null]]);

  assert.deepEqual(headingOf(place), { id: "q.position", values: { n: 3 } });
  assert.equal(estimateOf(place, 0).id, "q.held");
  assert.equal(estimateOf(placeAfter(place, queue(3), 0), 0).id, "q.waiting.body");
});

test("no sequence of places makes the one shown rise, nor the estimate", () => {
  const places = [7, 9, null, 6, 8, 6, 2, 5, 1, 3];
  const waits = [600, 900, 60, null, 3_000, 500, 700, 100, 0, 4_000];
  let place = /** @type {import("../src/queue-place.js").QueuePlace|null} */ (null);
  let lowest = Infinity;
  let earliest = Infinity;
  for (const [index, position] of places.entries()) {
    place = placeAfter(place, queue(position, waits[index] ?? null), index * 5_000);
    assert.ok(place);
    assert.ok(place.position <= lowest);
    assert.ok((place.answerByMs ?? Infinity) <= earliest);
    lowest = place.position;
    earliest = place.answerByMs ?? Infinity;
  }
  assert.equal(lowest, 1);
});

test("what was known already makes no new place", () => {
  const place = after([[2, 240]]);

  assert.equal(placeAfter(place, queue(2, 240), 5_000), place);
  assert.equal(placeAfter(place, null, 5_000), place);
  assert.equal(placeAfter(null, queue(null, 60), 0), null);
});

test("the estimate counts down in words, and an apology follows a broken one", () => {
  const place = placeAfter(null, queue(2, 185), 0);
  /** @param {number} minutes */
  const at = (minutes) => estimateOf(place, minutes * MINUTE_MS);

  assert.deepEqual(at(0), { id: "q.position.body", values: { n: 4 } });
  assert.deepEqual(at(2), { id: "q.position.body", values: { n: 2 } });
  assert.equal(at(2.5).id, "q.minute");
  assert.equal(at(4).id, "q.minute");
  assert.equal(at(4.2).id, "q.long");
});

test("an estimate of more than an hour is not spelt out", () => {
  assert.equal(estimateOf(placeAfter(null, queue(9, 3_601), 0), 0).id, "q.hour");
  assert.equal(estimateOf(placeAfter(null, queue(9, 3_600), 0), 0).id, "q.position.body");
});

test("the head of the queue is told that it is next", () => {
  const place = after([[2, 60], [1, 60]]);

  assert.ok(place);
  assert.equal(headingOf(place).id, "q.next");
  assert.equal(moveOf(place).id, "q.next");
  assert.deepEqual(moveOf({ ...place, position: 2 }), { id: "q.moved", values: { n: 2 } });
  assert.equal(headingOf(null).id, "q.waiting");
  assert.equal(estimateOf(null, 0).id, "q.waiting.body");
});

test("moves are told at most every twenty seconds, the latest of them last", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  /** @type {number[]} */
  const said = [];
  const moves = sparingly((/** @type {number} */ place) => said.push(place), 20_000);

  for (const place of [9, 8, 7]) moves.say(place);
  assert.deepEqual(said, [9]);
  mock.timers.tick(20_000);
  assert.deepEqual(said, [9, 7]);
  moves.say(6);
  moves.hush();
  mock.timers.tick(20_000);
  assert.deepEqual(said, [9, 7]);
  moves.say(5);
  assert.deepEqual(said, [9, 7, 5]);
});

test("numbers are written as the page's language does", () => {
  const catalogue = { place: "Number {n}", name: "{n}" };

  assert.equal(createMessages(catalogue, "de")("place", { n: 1_234 }), "Number 1.234");
  assert.equal(createMessages(catalogue, "ar-EG")("place", { n: 3 }), "Number ٣");
  assert.equal(createMessages(catalogue, "de")("name", { n: "1234" }), "1234");
});
