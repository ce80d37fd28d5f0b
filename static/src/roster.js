/**
 * Who is in the meeting and what can be said about their microphone and camera. Pure bookkeeping
 * over what the meeting reports; knows neither the SDK nor the page.
 *
 * @typedef {"self"|"agent"|"customer"} Role
 *
 * @typedef {object} Attendee
 * @property {string} id
 * @property {Role} role
 * @property {boolean|null} muted null until the meeting says.
 * @property {boolean} camera
 * @property {boolean} weak Their connection loses sound.
 *
 * @typedef {{type: "joined"|"left"|"camera_on"|"camera_off"|"muted"|"unmuted", attendee: Attendee}} Change
 */

/**
 * Amazon Connect marks its agents by the end of their external user id.
 * @param {string} externalUserId
 */
export const isAgent = (externalUserId) => externalUserId.endsWith("agent");

const CONTENT = "#content";

/**
 * The screen a person shares joins as an attendee of its own.
 * @param {string} attendeeId
 */
export const isContent = (attendeeId) => attendeeId.endsWith(CONTENT);

/** @param {string} attendeeId @returns {string} Of the screen that person shares. */
export const contentIdOf = (attendeeId) => attendeeId + CONTENT;

/** @param {string} selfId */
export function createRoster(selfId) {
  /** @type {Map<string, Attendee>} */
  const attendees = new Map();
  /** @type {Set<string>} Whose picture is there; it may come before the attendee it shows. */
  const cameras = new Set();

  /**
   * @param {string} id
   * @param {Partial<Attendee>} values
   * @returns {Attendee|null} The attendee as it is now, or null when it is unknown.
   */
  function update(id, values) {
    const known = attendees.get(id);
    if (!known) return null;
    const next = { ...known, ...values };
    attendees.set(id, next);
    return next;
  }

  return {
    /** @returns {Attendee[]} Everyone but oneself, in order of arrival. */
    others() {
      return [...attendees.values()].filter(({ role }) => role !== "self");
    },

    /** @returns {boolean} */
    hasAgent() {
      return this.others().some(({ role }) => role === "agent");
    },

    /**
     * @param {{attendeeId: string, externalUserId: string, present: boolean}} presence
     * @returns {Change|null}
     */
    presence({ attendeeId, externalUserId, present }) {
      if (isContent(attendeeId)) return null;
      const known = attendees.get(attendeeId);
      if (!present) {
        attendees.delete(attendeeId);
        return known && known.role !== "self" ? { type: "left", attendee: known } : null;
      }
      if (known) return null;
      const role = attendeeId === selfId ? "self" : isAgent(externalUserId) ? "agent" : "customer";
      /** @type {Attendee} */
      const attendee = { id: attendeeId, role, muted: null, camera: cameras.has(attendeeId), weak: false };
      attendees.set(attendeeId, attendee);
      return role === "self" ? null : { type: "joined", attendee };
    },

    /**
     * @param {string} attendeeId
     * @param {boolean} camera
     * @returns {Change|null}
     */
    camera(attendeeId, camera) {
      if (camera) cameras.add(attendeeId);
      else cameras.delete(attendeeId);
      if (attendees.get(attendeeId)?.camera === camera) return null;
      const attendee = update(attendeeId, { camera });
      return attendee && { type: camera ? "camera_on" : "camera_off", attendee };
    },

    /**
     * @param {string} attendeeId
     * @param {boolean} weak
     * @returns {boolean} Whether that is news.
     */
    signal(attendeeId, weak) {
      if (attendees.get(attendeeId)?.weak === weak) return false;
      return update(attendeeId, { weak }) !== null;
    },

    /**
     * @param {string} attendeeId
     * @param {boolean} muted
     * @returns {Change|null} Null too when this is the first the meeting says of it.
     */
    muted(attendeeId, muted) {
      const before = attendees.get(attendeeId)?.muted;
      if (before === muted) return null;
      const attendee = update(attendeeId, { muted });
      return attendee && before !== null ? { type: muted ? "muted" : "unmuted", attendee } : null;
    },
  };
}
