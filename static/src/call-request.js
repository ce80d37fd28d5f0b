/**
 * Asks the portal for a call. It owns what is told about the caller's page and the key that makes
 * one wish one call, however often it must be asked for; it knows nothing of what the page shows.
 *
 * @typedef {import("./types.js").CallDetails} CallDetails
 * @typedef {import("./types.js").PageData} PageData
 */
import { ProblemError } from "./contacts-api.js";

/** After these the portal may have started the call all the same. */
const UNSETTLED = new Set([
  "network",
  "timeout",
  "idempotency_in_progress",
  "unavailable",
  "error",
  "unexpected",
]);
const REPEAT_AFTER_S = 2;
const REPEAT_AFTER_MIN_S = 1;
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

/**
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} api
 * @param {number} patienceS How long a call that is still being started is asked for again: until
 *   then the portal has finished it, or lets a repeated question finish it.
 */
export function createCallRequests(api, patienceS) {
  /** @type {{body: object, idempotencyKey: string}|null} */
  let asked = null;

  /** @param {{body: object, idempotencyKey: string}} question */
  async function send({ body, idempotencyKey }) {
    for (let waitedS = 0; ; ) {
      try {
        return await api.start(body, { idempotencyKey });
      } catch (error) {
        if (waitedS >= patienceS || !isProblem(error, "idempotency_in_progress")) throw error;
        const told = /** @type {ProblemError} */ (error).retryAfterS ?? REPEAT_AFTER_S;
        const pauseS = Math.min(Math.max(told, REPEAT_AFTER_MIN_S), REPEAT_AFTER_MAX_S);
        await pause(pauseS);
        waitedS += pauseS;
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
  new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** Where the caller is, as the browser has it. */
export const placeOf = () => ({
  referrer: document.referrer,
  address: location.href,
  locale: document.documentElement.lang,
});

/**
 * @param {PageData} page
 * @param {CallDetails} details
 * @param {object} place
 * @param {string} place.referrer Of the document; "" when there is none.
 * @param {string} place.address Of this page.
 * @param {string} place.locale
 * @param {{shareScreen: boolean}} abilities Of this browser.
 * @returns {object} See the API's "start a call".
 */
export function bodyOf(page, details, { referrer, address, locale }, { shareScreen }) {
  // Whoever starts with sound alone may still turn the camera on later.
  const { video, screen_share: shared } = page.entry_point;
  return {
    entry_point: page.entry_point.slug,
    name: details.name,
    description: details.description,
    attributes: details.answers,
    consent: details.consent,
    locale,
    references: referencesTo(referrer, address),
    // Left out what the agent may: the entry point knows.
    capabilities: { customer: { video, screen_share: shared && shareScreen } },
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

/**
 * @param {PageData} page
 * @param {CallDetails} given
 * @returns {import("./types.js").FieldProblem[]} What the entry point must know and was not told.
 */
export function missingIn({ guest, entry_point }, given) {
  const { name_required } = entry_point;
  // A guest is asked for a name alone.
  const { custom_fields, consent } = guest ? { custom_fields: [], consent: null } : entry_point;
  const pointers = [
    name_required && given.name === "" && "/name",
    ...custom_fields.map(({ key, required }) => required && !given.answers[key] && `/attributes/${key}`),
    consent !== null && given.consent !== consent.version && "/consent",
  ];
  return pointers.flatMap((pointer) => (pointer ? [{ pointer, code: "required", detail: "" }] : []));
}
