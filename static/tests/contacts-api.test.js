import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ProblemError, createContactsApi } from "../src/contacts-api.js";

/**
 * @param {import("node:test").TestContext} t
 * @param {import("node:http").RequestListener} answer
 */
async function apiOf(t, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const root = `http://127.0.0.1:${port}/api/v1/contacts/`;
  const urls = {
    contacts: root, contact: `${root}:id/`, end: `${root}:id/end/`, connection: `${root}:id/connection/`,
    dtmf: `${root}:id/dtmf/`, survey: `${root}:id/survey/`, quality: `${root}:id/quality/`, handover: "", take_over: "", invitations: `${root}:id/invitations/`,
    invitation: `${root}:id/invitations/:invitation/`, availability: "/availability/", callbacks: "/callbacks/", reminders: "/reminders/",
  };
  return { api: createContactsApi(urls), server };
}

const CONTACT = { id: "c1", reference: "K7QX-2M4P", state: "initiated", end_reason: null };
const CONNECTION = { Meeting: { MeetingId: "m" }, Attendee: { AttendeeId: "a", JoinToken: "t" } };

/** @param {Promise<unknown>} asking @returns {Promise<ProblemError>} */
async function problemFrom(asking) {
  const error = await asking.then(() => assert.fail("it was answered"), (reason) => reason);
  assert.ok(error instanceof ProblemError);
  return error;
}

test("a start carries its key and yields snapshot, version and connection", async (t) => {
  /** @type {Record<string, unknown>} */
  const seen = {};
  const { api } = await apiOf(t, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    Object.assign(seen, { method: request.method, key: request.headers["idempotency-key"], body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(201, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ ...CONTACT, version: 2, connection: CONNECTION }));
  });

  const started = await api.start({ entry_point: "demo" }, { idempotencyKey: "click-1" });

  assert.deepEqual(seen, { method: "POST", key: "click-1", body: { entry_point: "demo" } });
  assert.deepEqual(started, { contact: CONTACT, version: 2, connection: CONNECTION });
});

test("a problem keeps its code, its fields, its contact and when to retry", async (t) => {
  const { api } = await apiOf(t, (_, response) => {
    response.writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "60" });
    response.end(JSON.stringify({
      status: 503, code: "capacity", detail: "Busy.", errors: [], contact: { id: "c1", reference: "K7QX-2M4P" },
    }));
  });

  const error = await problemFrom(api.read("c1"));

  assert.equal(error.code, "capacity");
  assert.equal(error.status, 503);
  assert.equal(error.retryAfterS, 60);
  assert.deepEqual(error.contact, { id: "c1", reference: "K7QX-2M4P" });
});

test("an answer that is no problem document is unexpected", async (t) => {
  const { api } = await apiOf(t, (_, response) => {
    response.writeHead(500, { "Content-Type": "text/html" });
    response.end("<h1>Oops</h1>");
  });

  const error = await problemFrom(api.end("c1"));

  assert.equal(error.code, "unexpected");
  assert.equal(error.status, 500);
});

test("no answer is a network problem", async (t) => {
  const { api, server } = await apiOf(t, () => undefined);
  await new Promise((resolve) => server.close(resolve));

  const error = await problemFrom(api.read("c1"));

  assert.equal(error.code, "network");
  assert.equal(error.status, 0);
});

test("ids are escaped in addresses", async (t) => {
  /** @type {string[]} */
  const paths = [];
  const { api } = await apiOf(t, (request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ connection: CONNECTION }));
  });

  assert.deepEqual(await api.connection("a/b"), CONNECTION);
  assert.deepEqual(paths, ["/api/v1/contacts/a%2Fb/connection/"]);
});

test("digits go out with their key, and an answer without a body is one", async (t) => {
  /** @type {unknown[]} */
  const heard = [];
  const { api } = await apiOf(t, async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    heard.push(request.url, request.headers["idempotency-key"], body);
    response.writeHead(204).end();
  });

  await api.sendDigits("c1", "12#", "k1");

  assert.deepEqual(heard, ["/api/v1/contacts/c1/dtmf/", "k1", '{"digits":"12#"}']);
});

test("an invitation is cancelled at its own address", async (t) => {
  /** @type {unknown[]} */
  const heard = [];
  const { api } = await apiOf(t, (request, response) => {
    heard.push(request.method, request.url);
    response.setHeader("Content-Type", "application/json").end("{}");
  });

  await api.cancelInvitation("c1", "i/1");

  assert.deepEqual(heard, ["DELETE", "/api/v1/contacts/c1/invitations/i%2F1/"]);
});
