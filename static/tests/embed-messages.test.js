import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANNEL, createLine, fragmentOf, holderOf } from "../src/embed-messages.js";

const NONCE = "0123456789abcdef";
const ORIGIN = "https://shop.example";

test("a frame finds who holds it in its fragment", () => {
  assert.deepEqual(holderOf(fragmentOf(ORIGIN, NONCE)), { origin: ORIGIN, nonce: NONCE });
});

for (const fragment of ["", "#x", "#origin=*&nonce=0123456789abcdef", "#origin=https://a/b&nonce=0123456789abcdef",
  "#origin=https://shop.example&nonce=short"]) {
  test(`"${fragment}" introduces nobody`, () => assert.equal(holderOf(fragment), null));
}

/** A line whose other end is a window that notes what it is sent. */
function makeLine() {
  const here = new EventTarget();
  /** @type {[unknown, string][]} */
  const sent = [];
  const there = { postMessage: (/** @type {unknown} */ data, /** @type {string} */ to) => void sent.push([data, to]) };
  /** @type {object[]} */
  const received = [];
  const line = createLine(
    {
      here: /** @type {Window} */ (/** @type {unknown} */ (here)),
      there: () => /** @type {Window} */ (/** @type {unknown} */ (there)),
      origin: ORIGIN,
      nonce: NONCE,
    },
    (message) => received.push(message),
  );
  /** @param {object} changes */
  const arrive = (changes) => {
    const data = { channel: CHANNEL, nonce: NONCE, type: "ready" };
    here.dispatchEvent(Object.assign(new Event("message"), { origin: ORIGIN, source: there, data, ...changes }));
  };
  return { line, sent, received, arrive };
}

test("what the other end says is heard", () => {
  const { received, arrive, line } = makeLine();
  arrive({});
  line.close();
  arrive({});
  assert.equal(received.length, 1);
});

for (const [what, changes] of Object.entries({
  "another origin": { origin: "https://evil.example" },
  "another window": { source: {} },
  "another nonce": { data: { channel: CHANNEL, nonce: "x".repeat(16), type: "ready" } },
  "another channel": { data: { channel: "x", nonce: NONCE, type: "ready" } },
  "no object": { data: "ready" },
  nothing: { data: null },
  "no type": { data: { channel: CHANNEL, nonce: NONCE } },
})) {
  test(`${what} is not heard`, () => {
    const { received, arrive } = makeLine();
    arrive(changes);
    assert.deepEqual(received, []);
  });
}

test("what is sent goes to the exact origin, with the nonce", () => {
  const { line, sent } = makeLine();
  line.send({ type: "close" });
  assert.deepEqual(sent, [[{ type: "close", channel: CHANNEL, nonce: NONCE }, ORIGIN]]);
});
