import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK } from "../src/call-model.js";
import { causeOf } from "../src/network-quality.js";
import { createQualityReport } from "../src/quality-report.js";

/** @typedef {import("../src/quality-report.js").Report} Report */

const ID = "11111111-1111-4111-8111-111111111111";
const IDLE = { muted: false, camera: false, sharing: false };

function world() {
  let nowMs = 1_000;
  /** @type {{then: () => void, ms: number}[]} */
  const timers = [];
  /** @type {Report[]} */
  const sent = [];
  let failing = false;
  const report = createQualityReport({
    now: () => nowMs,
    later: (then, ms) => timers.push({ then, ms }),
    send: async (id, body) => {
      assert.equal(id, ID);
      if (failing) throw new Error("away");
      sent.push(body);
    },
  });
  let model = BLANK;
  /** @param {Partial<import("../src/call-model.js").CallModel>} changes */
  function become(changes) {
    const previous = model;
    model = { ...model, ...changes };
    report.follow(model, previous);
  }
  return {
    report, become, sent,
    fail: (/** @type {boolean} */ is) => (failing = is),
    pass: (/** @type {number} */ ms) => (nowMs += ms),
    async gathered() {
      for (const { then } of timers.splice(0).sort((a, b) => a.ms - b.ms)) then();
      await Promise.resolve();
      await Promise.resolve();
    },
    async join() {
      become({ state: "requesting" });
      nowMs += 700;
      become({ state: "queued", mediaUp: true, contact: /** @type {any} */ ({ id: ID }) });
      await this.gathered();
    },
  };
}

test("the time from the click to the media is told once, and nothing while nothing changes", async () => {
  const it = world();
  await it.join();
  it.report.observe(IDLE);
  await it.gathered();
  const { sent } = it;

  assert.equal(sent.length, 1);
  assert.equal(sent[0]?.setup_ms, 700);
  assert.deepEqual(sent[0]?.spells, []);
});

test("what lasts is told when it begins and when it ends, under one number", async () => {
  const it = world();
  await it.join();
  it.report.network("weak", "loss");
  it.pass(10_000);
  await it.gathered();
  it.pass(5_000);
  it.report.network("good", "");
  it.pass(10_000);
  await it.gathered();
  const [, begun, ended] = it.sent;

  assert.deepEqual(begun?.spells, [
    { number: 0, kind: "network_weak", cause: "loss", began_s_ago: 10, ended_s_ago: null },
  ]);
  assert.deepEqual(ended?.spells, [
    { number: 0, kind: "network_weak", cause: "loss", began_s_ago: 25, ended_s_ago: 10 },
  ]);
});

test("a bad network that lasts is told once more", async () => {
  const it = world();
  await it.join();
  it.report.network("poor", "loss");
  await it.gathered();

  assert.equal(it.sent.flatMap(({ spells }) => spells).length, 2);
});

test("the end tells the rest at once, and what comes after it is no news", async () => {
  const it = world();
  await it.join();
  it.report.observe({ muted: true, camera: true, sharing: false });
  it.become({ state: "reconnecting", mediaUp: false });
  it.become({ state: "ended" });
  it.report.observe({ ...IDLE, muted: true });
  await it.gathered();

  assert.equal(it.sent.length, 2);
  assert.deepEqual(it.sent[1]?.spells.map(({ kind, ended_s_ago }) => [kind, ended_s_ago]), [
    ["muted", 0], ["camera", 0], ["network_away", 0],
  ]);
});

test("what could not be told is told later", async () => {
  const it = world();
  await it.join();
  it.fail(true);
  it.report.observe({ ...IDLE, camera: true });
  await it.gathered();
  it.fail(false);
  it.report.observe({ ...IDLE, camera: true, muted: true });
  await it.gathered();

  assert.deepEqual(it.sent.at(-1)?.spells.map(({ kind }) => kind).sort(), ["camera", "muted"]);
});

test("many changes go in reports that are not too long, and come to an end", async () => {
  const it = world();
  await it.join();
  for (let time = 0; time < 300; time += 1) it.report.observe({ ...IDLE, muted: time % 2 === 0 });
  for (let time = 0; time < 20; time += 1) await it.gathered();

  assert.ok(it.sent.every(({ spells }) => spells.length <= 20));
  assert.ok(it.sent.flatMap(({ spells }) => spells).length <= 200);
});

test("the cause is what is worst for sound", () => {
  const fine = { silentS: 0, lossPercent: 0, outgoingKbps: 900, roundTripMs: 20 };

  assert.equal(causeOf(fine), "");
  assert.equal(causeOf({ ...fine, lossPercent: 20, roundTripMs: 900 }), "loss");
  assert.equal(causeOf({ ...fine, outgoingKbps: 100, roundTripMs: 900 }), "bandwidth");
  assert.equal(causeOf({ ...fine, roundTripMs: 900 }), "round_trip");
});
