/**
 * Measures how loud a microphone is. Reports a level for the eye and one of three words for
 * everybody; it draws nothing.
 *
 * @typedef {"waiting"|"heard"|"quiet"|"silent"} Hearing "silent": nothing at all arrives, not even
 *   noise; "quiet": something does, but nothing that anybody could hear.
 * @typedef {{level: number, hearing: Hearing}} Reading level from 0 to 1.
 */

const EVERY_MS = 80;
const SILENT_AFTER_MS = 5_000;
const QUIET_AFTER_MS = 10_000;
/** After a pause in the readings (a hidden tab) what was heard before says nothing any more. */
const PAUSE_MS = 2_000;
/** Decibels below full scale that draw an empty and a full meter. */
const FLOOR_DB = -60;
const CEILING_DB = -12;
const HEARD_LEVEL = 0.25;
/** A closed hardware switch gives exact zeros; a quiet room never does. */
const ABSOLUTE_ZERO = 1e-7;

/**
 * @param {Float32Array} samples
 * @returns {number} Root mean square.
 */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/**
 * @param {number} rms
 * @returns {number} 0 at -60 dB and below, 1 at -12 dB and above.
 */
export function levelOf(rms) {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-9));
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/**
 * Turns a row of measurements into words.
 * @returns {(rms: number, nowMs: number) => Reading}
 */
export function createHearing() {
  /** @type {number|null} */
  let silentSince = null;
  /** @type {number|null} */
  let quietSince = null;
  let lastMs = 0;
  let heard = false;
  return (rms, nowMs) => {
    if (nowMs - lastMs >= PAUSE_MS) silentSince = quietSince = null;
    lastMs = nowMs;
    silentSince = rms > ABSOLUTE_ZERO ? null : (silentSince ?? nowMs);
    const level = levelOf(rms);
    quietSince = level > 0 ? null : (quietSince ?? nowMs);
    heard ||= level >= HEARD_LEVEL;
    return { level, hearing: wordFor({ silentSince, quietSince, heard }, nowMs) };
  };
}

/**
 * @param {{silentSince: number|null, quietSince: number|null, heard: boolean}} sofar
 * @param {number} nowMs
 * @returns {Hearing}
 */
function wordFor({ silentSince, quietSince, heard }, nowMs) {
  if (silentSince !== null && nowMs - silentSince >= SILENT_AFTER_MS) return "silent";
  if (heard) return "heard";
  // Whoever has not spoken yet is quiet too: it takes longer to say so.
  return quietSince !== null && nowMs - quietSince >= QUIET_AFTER_MS ? "quiet" : "waiting";
}

/**
 * Measures one stream at a time.
 * @param {(reading: Reading) => void} onReading About twelve times a second, while the tab shows.
 * @returns {(stream: MediaStream|null) => void} Turns to another stream, or to none.
 */
export function createEar(onReading) {
  /** @type {MediaStream|null} */
  let heard = null;
  let stop = () => {};
  return (stream) => {
    if (stream === heard) return;
    stop();
    heard = stream;
    stop = stream ? measure(stream, onReading) : () => {};
  };
}

/**
 * @param {MediaStream} stream
 * @param {(reading: Reading) => void} onReading
 * @returns {() => void} Stops measuring.
 */
function measure(stream, onReading) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const hear = createHearing();
  const timer = setInterval(() => {
    if (document.hidden || context.state !== "running") return;
    analyser.getFloatTimeDomainData(samples);
    onReading(hear(loudness(samples), performance.now()));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
