/**
 * Names what went wrong with a microphone or camera. Pure: takes the error's name and what the
 * browser says about permission, gives the id of the sentence to show.
 *
 * @typedef {"microphone"|"camera"} DeviceKind
 * @typedef {"granted"|"prompt"|"denied"|"unknown"} Permission
 * @typedef {"perm.denied"|"perm.dismissed"|"perm.system"|"embed.blocked"|"dev.nomic"|"dev.nocam"
 *   |"dev.busy"|"dev.abort"|"entry.insecure"|"err.unexpected"} DeviceFailure
 */

const REFUSED = new Set(["NotAllowedError", "PermissionDeniedError", "PermissionDismissedError"]);
const MISSING = new Set(["NotFoundError", "DevicesNotFoundError"]);
const IN_USE = new Set(["NotReadableError", "TrackStartError"]);
const NOT_STARTED = new Set(["AbortError", "InvalidStateError", "GetUserMediaError", "TimeoutError"]);

/** Errors that a second try with the default device can cure. */
export const isConstraintError = (/** @type {unknown} */ error) =>
  error instanceof Error && /^(Overconstrained|ConstraintNotSatisfied)Error$/.test(error.name);

/** Errors of a page that was not in front; a second try once it is can cure them. */
export const isOutOfSightError = (/** @type {unknown} */ error) =>
  error instanceof Error && error.name === "InvalidStateError";

/**
 * The person closed the browser's question without an answer: asking at once again would only nag,
 * and browsers block a page that does.
 * @param {unknown} error
 * @param {Permission} permission
 */
export const isDismissal = (error, permission) =>
  permission === "prompt" && error instanceof Error && REFUSED.has(error.name);

/**
 * @param {DeviceKind} kind
 * @param {unknown} error What getUserMedia rejected with.
 * @param {{permission: Permission, framed: boolean}} surroundings
 * @returns {DeviceFailure}
 */
export function failureOf(kind, error, { permission, framed }) {
  const name = error instanceof Error ? error.name : "";
  if (REFUSED.has(name)) return refusalOf(/** @type {Error} */ (error), permission, framed);
  if (name === "SecurityError") return framed ? "embed.blocked" : "perm.denied";
  if (MISSING.has(name)) return kind === "camera" ? "dev.nocam" : "dev.nomic";
  if (IN_USE.has(name)) return "dev.busy";
  if (NOT_STARTED.has(name)) return "dev.abort";
  return "err.unexpected";
}

/**
 * @param {Error} error
 * @param {Permission} permission
 * @param {boolean} framed
 * @returns {DeviceFailure}
 */
function refusalOf(error, permission, framed) {
  if (/system/i.test(error.message)) return "perm.system";
  if (permission === "prompt") return "perm.dismissed";
  if (framed && permission !== "denied") return "embed.blocked";
  // The browser would let the page have it, so it is the system that does not let the browser.
  return permission === "granted" ? "perm.system" : "perm.denied";
}

/**
 * Which of the per-browser steps help with a refused permission.
 * @param {string} userAgent
 * @param {number} [touchPoints] An iPad says it is a Mac, but no Mac has a touch screen.
 * @returns {string} Message id.
 */
export function permissionHelpOf(userAgent, touchPoints = 0) {
  if (/iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) {
    return /CriOS|FxiOS|EdgiOS/.test(userAgent) ? "perm.help.ios_other" : "perm.help.ios_safari";
  }
  if (/SamsungBrowser/.test(userAgent)) return "perm.help.samsung";
  if (/Android/.test(userAgent) && /Chrome/.test(userAgent)) return "perm.help.android";
  if (/Firefox/.test(userAgent)) return "perm.help.firefox";
  if (/Chrome|Chromium|Edg/.test(userAgent)) return "perm.help.chromium";
  if (/Safari/.test(userAgent)) return "perm.help.safari";
  return "perm.help.other";
}

/** The more special names first: most browsers also say they are Chrome, and Chrome that it is Safari. */
const BROWSERS = /** @type {const} */ ([
  [/Edg/, "Edge"],
  [/SamsungBrowser/, "Samsung Internet"],
  [/OPR|Opera/, "Opera"],
  [/Firefox|FxiOS/, "Firefox"],
  [/Chrome|Chromium|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
]);

/**
 * @param {string} userAgent
 * @returns {string|null} What people call this browser.
 */
export const browserNameOf = (userAgent) =>
  BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
