/**
 * What the meeting's measurements say of this person's network, in three words, and whether it is away
 * altogether. Slow to change its mind: a word that flickers helps nobody. Pure.
 *
 * @typedef {"good"|"weak"|"poor"} Grade
 *
 * @typedef {object} Reading Of about one second.
 * @property {number} silentS For how many seconds nothing at all has come.
 * @property {number} lossPercent Of sound, on the way here or there, whichever is worse.
 * @property {number|null} outgoingKbps What could be sent, as the browser estimates it.
 * @property {number|null} roundTripMs
 *
 * @typedef {"loss"|"bandwidth"|"round_trip"|"silence"} Cause
 * @typedef {{grade: Grade, away: boolean}} Quality
 */

/** Sooner, a lost second would look like a lost network. */
const AWAY_AFTER_S = 4;
/** Readings that must agree before the grade falls, and before it rises. */
const TO_FALL = 3;
const TO_RISE = 8;
/** Bounds of what is weak and of what is poor. */
const WEAK = { lossPercent: 4, outgoingKbps: 200, roundTripMs: 500 };
const POOR = { lossPercent: 15, outgoingKbps: 120, roundTripMs: 1_200 };
/** @type {Grade[]} From the worst. */
const GRADES = ["poor", "weak", "good"];

/**
 * @param {Reading} reading
 * @param {typeof WEAK} bounds
 */
const isBeyond = ({ lossPercent, outgoingKbps, roundTripMs }, bounds) =>
  lossPercent >= bounds.lossPercent ||
  (outgoingKbps !== null && outgoingKbps > 0 && outgoingKbps < bounds.outgoingKbps) ||
  (roundTripMs !== null && roundTripMs >= bounds.roundTripMs);

/** @param {Reading} reading @returns {Grade} */
export const gradeOf = (reading) =>
  isBeyond(reading, POOR) ? "poor" : isBeyond(reading, WEAK) ? "weak" : "good";

/**
 * What is wrong with a reading that is not good, the worst for sound first.
 * @param {Reading} reading
 * @returns {Cause|""}
 */
export function causeOf({ lossPercent, outgoingKbps, roundTripMs }) {
  if (lossPercent >= WEAK.lossPercent) return "loss";
  if (outgoingKbps !== null && outgoingKbps > 0 && outgoingKbps < WEAK.outgoingKbps) return "bandwidth";
  return roundTripMs !== null && roundTripMs >= WEAK.roundTripMs ? "round_trip" : "";
}

/** @returns {(reading: Reading) => Quality} To be called with each reading in turn. */
export function createNetworkQuality() {
  /** @type {Grade} */
  let grade = "good";
  /** @type {Grade[]} The latest first. */
  let recent = [];

  /** @param {number} count @param {(rank: number) => boolean} agrees @returns {boolean} */
  const lastly = (count, agrees) =>
    recent.length >= count && recent.slice(0, count).every((one) => agrees(GRADES.indexOf(one)));

  return (reading) => {
    const away = reading.silentS >= AWAY_AFTER_S;
    if (reading.silentS > 0) return { grade, away };
    recent = [gradeOf(reading), ...recent].slice(0, TO_RISE);
    const rank = GRADES.indexOf(grade);
    if (lastly(TO_FALL, (one) => one < rank)) {
      const seen = recent.slice(0, TO_FALL).map((one) => GRADES.indexOf(one));
      grade = GRADES[Math.max(...seen)] ?? grade;
    } else if (lastly(TO_RISE, (one) => one > rank)) {
      grade = GRADES[rank + 1] ?? grade;
    }
    return { grade, away };
  };
}
