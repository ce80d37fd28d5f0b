import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { backoffMs, followStatus, retryAfterMs } from "../src/status-socket.js";

/** @typedef {import("../src/types.js").VersionedSnapshot} VersionedSnapshot */

/** The network's end of a socket: what it sends and when it breaks is the test's to say. */
class Line extends EventTarget {
  closed = false;

  open() {
    this.dispatchEvent(new Event("open"));
  }

  /** @param {number} version */
  push(version) {
    const frame = { v: 1, version, type: "contact.status", contact: snapshot(version).contact };
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  beat() {
    const data = JSON.stringify({ v: 1, type: "heartbeat" });
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** @param {number} code */
  drop(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  close() {
    this.closed = true;
  }
}

/** @param {number} version @returns {VersionedSnapshot} */
const snapshot = (version) => ({
  contact: { id: "c1", reference: "K7QX-2M4P", state: "queued", end_reason: null },
  version,
});

/** @param {import("node:test").TestContext} t @param {{version?: number, answers?: number[]}} [options] */
function follow(t, { version = 0, answers = [] } = {}) {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  /** @type {Line[]} */
  const lines = [];
  /** @type {number[]} */
  const seen = [];
  const page = new EventTarget();
  let asked = 0;
  const following = followStatus({
    url: "wss://portal.test/ws/contacts/c1/",
    version,
    page,
    read: async () => {
      asked += 1;
      const next = answers.shift();
      if (next === undefined) throw new Error("no answer");
      return snapshot(next);
    },
    onStatus: (status) => seen.push(status.version),
    open: () => {
      const line = new Line();
      lines.push(line);
      return /** @type {WebSocket} */ (/** @type {unknown} */ (line));
    },
  });
  const line = () => /** @type {Line} */ (lines.at(-1));
  return { following, lines, line, page, seen, asked: () => asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("versions only ever grow (case 45)", (t) => {
  const { line, seen } = follow(t, { version: 2 });
  line().open();

  for (const version of [2, 3, 3, 1, 4]) line().push(version);

  assert.deepEqual(seen, [3, 4]);
});

test("a gap is taken and asked about", async (t) => {
  const { line, seen } = follow(t, { version: 2, answers: [7] });
  line().open();

  line().push(6);
  await settled();

  assert.deepEqual(seen, [6, 7]);
});

test("a lost socket is opened again", (t) => {
  const { lines, line } = follow(t);
  line().open();

  line().drop(1006);
  assert.equal(lines.length, 1);
  mock.timers.tick(1_000);

  assert.equal(lines.length, 2);
});

test("a socket that may not see the contact is not asked for again", (t) => {
  const { lines, line } = follow(t);

  line().drop(4404);
  mock.timers.tick(60_000);

  assert.equal(lines.length, 1);
});

test("without a socket for four seconds the status is asked for every five", async (t) => {
  const { lines, line, seen, asked } = follow(t, { answers: [3, 4] });
  line().drop(1006);

  mock.timers.tick(3_999);
  await settled();
  assert.equal(asked(), 0);
  mock.timers.tick(1);
  await settled();
  mock.timers.tick(5_000);
  await settled();

  assert.deepEqual(seen, [3, 4]);
  assert.ok(lines.length >= 1);
});

test("a socket that is back ends the asking", async (t) => {
  const { line, asked } = follow(t, { answers: [3] });
  line().drop(1006);
  mock.timers.tick(1_000);
  line().open();

  mock.timers.tick(60_000);
  await settled();

  assert.equal(asked(), 0);
});

test("a socket that opens while the answer is still out ends the asking too", async (t) => {
  const { line, asked } = follow(t, { answers: [3, 4] });
  line().drop(1006);
  mock.timers.tick(10_000);
  line().open();
  await settled();

  mock.timers.tick(60_000);
  await settled();

  assert.equal(asked(), 1);
});

test("a socket lost again while an answer is out leaves one row of questions", async (t) => {
  const { line, asked } = follow(t, { answers: [3] });
  line().drop(1006);
  mock.timers.tick(10_000);
  line().open();
  line().drop(1006);
  await settled();

  mock.timers.tick(3_999);
  await settled();

  assert.equal(asked(), 1);
});

test("a contact that may not be seen is not asked about either", async (t) => {
  const { line, asked } = follow(t);
  line().drop(1006);
  mock.timers.tick(1_000);

  line().drop(4404);
  mock.timers.tick(60_000);
  await settled();

  assert.equal(asked(), 0);
});

test("after closing nothing is heard or tried", (t) => {
  const { following, lines, line, seen } = follow(t);
  line().open();

  following.close();
  line().push(3);
  line().drop(1005);
  mock.timers.tick(60_000);

  assert.equal(line().closed, true);
  assert.deepEqual(seen, []);
  assert.equal(lines.length, 1);
});

test("the backoff stays between half a second and fifteen", () => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    assert.equal(backoffMs(attempt, () => 0), 500);
    assert.ok(backoffMs(attempt, () => 0.999) <= 15_000);
  }
  assert.ok(backoffMs(10, () => 0.999) > 14_000);
});

test("a socket that neither opens nor closes does not keep the page from asking", async (t) => {
  const { seen } = follow(t, { answers: [3] });

  mock.timers.tick(4_000);
  await settled();

  assert.deepEqual(seen, [3]);
});

test("a socket that falls silent is taken for dead and opened again", async (t) => {
  const { line, lines, seen } = follow(t, { answers: [9] });
  line().open();
  for (let beats = 0; beats < 5; beats += 1) {
    mock.timers.tick(20_000);
    line().beat();
  }
  assert.equal(lines.length, 1);
  const dead = line();

  mock.timers.tick(45_000);
  mock.timers.tick(1_000);

  assert.equal(dead.closed, true);
  assert.equal(lines.length, 2);
  dead.push(5);
  dead.drop(1006);
  line().open();
  line().push(7);
  assert.deepEqual(seen, [7]);
});

test("what happened while the network was away is asked for as soon as it is back", async (t) => {
  const { line, lines, page, seen } = follow(t, { version: 2, answers: [6] });
  line().open();
  line().drop(1006);

  page.dispatchEvent(new Event("online"));
  await settled();

  assert.deepEqual(seen, [6]);
  assert.equal(lines.length, 2);
  mock.timers.tick(3_000);
  assert.equal(lines.length, 2);
});

test("the sockets of a server that ends come back spread out, and one without a right to it never", (t) => {
  assert.equal(retryAfterMs(1012, 0, () => 0), 200);
  assert.ok(retryAfterMs(1012, 0, () => 0.999) > 3_900);
  assert.ok(retryAfterMs(1006, 0, () => 0.999) <= 1_000);
  const { line, lines, page } = follow(t);
  line().drop(4404);
  page.dispatchEvent(new Event("online"));
  assert.equal(lines.length, 1);
});
