import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { mediaEndOf } from "../src/end-reasons.js";

const { MeetingSessionStatusCode } = createRequire(import.meta.url)(
  "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js",
);

/** Codes that are no end, or that a call of ours never meets. */
const NO_END = [
  "OK", "VideoCallSwitchToViewOnly", "AudioVideoWasRemovedFromPrimaryMeeting",
  "AudioVideoDisconnectedWhilePromoted",
];

test("every status of the SDK in use has a meaning, by its name (case 52)", () => {
  const names = Object.keys(MeetingSessionStatusCode).filter((key) => Number.isNaN(Number(key)));
  const unknown = names.filter((name) => mediaEndOf(name) === "unknown");

  assert.deepEqual(unknown.sort(), NO_END.sort());
});

test("a status nobody has heard of is unknown", () => {
  assert.equal(mediaEndOf("SomethingOfNextYear"), "unknown");
});

test("what only the server can explain is asked of it", () => {
  assert.equal(mediaEndOf("MeetingEnded"), "ask_server");
  assert.equal(mediaEndOf("AudioJoinedFromAnotherDevice"), "duplicate");
});
