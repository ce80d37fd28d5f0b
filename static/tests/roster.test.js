import assert from "node:assert/strict";
import { test } from "node:test";
import { createRoster } from "../src/roster.js";

const AGENT = { attendeeId: "a", externalUserId: "7f-agent", present: true };

test("the agent is known by the end of the external user id", () => {
  const roster = createRoster("me");

  const change = roster.presence(AGENT);

  assert.equal(change?.type, "joined");
  assert.equal(change?.attendee.role, "agent");
  assert.equal(roster.hasAgent(), true);
});

test("oneself is no news and not among the others", () => {
  const roster = createRoster("me");

  assert.equal(roster.presence({ attendeeId: "me", externalUserId: "c1", present: true }), null);
  assert.deepEqual(roster.others(), []);
});

test("a shared screen is nobody", () => {
  const roster = createRoster("me");

  assert.equal(roster.presence({ ...AGENT, attendeeId: "a#content" }), null);
  assert.deepEqual(roster.others(), []);
});

test("being told twice changes nothing", () => {
  const roster = createRoster("me");
  roster.presence(AGENT);

  assert.equal(roster.presence(AGENT), null);
  assert.equal(roster.camera("a", true)?.type, "camera_on");
  assert.equal(roster.camera("a", true), null);
});

test("a picture that comes before the one it shows is remembered", () => {
  const roster = createRoster("me");

  assert.equal(roster.camera("a", true), null);
  roster.presence(AGENT);

  assert.equal(roster.others()[0]?.camera, true);
});

test("the first thing known of a microphone is no change", () => {
  const roster = createRoster("me");
  roster.presence(AGENT);

  assert.equal(roster.muted("a", false), null);
  assert.equal(roster.muted("a", true)?.type, "muted");
  assert.equal(roster.muted("a", false)?.type, "unmuted");
});

test("who leaves is gone", () => {
  const roster = createRoster("me");
  roster.presence(AGENT);

  assert.equal(roster.presence({ ...AGENT, present: false })?.type, "left");
  assert.equal(roster.presence({ ...AGENT, present: false }), null);
  assert.equal(roster.hasAgent(), false);
});
