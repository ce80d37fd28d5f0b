import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LIFETIME_MS, MAX_TEXT, OFFER, allRead, chatMessageOf, emptyLog, sendable, textMessage, withLine,
} from "../src/chat-messages.js";

test("what is written arrives as it was written", () => {
  const text = "Good morning\n\u201cAna\u201d <b>";

  assert.deepEqual(chatMessageOf(textMessage(sendable(text))), { type: "text", text });
  assert.deepEqual(chatMessageOf(OFFER), { type: "offer" });
});

for (const data of ["", "null", "[]", "{", '{"type":"text"}', '{"type":"text","text":7}', '{"type":"text","text":" "}']) {
  test(`${data || "nothing"} is no message`, () => {
    assert.equal(chatMessageOf(data), null);
  });
}

test("the longest text fits into a data message, whatever its characters", () => {
  for (const character of ["\u0000", "\n", "\"", "\u20ac", "\ud83d\ude00"]) {
    const message = textMessage(sendable(`x${character.repeat(2 * MAX_TEXT)}x`));
    assert.ok(new TextEncoder().encode(message).length <= 2048, character);
  }
  assert.ok(LIFETIME_MS <= 300_000);
});

test("a log keeps the latest lines, and counts what was not seen", () => {
  let log = emptyLog();
  for (let n = 1; n <= 250; n += 1) log = withLine(log, { name: "Sam", text: String(n) }, { read: false });

  assert.deepEqual([log.lines.length, log.lines.at(0)?.text, log.lines.at(-1)?.number, log.unread], [200, "51", 250, 200]);
  assert.equal(allRead(log).unread, 0);
  assert.equal(withLine(log, { name: "", text: "own" }, { read: true }).unread, 0);
});
