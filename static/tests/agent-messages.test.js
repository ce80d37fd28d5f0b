import assert from "node:assert/strict";
import { test } from "node:test";
import { HOLD_TOPIC, SCREEN_TOPIC, SEARCH_TOPIC, saidByAgent } from "../src/agent-messages.js";

test("a message says that the call is on hold, or no longer", () => {
  assert.deepEqual(saidByAgent(HOLD_TOPIC, '{"message":"HoldStarted"}'), { held: true });
  assert.deepEqual(saidByAgent(HOLD_TOPIC, '{"message":"HoldEnded"}'), { held: false });
});

test("a message opens screen sharing, and closes it", () => {
  assert.deepEqual(saidByAgent(SCREEN_TOPIC, '{"message":"ScreenSharingStarted"}'), { screenAsked: true });
  assert.deepEqual(saidByAgent(SCREEN_TOPIC, '{"message":"ScreenSharingStopped"}'), { screenAsked: false });
});

test("a message says that an agent is asked, has not come, or is lost", () => {
  assert.deepEqual(saidByAgent(SEARCH_TOPIC, '{"message":"AgentOffered"}'), { search: "offered" });
  assert.deepEqual(saidByAgent(SEARCH_TOPIC, '{"message":"AgentMissed"}'), { search: "missed" });
  assert.deepEqual(saidByAgent(SEARCH_TOPIC, '{"message":"AgentLost"}'), { search: "lost" });
});

test("what belongs to another topic says nothing", () => {
  assert.equal(saidByAgent(SCREEN_TOPIC, '{"message":"HoldStarted"}'), null);
  assert.equal(saidByAgent("ANY", '{"message":"HoldStarted"}'), null);
});

for (const text of ["", "null", "[]", '{"message":1}', '{"message":"Hold"}', '{"message":["HoldStarted"]}', "{"]) {
  test(`${text || "nothing"} says nothing`, () => {
    assert.equal(saidByAgent(HOLD_TOPIC, text), null);
  });
}
