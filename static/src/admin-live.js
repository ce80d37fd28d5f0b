/**
 * Keeps the admin's pages as the calls are: patches the cells of rows where they stand, tells of new calls without moving
 * anything, and reads those parts of a page again that are more than cells. Without it, pages are as of when they were loaded.
 *
 * @typedef {import("./staff-socket.js").StaffCall} StaffCall
 * @typedef {import("./staff-socket.js").StaffSocketState} StaffSocketState
 */

import { clockText } from "./durations.js";
import { followStaff } from "./staff-socket.js";
import { socketAddress } from "./status-socket.js";

const NOTHING = "–";
const READ_AGAIN_MS = 2_000;
/** Some figures change with time alone. */
const READ_ANYWAY_MS = 30_000;

/**
 * @param {HTMLElement} bar The element with `data-live`, which says what the page shows.
 */
export function keepLive(bar) {
  const words = JSON.parse(document.getElementById("live-words")?.textContent ?? "{}");
  const pill = /** @type {HTMLButtonElement} */ (bar.querySelector(".live-pill"));
  const news = /** @type {HTMLAnchorElement} */ (bar.querySelector(".live-new"));
  const parts = document.querySelectorAll("[data-live-part]").length > 0;
  /** @type {Set<string>} */
  const fresh = new Set();
  let skewMs = 0;
  let readAt = Date.now();
  let stale = false;
  /** @type {StaffSocketState} */
  let state = "reconnecting";

  const following = followStaff({
    url: socketAddress(bar.dataset.live ?? ""),
    since: bar.dataset.since ?? new Date().toISOString(),
    onState: show,
    onCalls: (calls, at) => {
      skewMs = Date.parse(at) - Date.now();
      for (const call of calls) take(call);
    },
  });
  pill.addEventListener("click", () => {
    if (state === "ended") location.reload();
    else if (state === "paused") following.resume();
    else following.pause();
  });
  bar.hidden = false;
  setInterval(tick, 1000);

  /** @param {StaffSocketState} now */
  function show(now) {
    state = now;
    pill.dataset.state = now;
    pill.textContent = words.states[now];
    pill.title = words.hints[now];
  }

  /** @param {StaffCall} call */
  function take(call) {
    const chip = chipOf(call.id);
    if (chip === null) {
      if (isNew(call)) fresh.add(call.id);
      news.hidden = fresh.size === 0;
      news.textContent = words.fresh.replace("%s", String(fresh.size));
      stale ||= bar.dataset.about === "everything";
    } else if (call.version > Number(chip.dataset.version)) {
      patch(chip, call);
      stale = true;
    }
  }

  /** @param {StaffCall} call */
  function isNew({ requested_at, entry_point }) {
    const { about, newest } = bar.dataset;
    if (!newest || (about && about !== entry_point)) return false;
    return Date.parse(requested_at) > Date.parse(newest);
  }

  /** @param {HTMLElement} chip @param {StaffCall} call */
  function patch(chip, call) {
    const held = call.on_hold && call.ended_at === null;
    chip.dataset.version = String(call.version);
    chip.className = `chip chip-${held ? "held" : call.state}`;
    chip.textContent = held ? words.held : words.contact_states[call.state];
    const row = chip.closest("tr, .contact-head") ?? chip;
    const waited = row.querySelector("[data-cell=waited]");
    const talked = row.querySelector("[data-cell=talked]");
    span(waited, call.queued_at ?? call.requested_at, call.connected_at ?? call.ended_at);
    span(talked, call.connected_at, call.ended_at);
    say(row.querySelector("[data-cell=agent]"), call.agents.filter(Boolean).join(", "));
    say(row.querySelector("[data-cell=ended_because]"), call.end_reason && words.end_reasons[call.end_reason]);
    for (const one of row.querySelectorAll("[data-while-active]")) {
      if (call.ended_at !== null && one instanceof HTMLElement) one.hidden = true;
    }
  }

  function tick() {
    if (state !== "live") return;
    for (const cell of document.querySelectorAll("[data-from]:not([data-until])")) write(cell);
    if (!parts || document.hidden) return;
    const since = Date.now() - readAt;
    if ((stale && since >= READ_AGAIN_MS) || since >= READ_ANYWAY_MS) void readAgain();
  }

  /** @param {Element|null} cell @param {string|null} from @param {string|null} until */
  function span(cell, from, until) {
    if (!(cell instanceof HTMLElement)) return;
    set(cell, "from", from);
    set(cell, "until", until);
    write(cell);
  }

  /** @param {Element} cell */
  function write(cell) {
    if (!(cell instanceof HTMLElement)) return;
    const { from, until } = cell.dataset;
    const end = until ? Date.parse(until) : Date.now() + skewMs;
    cell.textContent = from ? clockText(end - Date.parse(from)) : NOTHING;
  }

  /** Reads the page's parts again, unless somebody is just at them. */
  async function readAgain() {
    readAt = Date.now();
    stale = false;
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live-part]")) {
      const part = page.querySelector(`[data-live-part="${old.getAttribute("data-live-part")}"]`);
      if (part === null) continue;
      if (isInUse(old)) stale = true;
      else replace(old, part);
    }
  }
}

/** @param {string} id @returns {HTMLElement|null} */
function chipOf(id) {
  return document.querySelector(`[data-call="${CSS.escape(id)}"]`);
}

/** @param {HTMLElement} cell @param {string} name @param {string|null} value */
function set(cell, name, value) {
  if (value === null) delete cell.dataset[name];
  else cell.dataset[name] = value;
}

/** @param {Element|null} cell @param {string|null|undefined} text Nothing leaves the cell as it is. */
function say(cell, text) {
  if (cell && text && cell.textContent !== text) cell.textContent = text;
}

/** @param {Element} part */
function isInUse(part) {
  const selection = document.getSelection();
  const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return part.contains(document.activeElement) || Boolean(selects);
}

/** Puts the new part in place of the old, what was opened in it still open. @param {Element} old @param {Element} part */
function replace(old, part) {
  const open = new Set([...old.querySelectorAll("[data-key]:has(details[open])")].map(keyOf));
  for (const one of part.querySelectorAll("[data-key]")) {
    if (open.has(keyOf(one))) one.querySelector("details")?.setAttribute("open", "");
  }
  old.replaceWith(document.adoptNode(part));
}

/** @param {Element} one */
function keyOf(one) {
  return one.getAttribute("data-key");
}
