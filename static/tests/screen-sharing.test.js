import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK } from "../src/call-model.js";
import { createScreenSharing } from "../src/screen-sharing.js";

/** A call whose browser asks the person which screen, and waits. @param {boolean} [able] */
function call(able = true) {
  /** @type {string[]} */
  const said = [];
  const live = {
    sharing: false,
    answer: () => {},
    refuse: (/** @type {string} */ _name, /** @type {string} */ _message) => {},
    share: () => new Promise((resolve, reject) => {
      live.answer = () => {
        live.sharing = true;
        resolve(undefined);
      };
      live.refuse = (name, message) => reject(new DOMException(message, name));
    }),
    stopSharing: () => (live.sharing = false),
  };
  const sharing = createScreenSharing({
    able, live: /** @type {any} */ (live), agentName: () => "Sam",
    say: (id) => said.push(id), redraw: () => undefined,
  });
  const follow = (/** @type {boolean} */ screenAsked) =>
    sharing.follow({ ...BLANK, state: "connected", screenAsked });
  const shown = () => [sharing.controls().map(({ action }) => action), sharing.notices().map(({ id }) => id)].flat();
  return { sharing, live, follow, shown, said };
}

test("nothing is offered before the agent asks, nor after", () => {
  const { follow, shown, said } = call();
  assert.deepEqual(shown(), []);

  follow(true);
  assert.deepEqual(shown(), ["share", "share.offer"]);

  follow(false);
  assert.deepEqual([shown(), said], [[], ["share.stopped"]]);
});

test("whoever does not want to now may still do so later", () => {
  const { sharing, follow, shown } = call();
  follow(true);

  sharing.dismiss();
  assert.deepEqual(shown(), ["share"]);

  follow(false);
  follow(true);
  assert.deepEqual(shown(), ["share", "share.offer"]);
});

test("a shared screen can be stopped, and stops when the agent closes the session", async () => {
  const { sharing, live, follow, shown } = call();
  follow(true);
  const picking = sharing.share();
  live.answer();
  await picking;
  assert.deepEqual(shown(), ["stop-share", "share.live"]);

  follow(false);

  assert.equal(live.sharing, false);
});

test("a picker closed without a choice changes nothing, a refusal by the system is explained", async () => {
  const { sharing, live, follow, shown } = call();
  follow(true);

  const first = sharing.share();
  live.refuse("NotAllowedError", "Permission denied by user");
  await first;
  assert.deepEqual(shown(), ["share", "share.offer"]);

  const second = sharing.share();
  live.refuse("NotAllowedError", "Permission denied by system");
  await second;
  assert.deepEqual(shown(), ["share", "share.system"]);
});

test("a screen chosen after the session was closed is not shown", async () => {
  const { sharing, live, follow } = call();
  follow(true);
  const picking = sharing.share();
  follow(false);

  live.answer();
  await picking;

  assert.equal(live.sharing, false);
});

test("where screens cannot be shared it says so, and offers nothing", () => {
  const { follow, shown } = call(false);

  follow(true);

  assert.deepEqual(shown(), ["share.unsupported"]);
});
