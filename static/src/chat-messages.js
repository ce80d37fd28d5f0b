/**
 * Text between the people of a call, as data messages of the meeting on a topic of this project's own. The
 * agent's desk offers it to whoever joins; without an offer no page shows it, since an agent who cannot
 * read it would not answer. Pure.
 *
 * @typedef {{type: "offer"}|{type: "text", text: string}} ChatMessage
 *
 * @typedef {object} ChatLine
 * @property {number} number Grows with each line.
 * @property {string} name Of who wrote it; "" for oneself.
 * @property {string} text
 *
 * @typedef {{lines: readonly ChatLine[], unread: number}} ChatLog
 */

export const CHAT_TOPIC = "VIDEO_CALL_CHAT";
/** Characters; with what is around them they stay below the 2 KiB of a data message. */
export const MAX_TEXT = 500;
/** Lines kept; the oldest go first. */
const MAX_LINES = 200;
/** For so long whoever joins later still gets what was written. */
export const LIFETIME_MS = 300_000;

export const OFFER = JSON.stringify({ type: "offer" });

/** Nothing of these can be seen; a line break can. */
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f]/g;

/**
 * @param {string} text As it was typed.
 * @returns {string} What of it is sent; "" for nothing.
 */
export const sendable = (text) => text.replace(INVISIBLE, " ").trim().slice(0, MAX_TEXT);

/** @param {string} text @returns {string} The data message that carries it. */
export const textMessage = (text) => JSON.stringify({ type: "text", text });

/**
 * @param {string} data Of a message of the topic.
 * @returns {ChatMessage|null} null for what is none of ours.
 */
export function chatMessageOf(data) {
  try {
    const message = JSON.parse(data);
    if (message?.type === "offer") return { type: "offer" };
    const text = message?.type === "text" && typeof message.text === "string" ? sendable(message.text) : "";
    return text ? { type: "text", text } : null;
  } catch {
    return null;
  }
}

/** @returns {ChatLog} */
export const emptyLog = () => ({ lines: [], unread: 0 });

/**
 * @param {ChatLog} log
 * @param {{name: string, text: string}} line
 * @param {{read: boolean}} how Whether it is seen at once.
 * @returns {ChatLog}
 */
export function withLine({ lines, unread }, line, { read }) {
  const number = (lines.at(-1)?.number ?? 0) + 1;
  const kept = [...lines, { ...line, number }].slice(-MAX_LINES);
  return { lines: kept, unread: read ? 0 : Math.min(unread + 1, kept.length) };
}

/** @param {ChatLog} log @returns {ChatLog} */
export const allRead = (log) => (log.unread === 0 ? log : { ...log, unread: 0 });
