import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createCustomer } from "../src/tab-customer.js";
import { createCallFlow } from "../src/call-flow.js";
import { BLANK } from "../src/call-model.js";
import { transition } from "../src/call-state.js";
import { createContactsApi } from "../src/contacts-api.js";
import { createDevices } from "../src/devices.js";
import { createStore } from "../src/store.js";
import { Line, Media, Stream, install, settled } from "./browser-parts.js";

/** @typedef {import("../src/call-state.js").CallModel} CallModel */
/** @typedef {import("../src/call-state.js").CallEvent} CallEvent */
/** @typedef {import("../src/types.js").PageData} PageData */
/** @typedef {import("../src/types.js").Snapshot} Snapshot */

const URLS = {
  contacts: "/contacts/", contact: "/contacts/:id/", end: "/contacts/:id/end/",
  connection: "/contacts/:id/connection/", socket: "/ws/:id/", page: "/calls/:id/",
  help: "/help/:reference/", sentences: "/sentences/en/1.json", alive: "/healthz", download: "/static/measure.bin", home: "/", call: "/call/demo/", availability: "/availability/",
  availability_socket: "/ws/entry-points/demo/", callbacks: "/callbacks/", reminders: "/reminders/", dtmf: "/contacts/:id/dtmf/", survey: "/contacts/:id/survey/", quality: "/contacts/:id/quality/",
  handover: "/api/v1/contacts/:id/handover/",
  take_over: "/api/v1/handovers/take/",
  invitations: "/contacts/:id/invitations/", invitation: "/contacts/:id/invitations/:invitation/",
};
const OPEN = {
  state: /** @type {const} */ ("open"), estimated_wait_s: null, closes_at: null, opens_at: null,
  time_zone: null, holiday_name: null, version: 1,
};
const PAGE = /** @type {PageData} */ ({
  entry_point: { slug: "demo", name: "Demo", company: "Shop", name_required: false, custom_fields: [], consent: null, video: true, screen_share: false, reminds: true, off: [], availability: OPEN },
  urls: URLS, contact: null, connection: null, guest: null, embedded: false, messages: {}, limits: { name: 256, description: 4096, answer: 1000, start_s: 17, kept_days: 30 },
});
const CONNECTION = { Meeting: {}, Attendee: { AttendeeId: "a", JoinToken: "t" } };

/** @param {string} id @param {Partial<Snapshot>} [values] @returns {Snapshot} */
const contact = (id, values = {}) => ({
  id, reference: `REF-${id}`, state: "queued", end_reason: null, ...values,
});

/** A page whose network answers when the test says so. @param {import("node:test").TestContext} t */
function openPage(t, page = PAGE) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.after(() => mock.timers.reset());
  Line.all = [];
  install({
    WebSocket: Line, MediaStream: Stream, navigator: { hardwareConcurrency: 4 },
    history: { state: null, replaceState: () => undefined }, location: { href: "https://shop.test/call/demo/" },
    document: { referrer: "", documentElement: { lang: "en" } },
  });
  /** @type {{what: string, key: string|null, answer: (body: object) => void, lose: () => void}[]} */
  const asked = [];
  const api = createContactsApi(page.urls, (url, init) => new Promise((resolve, reject) => {
    asked.push({
      what: `${init?.method ?? "GET"} ${url}`,
      key: new Headers(init?.headers).get("Idempotency-Key"),
      answer: (body) => resolve(new Response(JSON.stringify(body))),
      lose: () => reject(new TypeError("no network")),
    });
  }));
  const store = createStore(
    BLANK, /** @type {(model: CallModel, event: CallEvent) => CallModel} */ (transition),
  );
  const media = new Media();
  const devices = createDevices({
    media: /** @type {MediaDevices} */ (/** @type {unknown} */ (media)),
    permissions: undefined, framed: false, onChange: () => undefined, onLost: () => undefined,
  });
  /** @type {string[]} */
  const joins = [];
  /** What a meeting that is left turns out to have stopped with. */
  const stopping = { with: "Left" };
  const live = /** @type {import("../src/live-call.js").LiveCall} */ (/** @type {unknown} */ ({
    join: async () => joins.push("join"),
    async leave() {
      devices.release();
      return stopping.with;
    },
  }));
  const flow = createCallFlow({
    page, store, api, devices, live, abilities: { shareScreen: false }, vouch: async () => ({}),
    customer: createCustomer(page),
  });
  const questions = (/** @type {string} */ what) => asked.filter((one) => one.what === what);
  /** @param {string} what */
  function question(what) {
    const last = questions(what).at(-1);
    assert.ok(last, `${what} was asked`);
    return last;
  }

  /** Goes as far as the request; the devices are allowed. */
  async function request() {
    flow.start({ camera: false });
    flow.giveDetails({ name: "", description: "", answers: {}, consent: null });
    flow.call();
    media.prompts.at(-1)?.allow();
    await settled();
  }

  /** @param {string} id Calls from the device check on and waits in the queue. */
  async function callAs(id) {
    if (store.model.state === "ready") await request();
    else {
      flow.call();
      await settled(); // the page around an embedded call may have to be asked first
    }
    question("POST /contacts/").answer({ ...contact(id), version: 2, connection: CONNECTION });
    media.prompts.at(-1)?.allow();
    await settled();
    store.send({ type: "media_started" });
    assert.equal(store.model.state, "queued");
  }

  flow.open();
  return { store, flow, media, joins, stopping, questions, question, request, callAs };
}

/** @param {number} ms */
async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

/** @param {number} index @returns {Line} */
function line(index) {
  const one = Line.all[index];
  assert.ok(one, `socket ${index} was opened`);
  return one;
}

test("calling again soon keeps the new call's socket", async (t) => {
  const { flow, callAs } = openPage(t);
  await callAs("c1");
  flow.leave();
  flow.again();
  await callAs("c2");

  await pass(60_000);

  assert.deepEqual(Line.all.map(({ url, closed }) => [url, closed]), [
    ["wss://shop.test/ws/c1/", true],
    ["wss://shop.test/ws/c2/", false],
  ]);
});

test("a call that follows one whose end is not known yet is followed itself", async (t) => {
  const { store, flow, callAs } = openPage(t);
  await callAs("c1");
  line(0).push(contact("c1", { state: "ended" }), 3);
  assert.equal(store.model.state, "ended");
  flow.again();
  await callAs("c2");

  line(0).push(contact("c1", { state: "ended", end_reason: "agent_ended" }), 9);
  assert.equal(store.model.state, "queued");
  line(1).push(contact("c2", { state: "connected" }), 3);

  assert.equal(store.model.state, "connected");
});

test("what the last call's meeting is asked about does not end the next one", async (t) => {
  const { store, flow, callAs, question } = openPage(t);
  await callAs("c1");
  void flow.mediaStopped("MeetingEnded");
  flow.leave();
  flow.again();
  await callAs("c2");

  question("GET /contacts/c1/").answer({ ...contact("c1", { state: "ended" }), version: 9 });
  await settled();
  await pass(5_000);

  assert.equal(store.model.state, "queued");
  assert.equal(store.model.contact?.id, "c2");
});

test("the answer to a cancelled request ends its own call and nothing else", async (t) => {
  const { store, flow, media, joins, questions, request } = openPage(t);
  await request();
  flow.leave();
  flow.call();
  await settled();
  const [first, second] = questions("POST /contacts/");

  first?.answer({ ...contact("c1"), version: 2, connection: CONNECTION });
  await settled();
  assert.equal(store.model.state, "requesting");
  assert.equal(questions("POST /contacts/c1/end/").length, 1);
  second?.answer({ ...contact("c2"), version: 2, connection: CONNECTION });
  media.prompts.at(-1)?.allow();
  await settled();

  assert.equal(store.model.contact?.id, "c2");
  assert.deepEqual(joins, ["join"]);
});

test("the failure of a cancelled request is not the next one's", async (t) => {
  const { store, flow, questions, request } = openPage(t);
  await request();
  flow.leave();
  flow.call();

  questions("POST /contacts/")[0]?.lose();
  await settled();

  assert.equal(store.model.state, "requesting");
});

test("trying again after a lost answer asks for the same call", async (t) => {
  const { store, flow, questions, request } = openPage(t);
  await request();
  questions("POST /contacts/")[0]?.lose();
  await settled();
  assert.equal(store.model.state, "failed");

  flow.again();
  await settled();

  const [first, second] = questions("POST /contacts/");
  assert.equal(second?.key, first?.key);
});

test("cancelling and calling once more asks for a new call", async (t) => {
  const { flow, questions, request } = openPage(t);
  await request();
  flow.leave();
  flow.call();

  const [first, second] = questions("POST /contacts/");
  assert.notEqual(second?.key, first?.key);
});

test("a guessed end is not told to the server, and the server's word replaces it", async (t) => {
  const { store, flow, callAs, question, questions } = openPage(t);
  await callAs("c1");
  void flow.mediaStopped("MeetingEnded");
  for (let asking = 0; asking < 10; asking += 1) {
    question("GET /contacts/c1/").answer({ ...contact("c1"), version: 2 });
    await settled();
    await pass(250);
  }
  assert.equal(store.model.endReason, "abandoned");

  line(0).push(contact("c1", { state: "ended", end_reason: "no_agent" }), 3);

  assert.equal(store.model.endReason, "no_agent");
  assert.deepEqual(questions("POST /contacts/c1/end/"), []);
});

test("what the meeting tells this page alone holds, whoever is first to tell of the end", async (t) => {
  const { store, callAs, stopping } = openPage(t);
  await callAs("c1");
  stopping.with = "AudioJoinedFromAnotherDevice";

  line(0).push(contact("c1", { state: "ended", end_reason: "customer_left" }), 3);
  await settled();

  assert.deepEqual([store.model.state, store.model.endReason], ["ended", "duplicate"]);
});

test("a meeting that was left says nothing of how the call ended", async (t) => {
  const { store, callAs } = openPage(t);
  await callAs("c1");

  line(0).push(contact("c1", { state: "ended", end_reason: "no_agent" }), 3);
  await settled();

  assert.equal(store.model.endReason, "no_agent");
});

test("how the last call's meeting stopped is no news to the next one", async (t) => {
  const { store, flow, callAs, stopping } = openPage(t);
  await callAs("c1");
  stopping.with = "AudioAttendeeRemoved";
  line(0).push(contact("c1", { state: "ended", end_reason: "agent_ended" }), 3);
  void flow.again();
  await settled();

  assert.equal(store.model.endReason, null);
});

test("a lost connection is given up after 55 seconds, and not because of an earlier loss", async (t) => {
  const { store, callAs } = openPage(t);
  await callAs("c1");
  store.send({ type: "media_dropped", silentMs: 5_000 });
  await pass(30_000);
  store.send({ type: "media_started" });
  store.send({ type: "media_dropped", silentMs: 5_000 });

  await pass(49_000);
  assert.equal(store.model.state, "reconnecting");
  await pass(1_500);

  assert.deepEqual([store.model.state, store.model.endReason], ["ended", "connection_lost"]);
});

test("calling again after the connection was lost leads back into the call that goes on", async (t) => {
  const { store, flow, media, joins, question, questions, callAs } = openPage(t);
  await callAs("c1");
  void flow.mediaStopped("ConnectionHealthReconnect");
  await settled();
  assert.deepEqual([store.model.state, store.model.endReason], ["ended", "connection_lost"]);

  void flow.again();
  question("POST /contacts/c1/connection/").answer({ connection: CONNECTION });
  await settled();
  media.prompts.at(-1)?.allow();
  await settled();

  assert.equal(store.model.state, "joining");
  assert.equal(store.model.contact?.id, "c1");
  assert.deepEqual(joins, ["join", "join"]);
  assert.equal(questions("POST /contacts/").length, 1);
});

test("calling again after the connection was lost begins anew once the call is over", async (t) => {
  const { store, flow, callAs } = openPage(t);
  await callAs("c1");
  void flow.mediaStopped("ConnectionHealthReconnect");
  await settled();
  line(0).push(contact("c1", { state: "ended", end_reason: "customer_left" }), 9);

  void flow.again();

  assert.equal(store.model.state, "device_check");
  assert.equal(store.model.contact, null);
});

test("leaving is told to the server once", async (t) => {
  const { flow, callAs, questions } = openPage(t);
  await callAs("c1");

  flow.leave();
  flow.leave();

  assert.equal(questions("POST /contacts/c1/end/").length, 1);
});

test("a call left while going back to it opens no device", async (t) => {
  const running = { ...contact("c1"), version: 4 };
  const { store, flow, media, joins, question } = openPage(t, { ...PAGE, contact: running, connection: CONNECTION });
  const first = flow.rejoin();
  flow.leave();
  media.prompts.at(-1)?.allow();
  await first;
  assert.equal(store.model.state, "ended");

  assert.deepEqual(joins, []);
  assert.ok(media.prompts.every(({ tracks }) => tracks.every(({ stopped }) => stopped)));
  assert.ok(question("POST /contacts/c1/end/"));
});

test("fresh credentials that come after the call was left are not used", async (t) => {
  const { flow, joins, callAs, question } = openPage(t);
  await callAs("c1");
  void flow.mediaStopped("AudioAuthenticationRejected");
  flow.leave();

  question("POST /contacts/c1/connection/").answer({ connection: CONNECTION });
  await settled();

  assert.deepEqual(joins, ["join"]);
});
