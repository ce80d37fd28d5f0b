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
const NOT_STARTED = new Set(["AbortError", "InvalidStateError", "GetUserMediaError"]);

/** Errors that a second try with the default device can cure. */
export const isConstraintError = (/** @type {unknown} */ error) =>
  error instanceof Error && /^(Overconstrained|ConstraintNotSatisfied)Error$/.test(error.name);

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
  return "perm.denied";
}

/**
 * Which of the per-browser steps help with a refused permission.
 * @param {string} userAgent
 * @returns {string} Message id.
 */
export function permissionHelpOf(userAgent) {
  if (/iPhone|iPad/.test(userAgent)) {
    return /CriOS|FxiOS/.test(userAgent) ? "perm.help.ios_other" : "perm.help.ios_safari";
  }
  if (/SamsungBrowser/.test(userAgent)) return "perm.help.samsung";
  if (/Android/.test(userAgent) && /Chrome/.test(userAgent)) return "perm.help.android";
  if (/Firefox/.test(userAgent)) return "perm.help.firefox";
  if (/Chrome|Chromium|Edg/.test(userAgent)) return "perm.help.chromium";
  if (/Safari/.test(userAgent)) return "perm.help.safari";
  return "perm.help.other";
}
