/**
 * What this browser can do in a call, asked once. What it cannot is not offered.
 *
 * @typedef {object} Abilities
 * @property {boolean} phone A telephone or tablet: cameras are flipped, screens are not shared.
 * @property {boolean} shareScreen
 * @property {boolean} fullScreen
 * @property {"document"|"element"|null} pictureInPicture A window of its own, or one picture.
 * @property {boolean} shareSheet The system's own way to pass a link on.
 */

const PHONE = /Android|iPhone|iPad|iPod|Mobile/;

/**
 * @param {Window & typeof globalThis} browser
 * @returns {Abilities}
 */
export function abilitiesOf(browser) {
  const { navigator, document } = browser;
  const phone = PHONE.test(navigator.userAgent) || browser.matchMedia("(pointer: coarse)").matches;
  const ownWindow = "documentPictureInPicture" in browser && browser.top === browser;
  return {
    phone,
    shareScreen: !phone && typeof navigator.mediaDevices?.getDisplayMedia === "function",
    fullScreen: document.fullscreenEnabled === true,
    pictureInPicture: ownWindow ? "document" : document.pictureInPictureEnabled ? "element" : null,
    shareSheet: typeof navigator.share === "function",
  };
}
