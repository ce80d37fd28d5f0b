/**
 * How a guest gets into somebody else's call: takes the place that their link offers, and is let in
 * once an agent has answered. It owns the guest's id; it knows nothing of what the page shows.
 *
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").VersionedSnapshot} VersionedSnapshot
 */
import { ProblemError } from "./contacts-api.js";

/** What passes by itself: an earlier request is still at work, or the contact centre is. */
const PASSING = new Set([
  "contact_not_connected", "idempotency_in_progress", "busy", "upstream_unavailable", "network",
  "timeout", "throttled",
]);
const TRIES = 15;
const TRY_AGAIN_AFTER_S = 2;
const TRY_AGAIN_AFTER_MAX_S = 10;

/** @type {Record<string, EndReason|undefined>} By problem code of the API. */
const REASONS = {
  participant_conflict: "capacity",
  invitation_gone: "invitation_gone",
  not_found: "invitation_gone",
  contact_ended: "agent_ended",
};

/** @param {unknown} error @returns {EndReason} Why a guest does not get in. */
export const reasonOfRefusal = (error) =>
  (error instanceof ProblemError && REASONS[error.code]) || "service_error";

/**
 * @param {object} options
 * @param {ReturnType<typeof import("./contacts-api.js").createContactsApi>} options.api
 * @param {string|null} options.token Of the link, unless it was accepted before.
 * @param {string|null} options.placeId Of the guest, if it was.
 */
export function createGuestDoor({ api, token, placeId }) {
  let place = placeId;
  /** What this page has left or lost is of no more use: whoever comes again is somebody new. */
  let cameBefore = false;

  return {
    /** @returns {boolean} Whether the portal knows who the guest is. */
    get accepted() {
      return place !== null;
    },

    /**
     * Takes the place, or looks at it again.
     * @param {string} name
     * @returns {Promise<VersionedSnapshot & {connection: null}>}
     */
    async ask(name) {
      const idempotencyKey = crypto.randomUUID();
      const answer = place
        ? await api.read(place)
        : await api.start({ token: token ?? "", name }, { idempotencyKey });
      place = answer.contact.id;
      return { ...answer, connection: null };
    },

    /**
     * Asks to be let in, again and again while that may still succeed.
     * @param {string} id
     * @param {() => boolean} isWanted Whether the guest still waits.
     * @returns {Promise<Connection|null>} Null once nobody waits.
     */
    async letIn(id, isWanted) {
      for (let tries = 1; isWanted(); tries += 1) {
        try {
          const connection = await api.connection(id, { renew: cameBefore });
          cameBefore = true;
          return isWanted() ? connection : null;
        } catch (error) {
          const passing = error instanceof ProblemError && PASSING.has(error.code);
          if (!passing || tries === TRIES) throw error;
          await pause(error.retryAfterS ?? TRY_AGAIN_AFTER_S);
        }
      }
      return null;
    },
  };
}

/** @param {number} seconds */
const pause = (seconds) =>
  new Promise((resolve) => setTimeout(resolve, Math.min(seconds, TRY_AGAIN_AFTER_MAX_S) * 1_000));
