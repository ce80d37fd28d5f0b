/**
 * Where the page finds itself: what of it keeps a call from ever working here. Asked once, of the
 * browser; it knows nothing of calls.
 *
 * @typedef {import("./entry.js").Obstacle} Obstacle
 */

/** Apps that show pages in a window of their own, mostly without microphone. */
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|TikTok|musical_ly|BytedanceWebview|LinkedInApp|Pinterest|; wv\)/;

/**
 * @param {Window & typeof globalThis} browser
 * @returns {Obstacle|null}
 */
export function obstacleOf(browser) {
  const { navigator, isSecureContext, top } = browser;
  if (!isSecureContext && !navigator.mediaDevices) return "entry.insecure";
  const media = typeof navigator.mediaDevices?.getUserMedia === "function";
  if (!media && IN_APP.test(navigator.userAgent)) return "entry.inapp";
  if (!media || typeof browser.RTCPeerConnection !== "function") return "entry.unsupported";
  return top !== browser && isBlockedByFrame(browser.document) ? "embed.blocked" : null;
}

/**
 * @param {Document & {featurePolicy?: {allowsFeature: (name: string) => boolean}}} document
 * @returns {boolean} The page around lets this one use no microphone.
 */
const isBlockedByFrame = (document) => document.featurePolicy?.allowsFeature("microphone") === false;
