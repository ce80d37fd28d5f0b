/**
 * The portal's REST API as the call page uses it: start a call, read it, end it, ask for its
 * connection again. Every failure, the network's included, is thrown as a `ProblemError` whose
 * `code` is the contract. It knows nothing of the page.
 *
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./types.js").FieldProblem} FieldProblem
 *
 * @typedef {object} Invitation One of the call's places.
 * @property {string} id
 * @property {"open"|"accepted"|"expired"|"revoked"} state
 * @property {string} name The guest's, once there is one.
 * @property {string|null} link While nobody has used it.
 * @property {boolean} in_call
 *
 * @typedef {{data: Invitation[], places: number, places_left: number}} Invitations
 */

const START_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 10_000;

/** An RFC 9457 problem, or what stands in for one when no answer came ("network", "timeout"). */
export class ProblemError extends Error {
  /**
   * @param {object} problem
   * @param {string} problem.code
   * @param {number} [problem.status] HTTP status; 0 when there was no answer.
   * @param {string} [problem.detail]
   * @param {FieldProblem[]} [problem.errors]
   * @param {{id: string, reference: string}|null} [problem.contact] The failed contact that was kept.
   * @param {number|null} [problem.retryAfterS]
   */
  constructor({ code, status = 0, detail = "", errors = [], contact = null, retryAfterS = null }) {
    super(detail || code);
    this.name = "ProblemError";
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.contact = contact;
    this.retryAfterS = retryAfterS;
  }
}

/** @param {Response} response @returns {Promise<ProblemError>} */
export async function problemOf(response) {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfterS = Number.isNaN(retryAfter) ? null : retryAfter;
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    return new ProblemError({ code: "unexpected", status: response.status, retryAfterS });
  }
  const body = await response.json().catch(() => ({}));
  return new ProblemError({ code: "unexpected", ...body, status: response.status, retryAfterS });
}

/**
 * Splits the API's flat answer into the snapshot and its version.
 * @param {Snapshot & {version: number, connection?: Connection}} body
 * @returns {VersionedSnapshot & {connection: Connection|null}}
 */
function versioned({ version, connection, ...contact }) {
  return { contact, version, connection: connection ?? null };
}

/**
 * @typedef {object} Handover A link to go on with the call on another device.
 * @property {string} link
 * @property {number} lifetime_s
 * @property {{size: number, path: string}} code As a QR code: its side in modules, and the path of the dark ones.
 */

/**
 * @typedef {object} Callback A wish to be called back.
 * @property {string} id
 * @property {string} reference
 * @property {"open"|"done"|"cancelled"} state
 * @property {string} phone
 * @property {string|null} preferred_at RFC 3339.
 */

/**
 * @param {Record<"contacts"|"contact"|"end"|"connection"|"dtmf"|"survey"|"invitations"|"invitation"|"callbacks"|"reminders"|"handover"|"take_over"|"quality", string>} urls
 *   With ":id" for the contact's, ":invitation" for an invitation's.
 * @param {typeof fetch} [send]
 */
export function createContactsApi(urls, send = (input, init) => fetch(input, init)) {
  /** @param {"contact"|"end"|"connection"|"dtmf"|"survey"|"quality"|"invitations"|"invitation"|"handover"} name @param {string} id */
  const urlOf = (name, id) => urls[name].replace(":id", encodeURIComponent(id));

  /** @param {string} url @param {RequestInit} init @param {number} [timeoutMs] */
  async function ask(url, init, timeoutMs = TIMEOUT_MS) {
    const signal = AbortSignal.timeout(timeoutMs);
    let response;
    try {
      response = await send(url, { credentials: "same-origin", ...init, signal });
    } catch {
      throw new ProblemError({ code: signal.aborted ? "timeout" : "network" });
    }
    if (!response.ok) throw await problemOf(response);
    return response.status === 204 ? null : response.json();
  }

  return {
    /**
     * @param {object} body See the API's "start a call".
     * @param {{idempotencyKey: string}} options One key for each wish to call.
     */
    async start(body, { idempotencyKey }) {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      return versioned(await ask(urls.contacts, init, START_TIMEOUT_MS));
    },

    /** @param {string} id @param {import("./survey.js").Answer} answer */
    async answerSurvey(id, answer) {
      const headers = { "Content-Type": "application/json" };
      await ask(urlOf("survey", id), { method: "POST", headers, body: JSON.stringify(answer) });
    },

    /**
     * Tells what this page measured. It outlives the page.
     * @param {string} id
     * @param {import("./quality-report.js").Report} report
     */
    async reportQuality(id, report) {
      const headers = { "Content-Type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(report), keepalive: true };
      await ask(urlOf("quality", id), init);
    },

    /**
     * Has everything that says whose call it was deleted; once it is over, if it is not yet.
     * @param {string} id
     * @returns {Promise<{erased: boolean}>} Whether it is gone now.
     */
    async erase(id) {
      return ask(urlOf("contact", id), { method: "DELETE" });
    },

    /** @param {string} id @returns {Promise<VersionedSnapshot>} */
    async read(id) {
      return versioned(await ask(urlOf("contact", id), { cache: "no-store" }));
    },

    /**
     * Ends the call for everyone. `keepalive` lets it outlive the page.
     * @param {string} id
     * @returns {Promise<VersionedSnapshot>}
     */
    async end(id) {
      return versioned(await ask(urlOf("end", id), { method: "POST", keepalive: true }));
    },

    /**
     * @param {string} id
     * @param {{renew?: boolean}} [options] renew: a guest's has expired, and another is wanted.
     * @returns {Promise<Connection>}
     */
    async connection(id, { renew = false } = {}) {
      const headers = { "Content-Type": "application/json" };
      const body = renew ? { headers, body: JSON.stringify({ renew }) } : {};
      const answer = await ask(urlOf("connection", id), { method: "POST", ...body });
      return answer.connection;
    },

    /**
     * Has keys played to the contact centre, in their order.
     * @param {string} id
     * @param {string} digits
     * @param {string} idempotencyKey With the same one they are played once, however often it is sent.
     */
    async sendDigits(id, digits, idempotencyKey) {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey };
      await ask(urlOf("dtmf", id), { method: "POST", headers, body: JSON.stringify({ digits }) });
    },

    /** @param {string} id @returns {Promise<Handover>} */
    async handOver(id) {
      return ask(urlOf("handover", id), { method: "POST" });
    },

    /**
     * Has this device go on with a call.
     * @param {string} token
     * @returns {Promise<Connection>}
     */
    async takeOver(token) {
      const headers = { "Content-Type": "application/json" };
      const answer = await ask(urls.take_over, { method: "POST", headers, body: JSON.stringify({ token }) });
      return answer.connection;
    },

    /** @param {string} id @returns {Promise<Invitations>} */
    async invitations(id) {
      return ask(urlOf("invitations", id), { cache: "no-store" });
    },

    /** @param {string} id @returns {Promise<Invitation>} */
    async invite(id) {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
      return ask(urlOf("invitations", id), { method: "POST", headers, body: "{}" });
    },

    /**
     * @param {object} body See the API's "ask to be called back".
     * @param {string} idempotencyKey With the same one it is one wish, however often it is sent.
     * @returns {Promise<Callback>}
     */
    async askForCallback(body, idempotencyKey) {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey };
      return ask(urls.callbacks, { method: "POST", headers, body: JSON.stringify(body) });
    },

    /** @param {{entry_point: string, email: string, locale: string}} body @returns {Promise<{opens_at: string}>} */
    async askForReminder(body) {
      const headers = { "Content-Type": "application/json" };
      return ask(urls.reminders, { method: "POST", headers, body: JSON.stringify(body) });
    },

    /** @param {string} id @returns {Promise<Callback>} */
    async cancelCallback(id) {
      return ask(`${urls.callbacks}${encodeURIComponent(id)}/cancel/`, { method: "POST" });
    },

    /** @param {string} id @param {string} invitationId */
    async cancelInvitation(id, invitationId) {
      const url = urlOf("invitation", id).replace(":invitation", encodeURIComponent(invitationId));
      await ask(url, { method: "DELETE" });
    },
  };
}
