/**
 * What is asked of a microphone or camera. Pure.
 *
 * @typedef {import("./device-failures.js").DeviceKind} DeviceKind
 *
 * @typedef {object} DeviceWishes
 * @property {string|undefined} microphone Id of the one the person chose.
 * @property {string|undefined} camera
 * @property {"user"|"environment"} facing Which way the camera looks, where none was chosen.
 * @property {boolean} noiseSuppression
 * @property {boolean} backgroundBlur
 */

/** Two cores would be busy with nothing but encoding more than this. */
const SMALL_PICTURE = { width: { ideal: 640 }, height: { ideal: 360 } };
/** Chime sends at most this much of a camera by default; more would only heat the device. */
const PICTURE = { width: { ideal: 960 }, height: { ideal: 540 } };
const FRAME_RATE = { ideal: 24, max: 30 };
const SOUND = { echoCancellation: true, autoGainControl: true };

/**
 * @param {DeviceKind} kind
 * @param {DeviceWishes} wishes
 * @param {number} cores Of this machine.
 * @returns {MediaTrackConstraints}
 */
export function constraintsOf(kind, wishes, cores) {
  const id = wishes[kind];
  const device = id ? { deviceId: { exact: id } } : {};
  if (kind === "microphone") {
    return { ...SOUND, noiseSuppression: wishes.noiseSuppression, ...device };
  }
  const picture = cores <= 2 ? SMALL_PICTURE : PICTURE;
  const facing = id ? {} : { facingMode: wishes.facing };
  const { backgroundBlur } = wishes;
  return { ...picture, frameRate: FRAME_RATE, backgroundBlur, ...facing, ...device };
}
