import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK, isLive, isOnHold } from "../src/call-model.js";
import { EVENTS, IGNORED, STATES, TABLE, transition } from "../src/call-state.js";

/** @typedef {import("../src/call-state.js").CallModel} CallModel */
/** @typedef {import("../src/call-state.js").CallEvent} CallEvent */
/** @typedef {import("../src/types.js").Snapshot} Snapshot */

/** @param {import("../src/entry.js").Availability["state"]} state */
const availability = (state) => ({
  state, estimated_wait_s: null, closes_at: null, opens_at: null, time_zone: null, holiday_name: null,
});
const ENTRY = { obstacle: null, online: true, availability: availability("open") };
const OPEN = /** @type {CallEvent & {type: "opened"}} */ ({
  type: "opened", entry: ENTRY, contact: null, canRejoin: false,
});

/** @param {Partial<Snapshot>} [values] @returns {Snapshot} */
const contact = (values = {}) => ({
  id: "c1", reference: "K7QX-2M4P", state: "initiated", end_reason: null, ...values,
});

/** @param {CallEvent[]} events @param {CallModel} [from] */
const after = (events, from = BLANK) => events.reduce(transition, from);

/** @type {CallEvent[]} */
const TO_REQUESTING = [
  OPEN, { type: "start" }, { type: "details_given" }, { type: "call" },
];
/** @type {CallEvent[]} */
const TO_JOINING = [...TO_REQUESTING, { type: "created", contact: contact(), version: 2 }];
/** @type {CallEvent[]} */
const TO_QUEUED = [...TO_JOINING, { type: "media_started" }];
/** @type {CallEvent[]} */
const TO_CONNECTED = [...TO_QUEUED, { type: "agent_presence", present: true }];

test("every event is handled or ignored by name in every state", () => {
  assert.deepEqual(Object.keys(TABLE).sort(), [...STATES].sort());
  for (const state of STATES) {
    assert.deepEqual(Object.keys(TABLE[state]).sort(), [...EVENTS].sort(), state);
    for (const event of EVENTS) {
      const cell = TABLE[state][event];
      assert.ok(cell === IGNORED || typeof cell === "function", `${state} × ${event}`);
    }
  }
});

test("a call goes from the entry to an agent", () => {
  const path = TO_CONNECTED.map((_, index) => after(TO_CONNECTED.slice(0, index + 1)).state);

  assert.deepEqual(path, [
    "ready", "details", "device_check", "requesting", "joining", "queued", "connected",
  ]);
});

test("a second click while requesting changes nothing", () => {
  const requesting = after(TO_REQUESTING);

  assert.equal(transition(requesting, { type: "call" }), requesting);
});

for (const [state, expected] of /** @type {const} */ ([
  ["open", "ready"], ["busy", "ready"], ["closing", "ready"],
  ["closed", "closed"], ["holiday", "closed"], ["unavailable", "unavailable"],
])) {
  test(`an entry point that is ${state} is ${expected}, from the start and when it is pushed`, () => {
    const told = { ...ENTRY, availability: availability(state) };

    assert.equal(transition(BLANK, { ...OPEN, entry: told }).state, expected);
    for (const before of /** @type {const} */ (["open", "closed", "unavailable"])) {
      const shown = after([{ ...OPEN, entry: { ...ENTRY, availability: availability(before) } }]);
      const news = { type: /** @type {const} */ ("availability"), availability: availability(state) };
      assert.equal(transition(shown, news).state, expected);
    }
  });
}

test("what cannot work here, or without a network, is not offered, whatever the entry point says", () => {
  const blocked = after([{ ...OPEN, entry: { ...ENTRY, obstacle: "entry.unsupported" } }]);
  assert.equal(blocked.state, "unavailable");
  assert.equal(transition(blocked, { type: "availability", availability: availability("open") }).state, "unavailable");

  const offline = after([OPEN, { type: "connectivity", online: false }]);
  assert.equal(offline.state, "unavailable");
  assert.equal(transition(offline, { type: "connectivity", online: true }).state, "ready");
});

test("an entry point that closes takes nobody from the form, nor from a call, but the way back ends there", () => {
  const closed = /** @type {CallEvent} */ ({ type: "availability", availability: availability("closed") });
  const form = after([OPEN, { type: "start" }, closed]);

  assert.equal(form.state, "details");
  assert.equal(transition(form, { type: "back" }).state, "closed");
  assert.equal(after([...TO_CONNECTED, closed]).state, "connected");
});

test("a page opened for a call that goes on offers to go back to it though the entry point is closed", () => {
  const closed = { ...ENTRY, availability: availability("closed") };
  const opened = after([{ ...OPEN, entry: closed, contact: { ...contact(), version: 1 }, canRejoin: true }]);

  assert.deepEqual([opened.state, opened.rejoin], ["ready", true]);
  assert.equal(transition(opened, { type: "connectivity", online: true }).state, "ready");
});

test("calling again leads to what the entry point is now", () => {
  const ended = after([...TO_QUEUED, { type: "leave" }, { type: "availability", availability: availability("holiday") }]);

  assert.equal(transition(ended, { type: "call_again", detailsKnown: true }).state, "closed");
});

test("a refusal for being too many says until when", () => {
  const failure = { code: "throttled", reference: null, retryAfterS: 30 };
  const failed = transition(after(TO_REQUESTING), { type: "refused", failure, fieldProblems: [] }, 1_000);

  assert.equal(failed.failure?.retryAtMs, 31_000);
});

test("a missing name stays on the form with its problem", () => {
  const problem = { pointer: "/name", code: "required", detail: "" };

  const model = after([OPEN, { type: "start" }, { type: "details_wrong", fieldProblems: [problem] }]);

  assert.equal(model.state, "details");
  assert.deepEqual(model.fieldProblems, [problem]);
  assert.deepEqual(transition(model, { type: "details_given" }).fieldProblems, []);
});

test("a field the server refuses leads back to the form", () => {
  const failure = { code: "invalid", reference: null, retryAfterS: null };
  const problem = { pointer: "/name", code: "too_long", detail: "At most 256 characters." };

  const model = after([...TO_REQUESTING, { type: "refused", failure, fieldProblems: [problem] }]);

  assert.equal(model.state, "details");
});

test("a failed start keeps its cause and can be tried again", () => {
  const failure = { code: "upstream_unavailable", reference: "K7QX-2M4P", retryAfterS: null };

  const failed = after([...TO_REQUESTING, { type: "refused", failure, fieldProblems: [] }]);

  assert.equal(failed.state, "failed");
  assert.deepEqual(failed.failure, failure);
  const again = transition(failed, { type: "try_again" });
  assert.equal(again.state, "requesting");
  assert.equal(again.failure, null);
});

test("cancelling while requesting leads back, and a late answer is ignored", () => {
  const cancelled = after([...TO_REQUESTING, { type: "leave" }]);

  assert.equal(cancelled.state, "device_check");
  assert.equal(transition(cancelled, { type: "created", contact: contact(), version: 2 }), cancelled);
});

test("an agent who is there before the media is up connects as soon as it is", () => {
  const model = after([...TO_JOINING, { type: "agent_presence", present: true }]);

  assert.equal(model.state, "joining");
  assert.equal(transition(model, { type: "media_started" }).state, "connected");
});

test("a call is on hold while the agent or the server says so, and live", () => {
  const held = after([...TO_CONNECTED, { type: "agent_said", said: { held: true } }]);

  assert.equal(isOnHold(held), true);
  assert.equal(isOnHold(transition(held, { type: "agent_said", said: { held: false } })), false);
  assert.equal(isOnHold(transition(held, { type: "leave" })), false);
  const told = contact({ state: "connected", on_hold: true });
  const snapshot = /** @type {CallEvent} */ ({ type: "snapshot", contact: told, version: 9 });
  assert.equal(isOnHold(after([...TO_CONNECTED, snapshot])), true);
});

test("the server's word connects too", () => {
  const connected = { type: "snapshot", contact: contact({ state: "connected" }), version: 4 };

  assert.equal(after([...TO_QUEUED, /** @type {CallEvent} */ (connected)]).state, "connected");
});

test("an older or repeated snapshot changes nothing", () => {
  const ended = contact({ state: "ended", end_reason: "no_agent" });
  const queued = after(TO_QUEUED);

  for (const version of [0, 1, 2]) {
    assert.equal(transition(queued, { type: "snapshot", contact: ended, version }), queued);
  }
});

test("what is told about another call changes nothing", () => {
  const other = contact({ id: "c0", state: "ended", end_reason: "agent_ended" });

  for (const model of [after(TO_QUEUED), after([...TO_QUEUED, { type: "leave" }])]) {
    assert.equal(transition(model, { type: "snapshot", contact: other, version: 9 }), model);
  }
});

test("being connected is not taken back by a queued snapshot", () => {
  const late = contact({ state: "queued" });

  assert.equal(after([...TO_CONNECTED, { type: "snapshot", contact: late, version: 9 }]).state, "connected");
});

test("a dropped connection comes back to where it was", () => {
  const dropped = after([...TO_CONNECTED, { type: "media_dropped", silentMs: 0 }]);
  assert.equal(dropped.state, "reconnecting");
  assert.equal(transition(dropped, { type: "media_started" }).state, "connected");

  const waiting = after([...TO_QUEUED, { type: "media_dropped", silentMs: 0 }, { type: "media_started" }]);
  assert.equal(waiting.state, "queued");
});

test("a connection that stays away ends the call as lost, whatever the server says later", () => {
  const lost = after([
    ...TO_CONNECTED, { type: "media_dropped", silentMs: 0 }, { type: "media_ended", reason: "connection_lost" },
  ]);

  const told = transition(lost, {
    type: "snapshot", contact: contact({ state: "ended", end_reason: "agent_ended" }), version: 9,
  });

  assert.equal(lost.state, "ended");
  assert.equal(told.endReason, "connection_lost");
});

for (const [events, reason] of /** @type {[CallEvent[], string][]} */ ([
  [TO_JOINING, "abandoned"],
  [TO_QUEUED, "abandoned"],
  [TO_CONNECTED, "customer_left"],
  [[...TO_CONNECTED, { type: "media_dropped", silentMs: 0 }], "customer_left"],
  [[...TO_QUEUED, { type: "media_dropped", silentMs: 0 }], "abandoned"],
])) {
  test(`leaving from ${after(events).state} ends the call as ${reason}`, () => {
    const model = after([...events, { type: "leave" }]);

    assert.equal(model.state, "ended");
    assert.equal(model.endReason, reason);
  });
}

test("an end without a reason is the usual one until the server tells", () => {
  const over = after([
    ...TO_CONNECTED, { type: "snapshot", contact: contact({ state: "ended" }), version: 5 },
  ]);
  assert.equal(over.endReason, "agent_ended");

  const told = transition(over, {
    type: "snapshot", contact: contact({ state: "ended", end_reason: "service_error" }), version: 6,
  });
  assert.equal(told.endReason, "service_error");
});

test("a page opened for a running call offers to go back to it", () => {
  const running = { ...contact({ state: "connected" }), version: 4 };

  const offered = transition(BLANK, {
    type: "opened", entry: ENTRY, contact: running, canRejoin: true,
  });

  assert.equal(offered.state, "ready");
  assert.equal(offered.rejoin, true);
  assert.equal(transition(offered, { type: "start" }), offered);
  const joining = transition(offered, { type: "rejoin" });
  assert.equal(joining.state, "joining");
  assert.equal(transition(joining, { type: "media_started" }).state, "connected");
  assert.equal(transition(offered, { type: "leave" }).endReason, "customer_left");
});

test("a page opened for a call that is over shows its end", () => {
  const over = { ...contact({ state: "ended", end_reason: "no_agent" }), version: 7 };
  const event = /** @type {CallEvent} */ ({ ...OPEN, contact: over });

  const model = transition(BLANK, event);

  assert.equal(model.state, "ended");
  assert.equal(model.endReason, "no_agent");
});

test("calling again forgets the last call but not the way to it", () => {
  const ended = after([...TO_CONNECTED, { type: "leave" }]);

  const again = transition(ended, { type: "call_again", detailsKnown: true });
  assert.equal(again.state, "device_check");
  assert.equal(again.contact, null);
  assert.equal(again.version, 0);
  assert.equal(transition(ended, { type: "call_again", detailsKnown: false }).state, "details");
});

test("live states are those whose page must not be closed unasked", () => {
  assert.deepEqual(STATES.filter(isLive), [
    "joining", "queued", "guest_waiting", "connected", "reconnecting",
  ]);
});

test("the place in the queue is kept as it was told, and forgotten with the call", () => {
  /** @param {number} position @param {number} version @returns {CallEvent} */
  const told = (position, version) => ({
    type: "snapshot", version,
    contact: contact({ state: "queued", queue: { position, estimated_wait_s: 60 } }),
  });

  const waiting = after([...TO_QUEUED, told(3, 3), told(2, 4), told(4, 5)]);

  assert.equal(waiting.place?.position, 2);
  assert.equal(waiting.place?.held, true);
  const again = after([{ type: "leave" }, { type: "call_again", detailsKnown: true }, { type: "call" }], waiting);
  assert.equal(again.place, null);
});
