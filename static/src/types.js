/**
 * The shapes that travel between modules: what the server says about a contact, what the SDK needs
 * to join its meeting, and what a page is given to start with. Types only; nothing runs here.
 *
 * @typedef {"loading"|"closed"|"unavailable"|"ready"|"details"|"device_check"|"requesting"
 *   |"joining"|"queued"|"connected"|"reconnecting"|"ended"|"failed"} CallState
 *
 * @typedef {"customer_left"|"agent_ended"|"abandoned"|"no_agent"|"duplicate"|"removed"|"capacity"
 *   |"connection_lost"|"service_error"|"expired"|"unknown"} EndReason
 *
 * @typedef {object} Snapshot What the portal says about one contact; whole each time.
 * @property {string} id
 * @property {string} reference Human reference, e.g. "K7QX-2M4P".
 * @property {"requested"|"initiated"|"queued"|"connected"|"ended"|"failed"} state
 * @property {EndReason|null} end_reason
 * @property {{position: number|null, estimated_wait_s: number|null}|null} [queue]
 * @property {boolean} [on_hold]
 * @property {{display_name: string}|null} [agent]
 * @property {string|null} [connected_at] RFC 3339.
 * @property {string|null} [ended_at] RFC 3339.
 *
 * @typedef {{contact: Snapshot, version: number}} VersionedSnapshot
 *
 * @typedef {object} Connection The reply of Connect that lets one attendee into the meeting.
 * @property {Record<string, unknown>} Meeting
 * @property {{AttendeeId: string, JoinToken: string}} Attendee
 *
 * @typedef {object} CallDetails What the customer tells about the call.
 * @property {string} name
 * @property {string} description
 *
 * @typedef {object} FieldProblem
 * @property {string} pointer JSON pointer of the field, e.g. "/name".
 * @property {string} code
 * @property {string} detail
 *
 * @typedef {object} PageData What the server embeds in the call page.
 * @property {{slug: string, name: string, company: string, name_required: boolean, video: boolean,
 *   open: boolean}} entry_point
 * @property {Record<"contacts"|"contact"|"end"|"connection"|"socket"|"page"|"help"|"home"|"call",
 *   string>} urls Paths; ":id" and ":reference" stand for the contact's.
 * @property {(Snapshot & {version: number})|null} contact
 * @property {Connection|null} connection
 * @property {Record<string, string>} messages
 * @property {{name: number, description: number}} limits Longest texts, in characters.
 */
export {};
