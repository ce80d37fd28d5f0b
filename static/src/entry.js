/**
 * Whether a call can begin, as far as this page knows: what is in the way here, whether the browser
 * is online, and what the portal says of the entry point. Pure.
 *
 * @typedef {object} Availability What the portal says of the entry point.
 * @property {"open"|"busy"|"closing"|"closed"|"holiday"|"unavailable"} state
 * @property {number|null} estimated_wait_s
 * @property {string|null} closes_at RFC 3339.
 * @property {string|null} opens_at RFC 3339.
 * @property {string|null} time_zone IANA name of the site's.
 * @property {string|null} holiday_name
 *
 * @typedef {"entry.unsupported"|"entry.inapp"|"entry.insecure"|"embed.blocked"} Obstacle
 *
 * @typedef {object} Entry
 * @property {Obstacle|null} obstacle
 * @property {boolean} online
 * @property {Availability|null} availability
 */

/** @param {Entry} entry @returns {"ready"|"closed"|"unavailable"} */
export function entryStateOf({ obstacle, online, availability }) {
  if (obstacle || !online) return "unavailable";
  const state = availability?.state ?? "open";
  if (state === "unavailable") return "unavailable";
  return state === "closed" || state === "holiday" ? "closed" : "ready";
}

/** @param {Entry} entry @returns {string} Id of the heading that says so. */
export function entryMessageOf({ obstacle, online, availability }) {
  if (obstacle) return obstacle;
  if (!online) return "entry.offline";
  const state = availability?.state ?? "open";
  if (state === "open") return minutesOf(availability) === null ? "entry.ready.nowait" : "entry.ready";
  return `entry.${state}`;
}

/**
 * @param {Availability|null} availability
 * @returns {number|null} Whole minutes to wait, rounded up; null when unknown.
 */
export function minutesOf(availability) {
  const wait = availability?.estimated_wait_s ?? null;
  return wait === null ? null : Math.max(1, Math.ceil(wait / 60));
}
