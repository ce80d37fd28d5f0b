/**
 * Says when somebody opens or closes, on the clock of the site and on that of the visitor. Pure; the
 * caller brings the languages, the zones and the time.
 */

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/**
 * @typedef {object} Clock
 * @property {string} [locale]
 * @property {string} [timeZone] IANA name; the visitor's own when left out.
 */

/** @param {Date} at @param {Clock} clock */
export const timeText = (at, { locale, timeZone }) =>
  new Intl.DateTimeFormat(locale, { timeZone, timeStyle: "short" }).format(at);

/**
 * @param {Date} at
 * @param {Date} now
 * @param {Clock} clock
 * @returns {string} "today", "tomorrow", the day of the week within a week, else the date.
 */
export function dayText(at, now, { locale, timeZone }) {
  const days = dayNumber(at, timeZone) - dayNumber(now, timeZone);
  if (days === 0 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
  }
  const format = days > 0 && days < WEEK_DAYS
    ? { weekday: /** @type {const} */ ("long") }
    : { weekday: /** @type {const} */ ("long"), day: /** @type {const} */ ("numeric"), month: /** @type {const} */ ("long") };
  return new Intl.DateTimeFormat(locale, { timeZone, ...format }).format(at);
}

/** @param {Date} at @param {Clock} clock @returns {string} What people call the zone. */
export function zoneText(at, { locale, timeZone }) {
  for (const timeZoneName of /** @type {const} */ (["longGeneric", "long", "short"])) {
    try {
      const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(at);
      const name = parts.find(({ type }) => type === "timeZoneName")?.value;
      if (name) return name;
    } catch {
      // An older browser knows fewer ways to say it.
    }
  }
  return timeZone ?? "";
}

/**
 * @param {Date} at
 * @param {string|null} site
 * @param {string} [visitor]
 * @returns {boolean} Whether the clocks of the two zones show the same at that moment.
 */
export function isSameClock(at, site, visitor) {
  return site === null || wallText(at, site) === wallText(at, visitor);
}

/** @param {Date} at @param {string} [timeZone] */
const wallText = (at, timeZone) =>
  new Intl.DateTimeFormat("en-CA", {
    timeZone, dateStyle: "short", timeStyle: "short", hourCycle: "h23",
  }).format(at);

/** @param {Date} at @param {string} [timeZone] @returns {number} Days since 1970 on that clock. */
function dayNumber(at, timeZone) {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone, year: "numeric", month: "2-digit", day: "2-digit",
  });
  return Date.parse(`${format.format(at)}T00:00:00Z`) / DAY_MS;
}
