/**
 * The agent's desk as one value: what the server last said, and what this page knows by itself
 * about its socket and its media. The server decides; this module only names the state that
 * `data-desk-state` shows. Pure.
 *
 * @typedef {import("./types.js").Connection} Connection
 *
 * @typedef {object} DeskContact A call as an agent sees it.
 * @property {string} id
 * @property {string} name
 * @property {string} description
 * @property {Record<string, string>} attributes
 * @property {Record<string, {type: string, value: string}>} references
 * @property {string|null} queued_at RFC 3339.
 * @property {{customer: {video: boolean}, agent: {video: boolean}}} capabilities
 *
 * @typedef {"available"|"break"|"offline"|"ringing"|"busy"|"missed"|"wrap_up"} AgentStatus
 *
 * @typedef {object} DeskFrame What the server says, whole each time.
 * @property {{id: string, name: string, status: AgentStatus}} agent
 * @property {DeskContact[]} queue
 * @property {DeskContact|null} offer
 * @property {string|null} ring_ends_at RFC 3339.
 * @property {{contact: DeskContact, connection: Connection}|null} call
 * @property {boolean} taken_over
 *
 * @typedef {object} DeskModel
 * @property {DeskFrame|null} frame
 * @property {boolean} online The socket is open.
 * @property {"none"|"up"|"dropped"} media
 * @property {DeskContact|null} last The contact of the latest call, for the wrap-up.
 * @property {string|null} hungUp Id of the call this desk has left; its end may still be under way.
 *
 * @typedef {"signed_out"|"connecting_desk"|"taken_over"|"offline"|"available"|"break"|"ringing"
 *   |"connecting"|"connected"|"reconnecting"|"wrap_up"|"missed"} DeskState
 *
 * @typedef {(
 *   | {type: "frame", frame: DeskFrame} | {type: "socket", online: boolean}
 *   | {type: "media", media: DeskModel["media"]} | {type: "hung_up", contactId: string}
 * )} DeskEvent
 */

/** @returns {DeskModel} */
export const initialDesk = () => ({
  frame: null,
  online: false,
  media: "none",
  last: null,
  hungUp: null,
});

/**
 * @param {DeskModel} model
 * @param {DeskEvent} event
 * @returns {DeskModel}
 */
export function deskTransition(model, event) {
  switch (event.type) {
    case "frame": {
      const last = event.frame.call?.contact ?? model.last;
      return { ...model, frame: event.frame, last };
    }
    case "socket":
      return model.online === event.online ? model : { ...model, online: event.online };
    case "media":
      return model.media === event.media ? model : { ...model, media: event.media };
    case "hung_up":
      return { ...model, hungUp: event.contactId };
  }
}

/**
 * @param {DeskModel} model
 * @returns {DeskFrame["call"]} The call this desk should be in.
 */
export function callOf({ frame, hungUp }) {
  const call = frame?.call ?? null;
  return call && call.contact.id !== hungUp ? call : null;
}

/**
 * @param {DeskModel} model
 * @param {boolean} named Whether the agent has given a name.
 * @returns {DeskState}
 */
export function deskStateOf(model, named) {
  const { frame, media } = model;
  if (!named) return "signed_out";
  if (!frame) return "connecting_desk";
  if (frame.taken_over) return "taken_over";
  if (callOf(model)) {
    return media === "up" ? "connected" : media === "dropped" ? "reconnecting" : "connecting";
  }
  // A call that is being ended, or one whose media nobody has joined yet.
  if (frame.agent.status === "busy") return model.hungUp ? "wrap_up" : "connecting";
  return frame.agent.status;
}
