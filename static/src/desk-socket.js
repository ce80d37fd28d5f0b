/**
 * The desk's line to the embedded contact centre: whole views in, wishes out. It comes back by
 * itself, except when another window took the desk over.
 *
 * @typedef {import("./desk-state.js").DeskFrame} DeskFrame
 */
import { backoffMs } from "./status-socket.js";

/** The server's close code for a desk that was opened elsewhere: coming back would fight over it. */
const CLOSE_TAKEN_OVER = 4409;
/** A desk that is away for longer than five seconds has left: it tries again every two at the latest. */
const MAX_ATTEMPT = 1;

/**
 * @param {object} options
 * @param {string} options.url Absolute ws:// or wss:// address.
 * @param {(frame: DeskFrame) => void} options.onFrame
 * @param {(online: boolean) => void} options.onOnline
 */
export function openDesk({ url, onFrame, onOnline }) {
  let attempt = 0;
  /** @type {WebSocket} */
  let socket;

  function connect() {
    socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      attempt = 0;
      onOnline(true);
    });
    socket.addEventListener("message", ({ data }) => onFrame(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      onOnline(false);
      if (code === CLOSE_TAKEN_OVER) return;
      setTimeout(connect, backoffMs(attempt));
      attempt = Math.min(attempt + 1, MAX_ATTEMPT);
    });
  }

  connect();
  return {
    /** @param {{type: string} & Record<string, string>} wish Lost while offline. */
    send(wish) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wish));
    },
  };
}
