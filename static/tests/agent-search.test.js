import assert from "node:assert/strict";
import { test } from "node:test";
import { searchOf } from "../src/agent-search.js";
import { BLANK } from "../src/call-model.js";
import { transition } from "../src/call-state.js";

/** @typedef {import("../src/call-model.js").CallModel} CallModel */
/** @typedef {import("../src/call-model.js").CallEvent} CallEvent */

const NOW_MS = 1_000_000;
/** @param {any} participants @param {any} [values] @returns {any} */
const contact = (participants = [], values = {}) => ({ id: "c1", state: "queued", agent: null, participants, ...values });
const SAM = { role: "agent", left_at: null, display_name: "Sam" };

/** @param {Partial<CallModel>} values @returns {CallModel} */
const model = (values) => Object.freeze({ ...BLANK, state: "queued", mediaUp: true, contact: contact(), ...values });

/** @param {CallModel} from @param {any[]} events @param {number} [atMs] */
const after = (from, events, atMs = NOW_MS) => events.reduce((told, event) => transition(told, event, atMs), from);

/** @param {import("../src/agent-search.js").Search} search */
const said = (search) => ({ type: "agent_said", said: { search } });

test("an offer is told until the agent is there", () => {
  const offered = after(model({}), [said("offered")]);

  assert.equal(searchOf(offered, NOW_MS + 3_600_000), "q.connecting");
  const answered = after(offered, [{ type: "agent_presence", present: true }]);
  assert.equal(answered.state, "connected");
  assert.equal(searchOf(answered, NOW_MS), null);
  assert.equal(searchOf(after(answered, [{ type: "agent_presence", present: false }]), NOW_MS), null);
});

test("an agent without media is there once the portal says so", () => {
  const news = { type: "snapshot", version: 3, contact: contact([SAM], { state: "connected", agent: SAM }) };

  assert.equal(searchOf(after(model({}), [said("offered"), news]), NOW_MS), null);
});

test("a miss is told for a while, then the place in the queue is", () => {
  const missed = after(model({}), [said("offered"), said("missed")]);

  assert.equal(missed.state, "queued");
  assert.equal(searchOf(missed, NOW_MS + 29_000), "q.noanswer");
  assert.equal(searchOf(missed, NOW_MS + 31_000), null);
});

test("a lost agent is told of until another one is there", () => {
  const talking = model({ state: "connected", agentPresent: true, wasConnected: true });
  const lost = after(talking, [{ type: "agent_presence", present: false }, said("lost")]);

  assert.equal(lost.state, "connected");
  assert.equal(searchOf(lost, NOW_MS + 3_600_000), "q.noanswer");
  assert.equal(searchOf(after(lost, [said("offered")]), NOW_MS), "q.connecting");
  assert.equal(searchOf(after(lost, [{ type: "agent_presence", present: true }]), NOW_MS), null);
});

test("a call between two agents looks for one, whoever tells of it", () => {
  const between = contact([SAM], { state: "connected" });
  const talking = model({ state: "connected", wasConnected: true, contact: between });

  assert.equal(searchOf(talking, NOW_MS), "q.noanswer");
  assert.equal(searchOf({ ...talking, agentPresent: true }, NOW_MS), null);
});

test("what was told before the connection broke is told anew after it", () => {
  const back = after(model({}), [said("offered"), { type: "media_dropped", silentMs: 0 }, { type: "media_started" }]);

  assert.equal(searchOf(back, NOW_MS), null);
});

test("somebody who keeps waiting is patient as long as this call lasts", () => {
  const patient = after(model({}), [{ type: "keep_waiting" }]);

  assert.equal(patient.patient, true);
  assert.equal(after(patient, [{ type: "leave" }, { type: "call_again", detailsKnown: true }, { type: "call" }]).patient, false);
});
