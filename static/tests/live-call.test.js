import assert from "node:assert/strict";
import { test } from "node:test";
import { createDevices } from "../src/devices.js";
import { createLiveCall } from "../src/live-call.js";
import { settled } from "./browser-parts.js";

/** @typedef {import("../src/meeting-news.js").MeetingObserver} MeetingObserver */

const CONNECTION = { Meeting: {}, Attendee: { AttendeeId: "a", JoinToken: "t" } };

/** A meeting of the SDK's, which only runs in browsers: how long it takes is the test's to say. */
class Meeting {
  selfId = "a";
  joined = false;
  left = false;
  ready = () => {};

  /** @param {MeetingObserver} observer */
  constructor(observer) {
    this.observer = observer;
  }

  /** @param {{signal?: AbortSignal}} media */
  async start({ signal }) {
    await new Promise((resolve) => (this.ready = () => resolve(null)));
    if (!signal?.aborted) this.joined = true;
  }

  async leave() {
    this.left = true;
    this.joined = false;
  }
}

function call() {
  /** @type {Meeting[]} */
  const meetings = [];
  /** @type {string[]} */
  const heard = [];
  let loaded = () => {};
  const loading = new Promise((resolve) => (loaded = () => resolve(null)));
  const devices = createDevices({
    media: undefined, permissions: undefined, framed: false,
    onChange: () => undefined, onLost: () => undefined,
  });
  const nothing = () => undefined;
  const live = createLiveCall({
    devices,
    tiles: /** @type {any} */ ({ clear: nothing, drawSelf: nothing, drawOthers: nothing }),
    audioElement: /** @type {any} */ ({ play: async () => undefined }),
    loadMeeting: async () => {
      await loading;
      return /** @type {any} */ ({
        createMeeting: (/** @type {{observer: MeetingObserver}} */ { observer }) => {
          meetings.push(new Meeting(observer));
          return meetings.at(-1);
        },
      });
    },
    events: {
      started: () => heard.push("started"),
      dropped: () => heard.push("dropped"),
      stopped: (name) => heard.push(name),
      changed: nothing, rostered: nothing, network: nothing, soundBlocked: nothing, redraw: nothing,
    },
  });
  return { live, meetings, heard, loaded };
}

test("a call left while the meeting's code is loading makes no meeting", async () => {
  const { live, meetings, loaded } = call();
  const joining = live.join(CONNECTION);

  await live.leave();
  loaded();
  await joining;

  assert.deepEqual(meetings, []);
});

test("a call left while the meeting is starting is not joined, and the meeting is freed", async () => {
  const { live, meetings, loaded } = call();
  loaded();
  const joining = live.join(CONNECTION);
  await settled();

  const leaving = live.leave();
  meetings[0]?.ready();
  await Promise.all([joining, leaving]);

  assert.deepEqual([meetings[0]?.joined, meetings[0]?.left], [false, true]);
});

test("a meeting that was left has nothing more to say", async () => {
  const { live, meetings, heard, loaded } = call();
  loaded();
  const joining = live.join(CONNECTION);
  await settled();
  meetings[0]?.ready();
  await joining;
  meetings[0]?.observer.started();

  await live.leave();
  void live.join(CONNECTION);
  meetings[0]?.observer.stopped("Left");

  assert.deepEqual(heard, ["started"]);
});
