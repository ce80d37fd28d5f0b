/**
 * What the customer calls with, in a few words for the agent: "Chrome 140 on Windows, camera, microphone".
 * Pure, and no more than an agent can use; what the browser says of itself is signed by nobody.
 */

/** @type {[RegExp, string][]} The first that fits: most browsers claim to be others as well. */
const BROWSERS = [
  [/EdgA?\/(\d+)/, "Edge"],
  [/SamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/(?:HeadlessChrome|Chrome|CriOS|Chromium)\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
];

/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone|iPad|iPod/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/**
 * @param {string} userAgent
 * @param {{camera: boolean, microphone: boolean}} found Devices that are open.
 * @returns {string}
 */
export function deviceSummaryOf(userAgent, { camera, microphone }) {
  const [browser = ""] = BROWSERS.flatMap(([pattern, name]) => {
    const match = pattern.exec(userAgent);
    return match ? [`${name} ${match[1]}`] : [];
  });
  const [, system = ""] = SYSTEMS.find(([pattern]) => pattern.test(userAgent)) ?? [];
  const place = [browser, system].filter(Boolean).join(" on ");
  const devices = [camera ? "camera" : "no camera", microphone ? "microphone" : "no microphone"];
  return [place, ...devices].filter(Boolean).join(", ");
}
