/**
 * Tries, before a call, what can be tried of the network and of the browser without one: whether the portal answers and how fast,
 * whether its sockets open, how fast something comes down, and whether two ends of WebRTC in this page find each other. The way
 * to the meeting's own media needs the call's credentials: it is not tried, and the report says so.
 *
 * @typedef {object} Findings A figure is null when the test did not succeed.
 * @property {number|null} roundTripMs To the portal, the median.
 * @property {number|null} spreadMs Between the quickest and the slowest answer.
 * @property {number|null} socketMs Until a socket brought its first frame.
 * @property {number|null} downKbps At least.
 * @property {number|null} loopbackMs Until two ends in this page were connected.
 * @property {string[]} candidates Kinds of addresses the browser would offer.
 * @property {string[]} codecs That it can send, such as "video/VP8".
 * @property {string|null} network What the browser takes its network for, such as "4g".
 */

const ANSWERS = 5;
const ANSWER_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 5_000;
const LOOPBACK_TIMEOUT_MS = 5_000;
/** Of a slow network it is known by then how slow it is. */
const DOWNLOAD_MS = 4_000;
/** What comes at once says nothing of how fast more would come. */
const DOWNLOAD_WARM_BYTES = 16_384;

/**
 * @param {{answer: string, socket: string, download: string}} addresses
 * @param {(done: keyof Findings) => void} [progress]
 * @returns {Promise<Findings>} Never rejects.
 */
export async function testNetwork(addresses, progress = () => undefined) {
  /** @type {Findings} */
  const found = {
    roundTripMs: null, spreadMs: null, socketMs: null, downKbps: null, loopbackMs: null,
    candidates: [], codecs: codecsOf(globalThis.RTCRtpSender), network: networkName(),
  };
  /** @param {keyof Findings} name @param {Promise<Partial<Findings>>} test */
  const note = async (name, test) => {
    Object.assign(found, await test.catch(() => ({})));
    progress(name);
  };
  // Times first: what fills the line would lengthen them.
  await note("roundTripMs", timeAnswers(addresses.answer));
  await Promise.all([
    note("socketMs", timeSocket(addresses.socket)),
    note("loopbackMs", timeLoopback()),
  ]);
  await note("downKbps", measureDownload(addresses.download));
  return found;
}

/** @param {number[]} times @returns {number} */
export const medianOf = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** @param {string} address */
async function timeAnswers(address) {
  const times = [];
  for (let number = 0; number <= ANSWERS; number += 1) {
    const startedMs = performance.now();
    const answer = await fetch(address, {
      cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    await answer.arrayBuffer();
    times.push(performance.now() - startedMs);
  }
  const warm = times.slice(1); // the first may have opened the connection
  return { roundTripMs: Math.round(medianOf(warm)), spreadMs: Math.round(Math.max(...warm) - Math.min(...warm)) };
}

/** @param {string} address @returns {Promise<Partial<Findings>>} */
async function timeSocket(address) {
  const startedMs = performance.now();
  const socket = new WebSocket(address);
  try {
    await within(SOCKET_TIMEOUT_MS, new Promise((resolve, reject) => {
      socket.addEventListener("message", resolve);
      socket.addEventListener("close", reject);
    }));
    return { socketMs: Math.round(performance.now() - startedMs) };
  } finally {
    socket.close();
  }
}

/** @param {string} address @returns {Promise<Partial<Findings>>} */
async function measureDownload(address) {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), DOWNLOAD_MS);
  /** @type {{atMs: number, bytes: number}[]} */
  const came = [];
  try {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit", signal: enough.signal });
    if (!answer.ok || !answer.body) return {};
    const reader = answer.body.getReader();
    came.push({ atMs: performance.now(), bytes: 0 });
    for (let bytes = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      came.push({ atMs: performance.now(), bytes });
    }
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return { downKbps: rateOf(came) };
}

/**
 * @param {{atMs: number, bytes: number}[]} came What had come by when, from the moment at which nothing had.
 * @returns {number|null} Kilobits a second, without the slow beginning where more came after it; null when nothing came.
 */
export function rateOf(came) {
  const last = came.at(-1);
  const warm = came.find(({ bytes }) => bytes >= DOWNLOAD_WARM_BYTES);
  const first = warm && last && warm.bytes < last.bytes ? warm : came[0];
  if (!first || !last || last.bytes === first.bytes) return null;
  return Math.round(((last.bytes - first.bytes) * 8) / Math.max(1, last.atMs - first.atMs));
}

/** @returns {Promise<Partial<Findings>>} */
async function timeLoopback() {
  const startedMs = performance.now();
  const near = new RTCPeerConnection();
  const far = new RTCPeerConnection();
  const kinds = /** @type {Set<string>} */ (new Set());
  try {
    near.onicecandidate = ({ candidate }) => {
      if (candidate?.type) kinds.add(candidate.type);
      void far.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    };
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    const channel = near.createDataChannel("check");
    const opened = new Promise((resolve) => channel.addEventListener("open", resolve));
    await near.setLocalDescription();
    await far.setRemoteDescription(/** @type {RTCSessionDescription} */ (near.localDescription));
    await far.setLocalDescription();
    await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
    await within(LOOPBACK_TIMEOUT_MS, opened);
    return { loopbackMs: Math.round(performance.now() - startedMs), candidates: [...kinds].sort() };
  } finally {
    near.close();
    far.close();
  }
}

/** @param {typeof RTCRtpSender|undefined} sender @returns {string[]} */
function codecsOf(sender) {
  const kinds = /** @type {const} */ (["audio", "video"]);
  const all = kinds.flatMap((kind) => sender?.getCapabilities?.(kind)?.codecs ?? []);
  return [...new Set(all.map(({ mimeType }) => mimeType))].filter((name) => !/\/(rtx|red|ulpfec|flexfec|CN|telephone)/i.test(name));
}

/** @returns {string|null} */
const networkName = () => /** @type {any} */ (navigator).connection?.effectiveType ?? null;

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>} Rejects when it takes longer.
 */
function within(ms, promise) {
  let timer = /** @type {ReturnType<typeof setTimeout>|undefined} */ (undefined);
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("too slow")), ms);
  });
  return /** @type {Promise<T>} */ (Promise.race([promise, late]).finally(() => clearTimeout(timer)));
}
