/**
 * The shapes that travel between modules: what the server says about a contact, what the SDK needs
 * to join its meeting, and what a page is given to start with. Types only; nothing runs here.
 *
 * @typedef {"loading"|"closed"|"unavailable"|"ready"|"details"|"device_check"|"requesting"
 *   |"joining"|"queued"|"guest_waiting"|"connected"|"reconnecting"|"ended"|"failed"} CallState
 *
 * @typedef {"customer_left"|"agent_ended"|"abandoned"|"no_agent"|"duplicate"|"removed"|"capacity"
 *   |"connection_lost"|"service_error"|"expired"|"unknown"|"invitation_gone"} EndReason
 *   "invitation_gone": said by the page alone
 *
 * @typedef {object} Snapshot What the portal says about one contact; whole each time.
 * @property {string} id
 * @property {string} reference Human reference, e.g. "K7QX-2M4P".
 * @property {"requested"|"initiated"|"queued"|"connected"|"ended"|"failed"} state
 * @property {EndReason|null} end_reason
 * @property {{position: number|null, estimated_wait_s: number|null}|null} [queue]
 * @property {boolean} [on_hold]
 * @property {{display_name: string}|null} [agent]
 * @property {{id: string, role: "customer"|"agent"|"guest", display_name: string,
 *   left_at: string|null}[]} [participants] For a guest without themself.
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
 * @property {Record<string, string>} answers To the entry point's own questions, by their keys.
 * @property {number|null} consent Version of what they agreed to.
 *
 * @typedef {object} CustomField A question of the entry point's own.
 * @property {string} key
 * @property {string} label
 * @property {"text"|"multiline"|"choice"} kind
 * @property {boolean} [required]
 * @property {string[]} [choices]
 *
 * @typedef {object} Caller What the page around an embedded call says of the caller; nothing of it is signed.
 * @property {string} name
 * @property {Record<string, string>} attributes
 * @property {boolean} signs Whether a signed identity can be had.
 *
 * @typedef {object} FieldProblem
 * @property {string} pointer JSON pointer of the field, e.g. "/name".
 * @property {string} code
 * @property {string} detail
 *
 * @typedef {object} Guest What the guest's page knows of the invitation.
 * @property {string|null} token Of the link, while nobody has accepted it.
 * @property {boolean} gone The link no longer works.
 * @property {string} host Name of the customer who waits for them.
 *
 * @typedef {object} PageData What the server embeds in the call page.
 * @property {{slug: string, name: string, company: string, name_required: boolean, video: boolean,
 *   custom_fields: CustomField[], consent: {version: number, recording: boolean, text: string}|null,
 *   screen_share: boolean, reminds: boolean, off: string[], availability: import("./entry.js").Availability & {version: number}}} entry_point
 * @property {Record<"contacts"|"contact"|"end"|"connection"|"dtmf"|"survey"|"handover"|"take_over"|"quality"|"invitations"|"invitation"|"socket"|"availability"
 *   |"availability_socket"|"callbacks"|"reminders"|"sentences"|"alive"|"download"|"page"|"help"|"home"|"call",
 *   string>} urls Paths; ":id" and ":reference" stand for the contact's.
 * @property {boolean} embedded In another site's page, or in a tab opened from there: no cookies.
 * @property {(Snapshot & {version: number})|null} contact
 * @property {Connection|null} connection
 * @property {{token: string}|null} [handover] Of a call that this device may take over.
 * @property {Guest|null} guest Null on the customer's own page.
 * @property {import("./messages.js").Catalogue} messages
 * @property {{name: number, description: number, answer: number, start_s: number, kept_days: number}} limits Longest texts, in
 *   characters, the longest start of a call, in seconds, and how long after its end a customer's data is kept.
 */
export {};
