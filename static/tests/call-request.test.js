import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { bodyOf, createCallRequests, isUnsettled } from "../src/call-request.js";
import { createContactsApi } from "../src/contacts-api.js";
import { settled } from "./browser-parts.js";

const URLS = { contacts: "/contacts/", contact: "/c/:id/", end: "/c/:id/end/", dtmf: "/contacts/:id/dtmf/", survey: "/contacts/:id/survey/", quality: "/contacts/:id/quality/", handover: "", take_over: "", invitations: "/contacts/:id/invitations/",
  invitation: "/contacts/:id/invitations/:invitation/", availability: "/availability/", callbacks: "/callbacks/", reminders: "/reminders/", connection: "/c/:id/connection/" };
const STARTED = { id: "c1", reference: "K7QX-2M4P", state: "initiated", end_reason: null, version: 2 };
const PAGE = /** @type {import("../src/types.js").PageData} */ (
  /** @type {unknown} */ ({ entry_point: { slug: "demo", video: true } })
);

/** @param {string} code @param {number} status @param {Record<string, string>} [headers] */
const problem = (code, status, headers = {}) =>
  new Response(JSON.stringify({ code }), {
    status, headers: { "Content-Type": "application/problem+json", ...headers },
  });
const started = () => new Response(JSON.stringify(STARTED), { status: 201 });

/** @param {(Response|Error)[]} answers Of the network, in turn. */
function requests(answers) {
  /** @type {{key: string|null, body: string}[]} */
  const asked = [];
  const api = createContactsApi(URLS, async (_, init) => {
    asked.push({ key: new Headers(init?.headers).get("Idempotency-Key"), body: String(init?.body) });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new TypeError("no network");
  });
  return { asked, requests: createCallRequests(api, 17) };
}

/** @param {string} referrer @param {string} [address] */
function pageOf(referrer, address = "https://shop.test/call/demo/?token=secret#part") {
  const body = bodyOf(PAGE, { name: "", description: "", answers: {}, consent: null }, { referrer, address, locale: "en" }, { shareScreen: false });
  return /** @type {{references: {Page?: {value: string}}}} */ (body).references.Page?.value;
}

test("where the customer comes from is told without what may be private", () => {
  assert.equal(pageOf("https://a:b@shop.test/cart?session=1#x"), "https://shop.test/cart");
  assert.equal(pageOf(""), "https://shop.test/call/demo/");
});

test("an app that opened the page is no address", () => {
  assert.equal(pageOf("android-app://com.google.android.gm/"), "https://shop.test/call/demo/");
});

test("an address too long to be of use is left out", () => {
  assert.equal(pageOf(`https://shop.test/${"a".repeat(1_000)}`), undefined);
});

test("a repeated question keeps its key and its words", async () => {
  const { asked, requests: calls } = requests([new TypeError("lost"), started(), started()]);

  await assert.rejects(calls.start({ name: "Ana" }, { again: false }));
  await calls.start({ name: "Ana" }, { again: true });
  await calls.start({ name: "Ana" }, { again: false });

  assert.deepEqual(asked[1], asked[0]);
  assert.notEqual(asked[2]?.key, asked[0]?.key);
});

test("a repeated question whose call is over asks for a new one", async () => {
  const { asked, requests: calls } = requests([new TypeError("lost"), problem("contact_ended", 410), started()]);

  await assert.rejects(calls.start({}, { again: false }));
  const { contact } = await calls.start({}, { again: true });

  assert.equal(contact.id, "c1");
  assert.equal(asked[1]?.key, asked[0]?.key);
  assert.notEqual(asked[2]?.key, asked[0]?.key);
});

test("a call still being started is asked for again when the server says", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const busy = problem("idempotency_in_progress", 409, { "Retry-After": "3" });
  const { asked, requests: calls } = requests([busy, started()]);

  const starting = calls.start({}, { again: false });
  await settled();
  mock.timers.tick(2_999);
  await settled();
  assert.equal(asked.length, 1);
  mock.timers.tick(1);

  assert.equal((await starting).contact.id, "c1");
  assert.equal(asked[1]?.key, asked[0]?.key);
});

test("only a lost answer leaves open whether there is a call", () => {
  const unknown = ["network", "timeout", "idempotency_in_progress", "unavailable", "error", "unexpected"];
  for (const code of unknown) assert.ok(isUnsettled({ code }));
  for (const code of ["capacity", "failed", "invalid"]) assert.ok(!isUnsettled({ code }));
  assert.ok(!isUnsettled(null));
});

test("a call still being started is asked for until the portal lets it be finished", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const busy = () => problem("idempotency_in_progress", 409, { "Retry-After": "1" });
  const { asked, requests: calls } = requests([...Array(17)].map(busy).concat(started()));

  const starting = calls.start({}, { again: false });
  for (let second = 0; second < 17; second += 1) {
    await settled();
    mock.timers.tick(1_000);
  }

  assert.equal((await starting).contact.id, "c1");
  assert.equal(asked.length, 18);
});

test("a call that stays being started is given up", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const busy = () => problem("idempotency_in_progress", 409, { "Retry-After": "0" });
  const { asked, requests: calls } = requests([...Array(30)].map(busy));

  const starting = assert.rejects(calls.start({}, { again: false }));
  for (let second = 0; second < 30; second += 1) {
    await settled();
    mock.timers.tick(1_000);
  }

  await starting;
  assert.equal(asked.length, 18);
});
