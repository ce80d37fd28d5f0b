import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK, isLive } from "../src/call-model.js";
import { transition } from "../src/call-state.js";
import { ProblemError } from "../src/contacts-api.js";
import { createGuestDoor, reasonOfRefusal } from "../src/guest-door.js";

/** @typedef {import("../src/call-state.js").CallModel} CallModel */
/** @typedef {import("../src/call-state.js").CallEvent} CallEvent */
/** @typedef {import("../src/types.js").Snapshot} Snapshot */

/** @param {object} [values] */
const opened = (values) => /** @type {CallEvent} */ ({
  type: "opened", entry: { obstacle: null, online: true, availability: null }, contact: null, canRejoin: false, guest: true, ...values,
});
const CONNECTION = { Meeting: {}, Attendee: { AttendeeId: "a", JoinToken: "t" } };

/** @param {Partial<Snapshot>} [values] @returns {Snapshot} */
const contact = (values = {}) => ({
  id: "i1", reference: "K7QX-2M4P", state: "queued", end_reason: null, ...values,
});

/** @param {CallEvent[]} events @param {CallModel} [from] */
const after = (events, from = BLANK) => events.reduce((model, event) => transition(model, event), from);

/** @param {Partial<Snapshot>} [values] @returns {CallEvent[]} */
const accepted = (values) => [
  opened(), { type: "start" }, { type: "details_given" }, { type: "call" },
  { type: "created", contact: contact(values), version: 2 },
];

test("a guest waits for the agent and then joins without being asked", () => {
  const waiting = after(accepted());
  assert.equal(waiting.state, "guest_waiting");
  assert.ok(isLive(waiting.state));

  const joining = after([{ type: "snapshot", contact: contact({ state: "connected" }), version: 3 }], waiting);
  assert.equal(joining.state, "joining");
  assert.equal(after([{ type: "media_started" }], joining).state, "connected");
});

test("a guest of a call that is connected joins at once", () => {
  assert.equal(after(accepted({ state: "connected" })).state, "joining");
});

test("a guest who leaves, waiting or not, leaves no queue", () => {
  for (const state of /** @type {Snapshot["state"][]} */ (["queued", "connected"])) {
    assert.equal(after([...accepted({ state }), { type: "leave" }]).endReason, "customer_left");
  }
});

test("a link that no longer works says so, on the way in and while waiting", () => {
  const failure = { code: "invitation_gone", reference: null, retryAfterS: null };
  const refused = after([...accepted().slice(0, -1), { type: "refused", failure, fieldProblems: [] }]);
  const gone = after([opened({ gone: true })]);
  const revoked = after([
    ...accepted(), { type: "snapshot", contact: contact({ state: "ended", end_reason: "removed" }), version: 3 },
  ]);

  assert.deepEqual([refused.state, refused.endReason], ["ended", "invitation_gone"]);
  assert.deepEqual([gone.state, gone.endReason, gone.guest], ["ended", "invitation_gone", true]);
  assert.deepEqual([revoked.state, revoked.endReason], ["ended", "removed"]);
});

test("a guest who comes back while waiting checks the devices and gives no name again", () => {
  const back = after([opened({ contact: { ...contact(), version: 2 } })]);
  assert.equal(back.state, "ready");
  assert.equal(after([{ type: "start" }], back).state, "device_check");
});

test("a guest who may come back into the call is offered that", () => {
  const known = { ...contact({ state: "connected" }), version: 2 };
  const back = after([opened({ contact: known, canRejoin: true })]);
  assert.deepEqual([back.state, back.rejoin], ["ready", true]);
});

test("a guest remains one when they come again", () => {
  const left = after([...accepted({ state: "connected" }), { type: "leave" }]);
  const again = after([{ type: "call_again", detailsKnown: true }, { type: "call" }], left);
  assert.deepEqual([again.state, again.guest], ["requesting", true]);
});

/** @param {Record<"connection"|"start"|"read", unknown[]|undefined>|{}} answers What the portal says, in turn. */
function doorTo(answers) {
  const { connection = [], start = [], read = [] } = /** @type {Record<string, unknown[]>} */ (answers);
  /** @type {string[]} */
  const asked = [];
  /** @param {string} name @param {(unknown)[]} answers */
  const answering = (name, answers) => async (
    /** @type {unknown} */ about, /** @type {{renew?: boolean}} */ { renew } = {},
  ) => {
    const what = typeof about === "string" ? about : JSON.stringify(about);
    asked.push(`${name} ${what}${renew ? " anew" : ""}`);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const api = /** @type {any} */ ({
    connection: answering("connection", connection),
    start: answering("start", start),
    read: answering("read", read),
  });
  return { asked, door: createGuestDoor({ api, token: "secret", placeId: null }) };
}

test("the link is used once; after that the guest is known by their place", async () => {
  const seen = { contact: contact(), version: 2 };
  const { asked, door } = doorTo({ start: [seen], read: [seen] });

  assert.equal(door.accepted, false);
  await door.ask("Gil");
  await door.ask("Gil");

  assert.deepEqual(asked, ['start {"token":"secret","name":"Gil"}', "read i1"]);
  assert.equal(door.accepted, true);
});

test("a guest is let in once what stood in the way has passed", async () => {
  const passing = ["contact_not_connected", "idempotency_in_progress", "busy"].map(
    (code) => new ProblemError({ code, retryAfterS: 0 }),
  );
  const { door } = doorTo({ connection: [...passing, CONNECTION] });

  assert.equal(await door.letIn("i1", () => true), CONNECTION);
});

test("a guest who comes again is let in as somebody new", async () => {
  const { asked, door } = doorTo({ connection: [CONNECTION, CONNECTION] });

  await door.letIn("i1", () => true);
  await door.letIn("i1", () => true);

  assert.deepEqual(asked, ["connection i1", "connection i1 anew"]);
});

test("nobody is let in who no longer waits", async () => {
  const { asked, door } = doorTo({});

  assert.equal(await door.letIn("i1", () => false), null);
  assert.deepEqual(asked, []);
});

test("a refusal is told by its cause", async () => {
  const { door } = doorTo({ connection: [new ProblemError({ code: "participant_conflict" })] });

  await assert.rejects(door.letIn("i1", () => true), { code: "participant_conflict" });
  const reasons = ["participant_conflict", "invitation_gone", "contact_ended", "error"].map(
    (code) => reasonOfRefusal(new ProblemError({ code })),
  );
  assert.deepEqual(reasons, ["capacity", "invitation_gone", "agent_ended", "service_error"]);
});
