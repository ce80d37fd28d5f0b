import assert from "node:assert/strict";
import { test } from "node:test";
import { browserNameOf, failureOf, isConstraintError, isDismissal, permissionHelpOf } from "../src/device-failures.js";

const AT_HOME = /** @type {const} */ ({ permission: "denied", framed: false });

/** @param {string} name @param {string} [message] */
const error = (name, message = "") => new DOMException(message, name);

for (const [kind, name, expected] of /** @type {const} */ ([
  ["microphone", "NotAllowedError", "perm.denied"],
  ["camera", "NotFoundError", "dev.nocam"],
  ["microphone", "NotFoundError", "dev.nomic"],
  ["camera", "NotReadableError", "dev.busy"],
  ["camera", "TrackStartError", "dev.busy"],
  ["camera", "AbortError", "dev.abort"],
  ["camera", "TimeoutError", "dev.abort"],
  ["microphone", "TypeError", "err.unexpected"],
  ["microphone", "InvalidStateError", "dev.abort"],
  ["microphone", "SomethingElse", "err.unexpected"],
])) {
  test(`${name} for the ${kind} is ${expected}`, () => {
    assert.equal(failureOf(kind, error(name), AT_HOME), expected);
  });
}

test("a refusal the browser would ask about again was dismissed", () => {
  const surroundings = /** @type {const} */ ({ permission: "prompt", framed: false });

  assert.equal(failureOf("camera", error("NotAllowedError"), surroundings), "perm.dismissed");
});

test("a refusal by the system names the system", () => {
  const refused = error("NotAllowedError", "Permission denied by system");

  assert.equal(failureOf("camera", refused, AT_HOME), "perm.system");
});

test("a refusal inside a frame that was never asked comes from the page around", () => {
  const framed = /** @type {const} */ ({ permission: "granted", framed: true });

  assert.equal(failureOf("camera", error("NotAllowedError"), framed), "embed.blocked");
  assert.equal(failureOf("camera", error("SecurityError"), framed), "embed.blocked");
});

test("what the page may have and the browser is refused, the system refuses", () => {
  const allowed = /** @type {const} */ ({ permission: "granted", framed: false });

  assert.equal(failureOf("microphone", error("NotAllowedError"), allowed), "perm.system");
});

test("only a question left without an answer was dismissed", () => {
  assert.equal(isDismissal(error("NotAllowedError"), "prompt"), true);
  assert.equal(isDismissal(error("NotAllowedError"), "unknown"), false);
  assert.equal(isDismissal(error("NotFoundError"), "prompt"), false);
});

test("only a device that is gone is worth another try with the default one", () => {
  assert.equal(isConstraintError(error("OverconstrainedError")), true);
  assert.equal(isConstraintError(error("NotFoundError")), false);
  assert.equal(isConstraintError("text"), false);
});

for (const [agent, expected] of [
  ["Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "perm.help.chromium"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "perm.help.firefox"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605", "perm.help.safari"],
  ["Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18 Safari/604", "perm.help.ios_safari"],
  ["Mozilla/5.0 (iPhone) AppleWebKit/605 CriOS/140 Safari/604", "perm.help.ios_other"],
  ["Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", "perm.help.android"],
  ["Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28 Chrome/130", "perm.help.samsung"],
  ["Something", "perm.help.other"],
]) {
  test(`the steps for ${expected} are found`, () => {
    assert.equal(permissionHelpOf(/** @type {string} */ (agent)), expected);
  });
}

test("an iPad that says it is a Mac gets the steps of an iPad", () => {
  const agent = "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605";

  assert.equal(permissionHelpOf(agent, 5), "perm.help.ios_safari");
});

for (const [agent, expected] of [
  ["Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome"],
  ["Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"],
  ["Mozilla/5.0 (iPhone) AppleWebKit/605 FxiOS/140 Safari/604", "Firefox"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605", "Safari"],
  ["Something", null],
]) {
  test(`${expected} is called by its name`, () => {
    assert.equal(browserNameOf(/** @type {string} */ (agent)), expected);
  });
}
