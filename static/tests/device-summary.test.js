import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceSummaryOf } from "../src/device-summary.js";

const BOTH = { camera: true, microphone: true };

for (const [userAgent, place] of /** @type {[string, string][]} */ ([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge 140 on Windows"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari 18 on iOS"],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "Samsung Internet 27 on Android"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome 140 on macOS"],
])) {
  test(`${place} is named`, () => {
    assert.equal(deviceSummaryOf(userAgent, BOTH), `${place}, camera, microphone`);
  });
}

test("what is missing is said, and an unknown browser is not guessed at", () => {
  assert.equal(deviceSummaryOf("curl", { camera: false, microphone: false }), "no camera, no microphone");
});
