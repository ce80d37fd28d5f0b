/**
 * The portal's REST API as the call page uses it: start a call, read it, end it, ask for its
 * connection again. Every failure, the network's included, is thrown as a `ProblemError` whose
 * `code` is the contract. It knows nothing of the page.
 *
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./types.js").FieldProblem} FieldProblem
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
 * @param {Record<"contacts"|"contact"|"end"|"connection", string>} urls With ":id" for the contact's.
 * @param {typeof fetch} [send]
 */
export function createContactsApi(urls, send = (input, init) => fetch(input, init)) {
  /** @param {"contact"|"end"|"connection"} name @param {string} id */
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
    return response.json();
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

    /** @param {string} id @returns {Promise<Connection>} */
    async connection(id) {
      const answer = await ask(urlOf("connection", id), { method: "POST" });
      return answer.connection;
    },
  };
}
