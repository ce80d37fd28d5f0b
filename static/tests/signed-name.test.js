import assert from "node:assert/strict";
import { test } from "node:test";
import { nameSignedIn } from "../src/signed-name.js";

const NOW_MS = 1_000_000;
/** @param {unknown} claims */
const token = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbg`;

test("a name is read as it was written", () => {
  assert.equal(nameSignedIn(token({ name: " Zoë Müller ☎ ", exp: 1_001 }), NOW_MS), "Zoë Müller ☎");
});

for (const [what, text] of Object.entries({
  nothing: "", "no token": "a.b", "no name": token({ exp: 1_001 }), "no text": token({ name: 1, exp: 1_001 }),
  "an old token": token({ name: "Ana", exp: 999 }), "an endless token": token({ name: "Ana" }), "no object": token(null),
})) {
  test(`${what} names nobody`, () => assert.equal(nameSignedIn(text, NOW_MS), ""));
}
