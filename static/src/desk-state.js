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
 * @property {{customer: Capabilities, agent: Capabilities}} capabilities
 *
 * @typedef {{video: boolean, screen_share: boolean}} Capabilities
 *
 * @typedef {object} DeskCall The call this desk is in.
 * @property {DeskContact} contact
 * @property {Connection} connection
 * @property {"agent"|"colleague"|"supervisor"} role Whose call it is: one's own, another agent's one
 *   was invited into, or one that is only listened to.
 * @property {boolean} on_hold
 * @property {boolean} screen_is_asked_for
 * @property {string} digits Keys the customer has pressed.
 * @property {string|null} connected_at RFC 3339. Until the agent is in the meeting, nothing can be done with the call.
 *
 * @typedef {"available"|"break"|"offline"|"ringing"|"busy"|"missed"|"wrap_up"} AgentStatus
 *
 * @typedef {{id: string, ended_at: string, description: string, outcome: string, note: string}} EarlierContact
 *
 * @typedef {object} DeskFrame What the server says, whole each time.
 * @property {{id: string, name: string, status: AgentStatus}} agent
 * @property {DeskContact[]} queue
 * @property {DeskContact|null} offer
 * @property {EarlierContact[]} earlier Of whoever calls, the latest first.
 * @property {string|null} ring_ends_at RFC 3339.
 * @property {DeskCall|null} call
 * @property {{contact: DeskContact, ends_at: string}|null} wrap_up
 * @property {{id: string, name: string, waiting: number}[]} queues Where the call can be sent.
 * @property {{id: string, name: string, status: AgentStatus}[]} colleagues
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
