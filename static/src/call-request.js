/**
 * Asks the portal for a call. It owns what is told about the caller's page and the key that makes
 * one wish one call, however often it must be asked for; it knows nothing of what the page shows.
 *
 * @typedef {import("./types.js").CallDetails} CallDetails
 * @typedef {import("./types.js").PageData} PageData
 */
import { ProblemError } from "./contacts-api.js";

/** After these the portal may have started the call all the same. */
const UNSETTLED = new Set(["network", "timeout", "idempotency_in_progress"]);
const REPEATS = 5;
const REPEAT_AFTER_S = 2;
const REPEAT_AFTER_MAX_S = 10;
/** In bytes; addresses are ASCII. What is longer says more about the site than about the caller. */
const ADDRESS_MAX = 1_000;

/**
 * @param {{code: string}|null} failure Of the last try.
 * @returns {boolean} Whether another try must not start a second call.
 */
export const isUnsettled = (failure) => UNSETTLED.has(failure?.code ?? "");

/** @param {unknown} error @param {string} code */
const isProblem = (error, code) => error instanceof ProblemError && error.code === code;

/** @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} api */
export function createCallRequests(api) {
  /** @type {{body: object, idempotencyKey: string}|null} */
  let asked = null;

  /** @param {{body: object, idempotencyKey: string}} question */
  async function send({ body, idempotencyKey }) {
    for (let repeat = 0; ; repeat += 1) {
      try {
        return await api.start(body, { idempotencyKey });
      } catch (error) {
        if (repeat === REPEATS || !isProblem(error, "idempotency_in_progress")) throw error;
        await pause(/** @type {ProblemError} */ (error).retryAfterS ?? REPEAT_AFTER_S);
      }
    }
  }

  /** @param {object} body */
  function ask(body) {
    asked = { body, idempotencyKey: crypto.randomUUID() };
    return send(asked);
  }

  return {
    /**
     * @param {object} body See the API's "start a call".
     * @param {{again: boolean}} options again: the last question's answer was lost, so it is
     *   repeated as it was; should its call be over by now, a new one is asked for.
     */
    async start(body, { again }) {
      if (!again || !asked) return ask(body);
      try {
        return await send(asked);
      } catch (error) {
        if (!isProblem(error, "contact_ended")) throw error;
        return ask(body);
      }
    },
  };
}

/** @param {number} seconds */
const pause = (seconds) =>
  new Promise((resolve) => setTimeout(resolve, Math.min(seconds, REPEAT_AFTER_MAX_S) * 1_000));

/**
 * @param {PageData} page
 * @param {CallDetails} details
 * @param {object} place
 * @param {string} place.referrer Of the document; "" when there is none.
 * @param {string} place.address Of this page.
 * @param {string} place.locale
 * @returns {object} See the API's "start a call".
 */
export function bodyOf(page, details, { referrer, address, locale }) {
  // Whoever starts with sound alone may still turn the camera on later.
  const { video } = page.entry_point;
  return {
    entry_point: page.entry_point.slug,
    name: details.name,
    description: details.description,
    locale,
    references: referencesTo(referrer, address),
    capabilities: { customer: { video, screen_share: false }, agent: { video: true } },
  };
}

/**
 * Where the customer comes from, for the agent. Queries may hold what is nobody's business, and an
 * app that opened the page is no address anyone could visit.
 * @param {string} referrer
 * @param {string} address
 */
function referencesTo(referrer, address) {
  const from = new URL(/^https?:/.test(referrer) ? referrer : address);
  const value = from.origin + from.pathname;
  return value.length > ADDRESS_MAX ? {} : { Page: { type: "URL", value } };
}
