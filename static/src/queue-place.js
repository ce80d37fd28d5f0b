/**
 * What a waiting customer is told of the queue. A place and an estimate once told are kept: the
 * place shown never rises, nor does the moment by which somebody should have answered. Pure; the
 * caller brings the time.
 *
 * @typedef {object} QueuePlace
 * @property {number} position The lowest told so far; 1 is next.
 * @property {boolean} held The queue says a higher one now.
 * @property {number|null} answerByMs The earliest moment an estimate has promised.
 *
 * @typedef {{id: string, values?: Record<string, number>}} Told A sentence and what fills its gaps.
 */

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

/**
 * @param {QueuePlace|null} place Told so far.
 * @param {{position: number|null, estimated_wait_s: number|null}|null|undefined} queue As the
 *   snapshot has it.
 * @param {number} nowMs
 * @returns {QueuePlace|null} The same object when nothing is told that was not known.
 */
export function placeAfter(place, queue, nowMs) {
  const position = queue?.position ?? null;
  if (position === null) return place;
  const wait = queue?.estimated_wait_s ?? null;
  const promised = wait === null ? null : nowMs + wait * 1_000;
  if (place === null) return { position, held: false, answerByMs: promised };
  const held = position > place.position;
  const answerByMs = earlier(place.answerByMs, promised);
  const lowest = Math.min(position, place.position);
  const same = lowest === place.position && held === place.held && answerByMs === place.answerByMs;
  return same ? place : { position: lowest, held, answerByMs };
}

/** @param {QueuePlace|null} place @returns {Told} What the heading says. */
export function headingOf(place) {
  if (place === null) return { id: "q.waiting" };
  if (place.position === 1) return { id: "q.next" };
  return { id: "q.position", values: { n: place.position } };
}

/**
 * @param {QueuePlace|null} place
 * @param {number} nowMs
 * @returns {Told} What the sentence below it says.
 */
export function estimateOf(place, nowMs) {
  if (place === null || place.answerByMs === null) {
    return { id: place?.held ? "q.held" : "q.waiting.body" };
  }
  const minutes = Math.ceil((place.answerByMs - nowMs) / MINUTE_MS);
  // "Less than a minute" was the last thing said, so it is not broken before a minute is over.
  if (minutes < 0) return { id: "q.long" };
  if (place.held) return { id: "q.held" };
  if (minutes <= 1) return { id: "q.minute" };
  if (minutes > HOUR_MINUTES) return { id: "q.hour" };
  return { id: "q.position.body", values: { n: minutes } };
}

/** @param {QueuePlace} place @returns {Told} What is said aloud when it has fallen. */
export const moveOf = ({ position }) =>
  position === 1 ? { id: "q.next" } : { id: "q.moved", values: { n: position } };

/** @param {number|null} one @param {number|null} other */
const earlier = (one, other) =>
  one === null ? other : other === null ? one : Math.min(one, other);
