/**
 * What the tests of a network before a call come to, in words and as a report for support. Pure.
 *
 * @typedef {import("./network-tests.js").Findings} Findings
 * @typedef {import("./network-quality.js").Grade} Grade
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 *
 * @typedef {object} Verdict
 * @property {Grade} grade
 * @property {string} id Of the sentence that says it; what to do is its body.
 *
 * @typedef {object} Finding
 * @property {boolean} works
 * @property {string} id
 * @property {Record<string, number>} values
 */

/** A picture and its sound each way, as the meeting sends them at its least and at its best. */
const WEAK_KBPS = 1_200;
const POOR_KBPS = 300;
/** People begin to talk at the same time. */
const WEAK_ROUND_TRIP_MS = 400;
const POOR_ROUND_TRIP_MS = 1_000;
const WEAK_SPREAD_MS = 300;

/** @param {Findings} found @returns {Verdict} The worst that was found; it keeps nobody from calling. */
export function verdictOf({ roundTripMs, spreadMs, socketMs, downKbps, loopbackMs }) {
  if (roundTripMs === null) return { grade: "poor", id: "netcheck.away" };
  if (loopbackMs === null) return { grade: "poor", id: "netcheck.browser" };
  if (roundTripMs >= POOR_ROUND_TRIP_MS || (downKbps ?? WEAK_KBPS) < POOR_KBPS) return { grade: "poor", id: "net.is.poor" };
  const slow = roundTripMs >= WEAK_ROUND_TRIP_MS || (spreadMs ?? 0) >= WEAK_SPREAD_MS || (downKbps ?? 0) < WEAK_KBPS;
  if (slow) return { grade: "weak", id: "net.is.weak" };
  return socketMs === null ? { grade: "weak", id: "netcheck.late" } : { grade: "good", id: "netcheck.good" };
}

/** @param {Findings} found @returns {Finding[]} What each test found, in the order of what matters most. */
export function findingsOf({ roundTripMs, socketMs, downKbps, loopbackMs }) {
  /** @param {string} id @param {number|null} figure @param {Record<string, number>} values @returns {Finding} */
  const finding = (id, figure, values) =>
    figure === null ? { works: false, id: `${id}.fails`, values: {} } : { works: true, id, values };
  return [
    finding("netcheck.answers", roundTripMs, { ms: roundTripMs ?? 0 }),
    finding("netcheck.webrtc", loopbackMs, {}),
    finding("netcheck.download", downKbps, { mbit: megabits(downKbps ?? 0) }),
    finding("netcheck.socket", socketMs, {}),
  ];
}

/** @param {number} kbps @returns {number} With one digit after the point. */
const megabits = (kbps) => Math.round(kbps / 100) / 10;

/**
 * @param {Findings} found
 * @param {{browser: string, at: Date, entryPoint: string}} surroundings
 * @returns {Record<string, unknown>} For JSON. It says nothing of who the person is.
 */
export function reportOf(found, { browser, at, entryPoint }) {
  const { grade, id } = verdictOf(found);
  return {
    verdict: grade,
    finding: id,
    entry_point: entryPoint,
    round_trip_ms: found.roundTripMs,
    round_trip_spread_ms: found.spreadMs,
    status_socket_ms: found.socketMs,
    download_kbps_at_least: found.downKbps,
    webrtc_loopback_ms: found.loopbackMs,
    webrtc_candidates: found.candidates,
    webrtc_codecs: found.codecs,
    network: found.network,
    browser,
    // Without a call there are no credentials for its media's servers.
    not_tested: ["upload", "media_servers", "udp_to_media_servers"],
    reported_at: at.toISOString(),
  };
}

/**
 * @param {Translate} t
 * @param {Findings} found
 * @param {Record<string, unknown>} report
 * @returns {string} The words first, then each fact on a line.
 */
export function reportTextOf(t, found, report) {
  const { id } = verdictOf(found);
  const facts = Object.entries(report).filter(([, value]) => value !== null);
  return [
    t(id), t(`${id}.body`), "",
    ...facts.map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : value}`),
  ].join("\n");
}
