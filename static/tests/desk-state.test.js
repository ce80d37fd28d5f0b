import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, deskStateOf, deskTransition, initialDesk } from "../src/desk-state.js";

/** @typedef {import("../src/desk-state.js").DeskFrame} DeskFrame */

const CONTACT = {
  id: "c1", name: "Ana", description: "", attributes: {}, references: {}, queued_at: null,
  capabilities: {
    customer: { video: true, screen_share: false }, agent: { video: true, screen_share: false },
  },
};
/** @type {import("../src/desk-state.js").DeskCall} */
const CALL = {
  role: "agent",
  on_hold: false,
  screen_is_asked_for: false,
  connected_at: null,
  digits: "",
  contact: CONTACT,
  connection: { Meeting: {}, Attendee: { AttendeeId: "a", JoinToken: "t" } },
};

/** @param {DeskFrame["agent"]["status"]} status @param {Partial<DeskFrame>} [values] @returns {DeskFrame} */
const frame = (status, values = {}) => ({
  agent: { id: "7f", name: "Sam", status },
  queue: [],
  offer: null,
  earlier: [],
  ring_ends_at: null,
  call: null,
  wrap_up: null,
  queues: [],
  colleagues: [],
  taken_over: false,
  ...values,
});

/** @param {DeskFrame} told @param {import("../src/desk-state.js").DeskModel} [from] */
const told = (told, from = initialDesk()) => deskTransition(from, { type: "frame", frame: told });

test("a desk without a name is signed out, and one without a word is connecting", () => {
  assert.equal(deskStateOf(initialDesk(), false), "signed_out");
  assert.equal(deskStateOf(initialDesk(), true), "connecting_desk");
});

for (const status of /** @type {const} */ (["available", "break", "offline", "ringing", "missed", "wrap_up"])) {
  test(`without a call the state is the status ${status}`, () => {
    assert.equal(deskStateOf(told(frame(status)), true), status);
  });
}

test("a call is connecting, connected and reconnecting as its media is", () => {
  const model = told(frame("busy", { call: CALL }));

  assert.equal(deskStateOf(model, true), "connecting");
  const up = deskTransition(model, { type: "media", media: "up" });
  assert.equal(deskStateOf(up, true), "connected");
  const dropped = deskTransition(up, { type: "media", media: "dropped" });
  assert.equal(deskStateOf(dropped, true), "reconnecting");
});

test("a call the agent has left is not joined again while it is being ended", () => {
  const left = deskTransition(told(frame("busy", { call: CALL })), { type: "hung_up", contactId: "c1" });

  assert.equal(callOf(left), null);
  assert.equal(deskStateOf(left, true), "wrap_up");
});

test("the last customer stays known for the wrap-up", () => {
  const model = told(frame("wrap_up"), told(frame("busy", { call: CALL })));

  assert.equal(model.last?.name, "Ana");
});

test("a desk opened elsewhere gives up here", () => {
  assert.equal(deskStateOf(told(frame("available", { taken_over: true })), true), "taken_over");
});
