/**
 * Follows what goes on for staff: a WebSocket that first tells of all calls under way and of those that ended since a
 * given time, then of each change. It owns reconnection and pausing; it knows nothing of pages.
 *
 * @typedef {object} StaffCall
 * @property {string} id
 * @property {number} version
 * @property {string} reference
 * @property {string} entry_point
 * @property {string} state
 * @property {string|null} end_reason
 * @property {boolean} on_hold
 * @property {string[]} agents
 * @property {string} requested_at
 * @property {string|null} queued_at
 * @property {string|null} connected_at
 * @property {string|null} ended_at
 *
 * @typedef {"live"|"paused"|"reconnecting"|"ended"} StaffSocketState
 */

import { retryAfterMs } from "./status-socket.js";

/** The server's close code for who may see nothing, or no longer. */
const CLOSE_UNKNOWN = 4404;
/** The server says something every 20 s. */
const SILENCE_MS = 45_000;
/** Told again, so that clocks and transactions of the server need not agree to the millisecond. */
const OVERLAP_MS = 5_000;

/**
 * @param {object} options
 * @param {string} options.url Absolute ws:// or wss:// address.
 * @param {string} options.since RFC 3339: when what the page shows was read.
 * @param {(calls: StaffCall[], at: string) => void} options.onCalls With the server's time.
 * @param {(state: StaffSocketState) => void} options.onState
 * @param {(url: string) => WebSocket} [options.open]
 * @returns {{pause: () => void, resume: () => void}}
 */
export function followStaff({ url, since, onCalls, onState, open = (address) => new WebSocket(address) }) {
  let known = Date.parse(since);
  let attempt = 0;
  /** @type {WebSocket|null} */
  let socket = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  function connect() {
    const address = new URL(url);
    address.searchParams.set("since", new Date(known - OVERLAP_MS).toISOString());
    const made = open(address.href);
    socket = made;
    made.addEventListener("message", ({ data }) => made === socket && received(JSON.parse(data)));
    made.addEventListener("close", ({ code }) => made === socket && lost(code));
    heard();
  }

  /** @param {any} frame */
  function received(frame) {
    heard();
    if (frame.type !== "staff.contacts") return;
    attempt = 0;
    known = Date.parse(frame.at);
    onState("live");
    onCalls(frame.contacts, frame.at);
  }

  function heard() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const dead = socket;
      lost(1006);
      dead?.close();
    }, SILENCE_MS);
  }

  /** @param {number} code */
  function lost(code) {
    stop();
    if (code === CLOSE_UNKNOWN) {
      onState("ended");
      return;
    }
    onState("reconnecting");
    timer = setTimeout(connect, retryAfterMs(code, attempt));
    attempt += 1;
  }

  function stop() {
    clearTimeout(timer);
    socket = null;
  }

  onState("reconnecting");
  connect();
  return {
    pause() {
      const open = socket;
      stop();
      open?.close();
      onState("paused");
    },
    resume() {
      onState("reconnecting");
      connect();
    },
  };
}
