/**
 * The call's pictures in a small window that stays in sight: all of them in a window of the page's own
 * where the browser has such a thing, else the largest one in the browser's.
 *
 * @typedef {{requestWindow: (size: {width: number, height: number}) => Promise<Window>}} OwnWindows
 */
import { h } from "./dom.js";

const SIZE = { width: 400, height: 300 };
const LARGEST = 'video[data-tile="content"], video[data-tile="remote"]';

/**
 * @param {"document"|"element"} kind
 * @param {{stage: HTMLElement, away: string}} pictures away: what stands in their place meanwhile.
 * @param {() => void} onClosed
 * @returns {Promise<{close: () => void}>} Rejects when the browser refuses.
 */
export const openPictureWindow = (kind, { stage, away }, onClosed) =>
  kind === "document" ? openOwnWindow(stage, away, onClosed) : openElement(stage, onClosed);

/** @param {HTMLElement} stage @param {string} away @param {() => void} onClosed */
async function openOwnWindow(stage, away, onClosed) {
  const { documentPictureInPicture: windows } =
    /** @type {{documentPictureInPicture: OwnWindows}} */ (/** @type {unknown} */ (globalThis));
  const opened = await windows.requestWindow(SIZE);
  for (const sheet of document.querySelectorAll('link[rel="stylesheet"]')) {
    opened.document.head.append(sheet.cloneNode());
  }
  opened.document.documentElement.lang = document.documentElement.lang;
  opened.document.documentElement.dir = document.documentElement.dir;
  opened.document.title = document.title;
  const place = h("p", { class: "stage-away", "data-msg": "pip.away" }, away);
  const call = opened.document.createElement("div");
  call.className = "call call-window";
  call.dataset.layout = "stage";
  stage.replaceWith(place);
  call.append(stage);
  opened.document.body.append(call);
  playAll(stage);
  opened.addEventListener("pagehide", () => {
    place.replaceWith(stage);
    playAll(stage);
    onClosed();
  });
  return { close: () => opened.close() };
}

/** A video that moves to another document stands still. @param {HTMLElement} stage */
function playAll(stage) {
  for (const video of stage.querySelectorAll("video")) void video.play().catch(() => undefined);
}

/** @param {HTMLElement} stage @param {() => void} onClosed */
async function openElement(stage, onClosed) {
  const video = stage.querySelector(LARGEST);
  if (!(video instanceof HTMLVideoElement)) throw new Error("There is no picture to show");
  await video.requestPictureInPicture();
  video.addEventListener("leavepictureinpicture", onClosed, { once: true });
  return { close: () => void document.exitPictureInPicture().catch(() => undefined) };
}
