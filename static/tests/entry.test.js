import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK } from "../src/call-model.js";
import { transition } from "../src/call-state.js";
import { entryTransition } from "../src/entry-state.js";
import { entryMessageOf, minutesOf } from "../src/entry.js";
import { dayText, isSameClock, timeText, zoneText } from "../src/opening-times.js";
import { fetchedOnce } from "../src/fetched-once.js";
import { obstacleOf } from "../src/surroundings.js";

const AVAILABILITY = {
  state: /** @type {const} */ ("open"), estimated_wait_s: null, closes_at: null, opens_at: null,
  time_zone: null, holiday_name: null,
};
const ENTRY = { obstacle: null, online: true, availability: AVAILABILITY };

test("each word of the portal has its sentence", () => {
  /** @param {Partial<import("../src/entry.js").Availability>} told */
  const message = (told) => entryMessageOf({ ...ENTRY, availability: { ...AVAILABILITY, ...told } });

  assert.equal(message({}), "entry.ready.nowait");
  assert.equal(message({ estimated_wait_s: 90 }), "entry.ready");
  assert.equal(message({ state: "busy", estimated_wait_s: 1_200 }), "entry.busy");
  assert.equal(message({ state: "closing" }), "entry.closing");
  assert.equal(message({ state: "closed" }), "entry.closed");
  assert.equal(message({ state: "holiday" }), "entry.holiday");
  assert.equal(message({ state: "unavailable" }), "entry.unavailable");
});

test("what is in the way here comes before what the portal says", () => {
  const closed = { ...AVAILABILITY, state: /** @type {const} */ ("closed") };

  assert.equal(entryMessageOf({ obstacle: null, online: false, availability: closed }), "entry.offline");
  assert.equal(entryMessageOf({ obstacle: "entry.inapp", online: false, availability: closed }), "entry.inapp");
});

test("a wait is told in whole minutes, rounded up, and never as none", () => {
  const wait = (/** @type {number|null} */ s) => minutesOf({ ...AVAILABILITY, estimated_wait_s: s });

  assert.deepEqual([wait(null), wait(0), wait(61), wait(600)], [null, 1, 2, 10]);
});

const OPENS = new Date("2026-11-23T08:00:00Z");
const BERLIN = { locale: "en-GB", timeZone: "Europe/Berlin" };
const TOKYO = { locale: "en-GB", timeZone: "Asia/Tokyo" };

test("an opening is told on the clock of each", () => {
  assert.equal(timeText(OPENS, BERLIN), "09:00");
  assert.equal(timeText(OPENS, TOKYO), "17:00");
  assert.equal(zoneText(OPENS, BERLIN), "Central European Time");
  assert.equal(isSameClock(OPENS, "Europe/Berlin", "Europe/Paris"), true);
  assert.equal(isSameClock(OPENS, "Europe/Berlin", "Asia/Tokyo"), false);
  assert.equal(isSameClock(OPENS, null, "Asia/Tokyo"), true);
});

test("a day is called by the name people use for it, on the clock it is told on", () => {
  const at = (/** @type {string} */ now, clock = BERLIN) => dayText(OPENS, new Date(now), clock);

  assert.equal(at("2026-11-23T05:00:00Z"), "today");
  assert.equal(at("2026-11-22T22:30:00Z"), "tomorrow");
  assert.equal(at("2026-11-22T23:30:00Z"), "today");
  assert.equal(at("2026-11-22T14:30:00Z", TOKYO), "tomorrow");
  assert.equal(at("2026-11-20T12:00:00Z"), "Monday");
  assert.equal(at("2026-11-10T12:00:00Z"), "Monday 23 November");
});

/** @param {Record<string, unknown>} parts */
function browser(parts) {
  const whole = {
    isSecureContext: true,
    navigator: { userAgent: "Chrome/140", mediaDevices: { getUserMedia: () => undefined } },
    RTCPeerConnection: function RTCPeerConnection() {},
    document: {},
    ...parts,
  };
  return /** @type {any} */ ({ ...whole, get top() { return parts.framed ? {} : this; } });
}

test("what keeps every call from working is named", () => {
  const app = { userAgent: "Mozilla/5.0 (iPhone) Instagram 300" };
  const away = { featurePolicy: { allowsFeature: () => false } };

  assert.equal(obstacleOf(browser({})), null);
  assert.equal(obstacleOf(browser({ isSecureContext: false, navigator: { userAgent: "" } })), "entry.insecure");
  assert.equal(obstacleOf(browser({ navigator: app })), "entry.inapp");
  assert.equal(obstacleOf(browser({ navigator: { userAgent: "Old/1" } })), "entry.unsupported");
  assert.equal(obstacleOf(browser({ RTCPeerConnection: undefined })), "entry.unsupported");
  assert.equal(obstacleOf(browser({ framed: true, document: away })), "embed.blocked");
  assert.equal(obstacleOf(browser({ framed: true })), null);
});

test("before a call the machine knows what the whole one knows of the entry, and nothing else", () => {
  const opened = { type: /** @type {const} */ ("opened"), entry: ENTRY, contact: null, canRejoin: false };
  const closed = { type: /** @type {const} */ ("availability"), availability: { ...AVAILABILITY, state: /** @type {const} */ ("closed") } };
  const away = { type: /** @type {const} */ ("connectivity"), online: false };
  assert.equal(entryTransition(BLANK, closed), BLANK);

  const ready = entryTransition(BLANK, opened);

  for (const event of [closed, away]) assert.deepEqual(entryTransition(ready, event), transition(ready, event));
  assert.deepEqual(ready, transition(BLANK, opened));
  assert.equal(entryTransition(ready, { type: "start" }), ready);
});

test("what is wanted by several is fetched once, and again only when it could not be had", async () => {
  let asked = 0;
  const fetched = fetchedOnce(async () => {
    asked += 1;
    if (asked === 1) throw new Error("no network");
    return "here";
  });

  const first = [fetched(), fetched()];

  for (const one of first) await assert.rejects(one);
  assert.deepEqual(await Promise.all([fetched(), fetched()]), ["here", "here"]);
  assert.equal(await fetched(), "here");
  assert.equal(asked, 2);
});
