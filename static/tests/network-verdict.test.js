import assert from "node:assert/strict";
import { test } from "node:test";
import { medianOf, rateOf } from "../src/network-tests.js";
import { findingsOf, reportOf, reportTextOf, verdictOf } from "../src/network-verdict.js";

/** @param {Partial<import("../src/network-tests.js").Findings>} [values] */
const found = (values = {}) => ({
  roundTripMs: 30, spreadMs: 10, socketMs: 60, downKbps: 20_000, loopbackMs: 40,
  candidates: ["host"], codecs: ["audio/opus", "video/VP8"], network: "4g", ...values,
});

for (const [what, values, grade, id] of /** @type {const} */ ([
  ["nothing amiss", {}, "good", "netcheck.good"],
  ["a portal out of reach", { roundTripMs: null, downKbps: null, socketMs: null }, "poor", "netcheck.away"],
  ["a browser without WebRTC", { loopbackMs: null }, "poor", "netcheck.browser"],
  ["a line that takes no picture", { downKbps: 150 }, "poor", "net.is.poor"],
  ["a download that failed", { downKbps: null }, "weak", "net.is.weak"],
  ["a long way", { roundTripMs: 1_200 }, "poor", "net.is.poor"],
  ["a narrow line", { downKbps: 800 }, "weak", "net.is.weak"],
  ["answers now quick, now slow", { spreadMs: 450 }, "weak", "net.is.weak"],
  ["a proxy that lets no socket through", { socketMs: null }, "weak", "netcheck.late"],
])) {
  test(`${what} is ${grade}`, () => {
    assert.deepEqual(verdictOf(found(values)), { grade, id });
  });
}

test("each test says what it found, or that it did not succeed", () => {
  const ids = findingsOf(found({ socketMs: null, downKbps: 2_340 })).map(({ id, works, values }) => [id, works, values]);

  assert.deepEqual(ids, [
    ["netcheck.answers", true, { ms: 30 }],
    ["netcheck.webrtc", true, {}],
    ["netcheck.download", true, { mbit: 2.3 }],
    ["netcheck.socket.fails", false, {}],
  ]);
});

test("the report tells support what was found and what was not tried, in words and for programs", () => {
  const surroundings = { browser: "Browser/1", at: new Date("2026-11-21T10:00:00Z"), entryPoint: "demo" };
  const findings = found({ socketMs: null });

  const report = reportOf(findings, surroundings);
  const text = reportTextOf((id) => `<${id}>`, findings, report);

  assert.equal(report["finding"], "netcheck.late");
  assert.deepEqual(report["not_tested"], ["upload", "media_servers", "udp_to_media_servers"]);
  assert.match(text, /^<netcheck.late>\n<netcheck.late.body>\n\n/);
  assert.match(text, /\nwebrtc_codecs: audio\/opus, video\/VP8\n/);
  assert.doesNotMatch(text, /status_socket_ms/);
});

test("a rate is that of a warm connection, and that of the whole when all came at once", () => {
  const came = [{ atMs: 0, bytes: 1_000 }, { atMs: 500, bytes: 20_000 }, { atMs: 1_500, bytes: 145_000 }];

  assert.equal(rateOf(came), 1_000);
  assert.equal(rateOf([{ atMs: 0, bytes: 0 }, { atMs: 10, bytes: 100_000 }]), 80_000);
  assert.equal(rateOf([{ atMs: 0, bytes: 0 }]), null);
  assert.equal(rateOf([]), null);
  assert.equal(medianOf([9, 1, 5]), 5);
});
