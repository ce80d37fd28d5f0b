/**
 * Lengths of time as people read them on a clock. Pure; the caller brings the times.
 */

/**
 * @param {number} milliseconds
 * @returns {string} "4:07", or "1:04:07" from an hour on.
 */
export function clockText(milliseconds) {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = two(total % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * @param {string|null|undefined} from RFC 3339.
 * @param {string|null|undefined} until RFC 3339.
 * @returns {number|null} Milliseconds between them, or null when either is missing.
 */
export function spanMs(from, until) {
  if (!from || !until) return null;
  return Math.max(0, Date.parse(until) - Date.parse(from));
}
