/**
 * What each `MeetingSessionStatusCode` of the Chime SDK means for the call, by NAME: the numbers
 * have moved between SDK versions. Knows the names only, not the SDK.
 *
 * @typedef {import("./types.js").EndReason} EndReason
 *
 * @typedef {EndReason|"ask_server"|"expired_credentials"|"unsupported"} MediaEnd
 *   "ask_server": the meeting is over and only the server knows why;
 *   "expired_credentials": worth one fetch of fresh ones; "unsupported": this browser cannot.
 */

/**
 * What the meeting tells one page alone: whoever else tells of the end knows less.
 * @type {Readonly<Record<string, EndReason>>}
 */
const OWN = Object.freeze({
  AudioJoinedFromAnotherDevice: "duplicate",
  AudioCallAtCapacity: "capacity",
  AudioAttendeeRemoved: "removed",
});

/** @type {Readonly<Record<string, MediaEnd>>} */
const BY_NAME = Object.freeze({
  ...OWN,
  Left: "customer_left",
  AudioAuthenticationRejected: "expired_credentials",
  SignalingBadRequest: "expired_credentials",
  MeetingEnded: "ask_server",
  TURNCredentialsForbidden: "ask_server",
  AudioDisconnected: "service_error",
  SignalingRequestFailed: "service_error",
  RealtimeApiFailed: "service_error",
  VideoCallAtSourceCapacity: "service_error",
  // The SDK retries these by itself; it stops with one of them when its time to reconnect is over.
  AudioInternalServerError: "connection_lost",
  AudioServiceUnavailable: "connection_lost",
  SignalingInternalServerError: "connection_lost",
  TaskFailed: "connection_lost",
  NoAttendeePresent: "connection_lost",
  SignalingChannelClosedUnexpectedly: "connection_lost",
  ConnectionHealthReconnect: "connection_lost",
  AudioDisconnectAudio: "connection_lost",
  ICEGatheringTimeoutWorkaround: "connection_lost",
  IncompatibleSDP: "unsupported",
  EncodedTransformManagerFailed: "unsupported",
});

/**
 * @param {string} name Of the status the session stopped with.
 * @returns {MediaEnd}
 */
export const mediaEndOf = (name) => BY_NAME[name] ?? "unknown";

/**
 * @param {string} name Of the status the session stopped with.
 * @returns {EndReason|null} null for what others know as well.
 */
export const ownEndOf = (name) => OWN[name] ?? null;
