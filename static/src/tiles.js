/**
 * Draws the pictures: one's own and one tile for each other person, with their name and the state
 * of their microphone and camera in words. It binds nothing by itself: the meeting does.
 *
 * @typedef {import("./roster.js").Attendee} Attendee
 * @typedef {import("./meeting.js").Tile} Tile
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import { h, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {object} options
 * @param {Element} options.stage
 * @param {Translate} options.t
 * @param {(attendee: Attendee) => string} options.nameOf
 */
export function createTiles({ stage, t, nameOf }) {
  const self = createTile("self");
  stage.append(self.figure);
  /** @type {Map<string, ReturnType<typeof createTile>>} By attendee id. */
  const others = new Map();
  /** @type {Map<number, string>} Attendee id by the meeting's tile id. */
  const pictures = new Map();

  /** @param {string} attendeeId @param {"remote"|"content"} kind */
  function tileOf(attendeeId, kind) {
    let tile = others.get(attendeeId);
    if (!tile) {
      tile = createTile(kind);
      if (kind === "content") setText(tile.name, t("tile.content"));
      others.set(attendeeId, tile);
      self.figure.before(tile.figure);
      count();
    }
    return tile;
  }

  function count() {
    setAttribute(stage, "data-others", others.size);
    const content = [...others.values()].some(({ kind }) => kind === "content");
    setAttribute(stage, "data-content", content);
  }

  return {
    /**
     * @param {object} own
     * @param {MediaStream|null} own.stream
     * @param {boolean} own.muted
     * @param {boolean} own.mirrored
     */
    drawSelf({ stream, muted, mirrored }) {
      if (self.video.srcObject !== stream) self.video.srcObject = stream;
      setAttribute(self.figure, "data-picture", stream !== null);
      setAttribute(self.figure, "data-mirrored", mirrored);
      setText(self.name, t("tile.self"));
      setText(self.state, muted ? t("tile.mic_off") : stream ? "" : t("tile.camera_off"));
      setAttribute(self.figure, "data-muted", muted);
    },

    /** @param {Attendee[]} attendees Everyone else, as the roster knows them. */
    drawOthers(attendees) {
      for (const attendee of attendees) {
        const { name, state, figure } = tileOf(attendee.id, "remote");
        setText(name, nameOf(attendee));
        const words = [
          attendee.muted && t("tile.mic_off"),
          !attendee.camera && t("tile.camera_off"),
          attendee.weak && t("tile.weak"),
        ];
        setText(state, words.filter(Boolean).join(" · "));
        setAttribute(figure, "data-muted", attendee.muted === true);
      }
      const present = new Set(attendees.map(({ id }) => id));
      for (const [id, { figure }] of others) {
        if (present.has(id) || [...pictures.values()].includes(id)) continue;
        figure.remove();
        others.delete(id);
      }
      count();
    },

    /**
     * Gives a picture its video element, unless it has it already.
     * @param {Tile} tile
     * @returns {HTMLVideoElement|null} To be bound by the meeting.
     */
    attach({ tileId, attendeeId, kind }) {
      if (kind === "self" || pictures.get(tileId) === attendeeId) return null;
      pictures.set(tileId, attendeeId);
      const tile = tileOf(attendeeId, kind);
      tile.figure.prepend(tile.video);
      setAttribute(tile.figure, "data-picture", true);
      return tile.video;
    },

    /** @param {number} tileId @returns {string|null} Whose picture went. */
    detach(tileId) {
      const attendeeId = pictures.get(tileId);
      if (attendeeId === undefined) return null;
      pictures.delete(tileId);
      const stillShown = [...pictures.values()].includes(attendeeId);
      const tile = others.get(attendeeId);
      if (!tile || stillShown) return null;
      tile.video.remove();
      setAttribute(tile.figure, "data-paused", false);
      setText(tile.paused, "");
      setAttribute(tile.figure, "data-picture", false);
      return attendeeId;
    },

    /**
     * The network cannot take this picture now: its place says so instead of standing still.
     * @param {number} tileId
     * @param {boolean} paused
     */
    setPaused(tileId, paused) {
      const tile = others.get(pictures.get(tileId) ?? "");
      if (!tile) return;
      setAttribute(tile.figure, "data-paused", paused);
      setText(tile.paused, paused ? t("tile.paused") : "");
    },

    clear() {
      for (const { figure } of others.values()) figure.remove();
      others.clear();
      pictures.clear();
      count();
    },
  };
}

/** @param {"self"|"remote"|"content"} kind */
function createTile(kind) {
  const video = h("video", { "data-tile": kind, autoplay: true, playsinline: true });
  video.muted = true; // Sound comes from the meeting's one audio element.
  const name = h("span", { class: "tile-name" });
  const state = h("span", { class: "tile-state" });
  const paused = h("p", { class: "tile-paused", "data-msg": "tile.paused" });
  const figure = h(
    "figure",
    { class: `tile tile-${kind}` },
    kind === "self" && video,
    h("div", { class: "tile-avatar" }, icon("person")),
    paused,
    h("figcaption", { class: "tile-caption" }, icon("mic-off"), name, state),
  );
  return { figure, video, name, state, paused, kind };
}
