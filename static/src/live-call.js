/**
 * One person's side of a running call: joins the meeting with the devices at hand, keeps the tiles
 * and the roster true to it, and mutes, switches and leaves. The customer's page and the agent's
 * desk both use it; what a call means to them they decide themselves, from the events below.
 *
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./meeting.js").Meeting} Meeting
 * @typedef {import("./roster.js").Change} Change
 *
 * @typedef {object} LiveCallEvents
 * @property {() => void} started
 * @property {(silentMs: number) => void} dropped Nothing has come for so long; it is being reconnected.
 * @property {(statusName: string) => void} stopped
 * @property {(change: Change) => void} changed Somebody came, went, or switched something.
 * @property {(hasAgent: boolean) => void} rostered
 * @property {(grade: import("./network-quality.js").Grade,
 *   cause: import("./network-quality.js").Cause|"") => void} network
 * @property {() => void} [strained] The SDK finds the network too weak for pictures.
 * @property {() => void} [viewOnly] The meeting takes no picture of this person.
 * @property {(failing: boolean) => void} [sendingSound] Whether nothing of one's sound goes out.
 * @property {(message: import("./meeting-news.js").DataMessage) => void} [message] Of one of `topics`.
 * @property {() => void} soundBlocked The browser wants a tap before it plays sound.
 * @property {() => void} redraw
 */
import { createConnectionWatch } from "./connection-watch.js";
import { causeOf, createNetworkQuality } from "./network-quality.js";
import { createOwnMedia } from "./own-media.js";
import { createRoster } from "./roster.js";

/**
 * @param {object} options
 * @param {Devices} options.devices
 * @param {ReturnType<typeof import("./tiles.js").createTiles>} options.tiles
 * @param {HTMLAudioElement} options.audioElement
 * @param {() => Promise<typeof import("./meeting.js")>} options.loadMeeting
 * @param {LiveCallEvents} options.events
 * @param {readonly string[]} [options.topics] Data messages to be told of.
 */
export function createLiveCall({ devices, tiles, audioElement, loadMeeting, events, topics = [] }) {
  /** @type {Meeting|null} */
  let meeting = null;
  let roster = createRoster("");
  let sharing = false;
  /** @type {ReturnType<typeof createConnectionWatch>|null} */
  let watch = null;
  const own = createOwnMedia(devices);
  /** Aborted when the meeting that is being joined, or has been, is left or gives way to another. */
  let joining = new AbortController();
  /** Settled once the latest meeting has started, or has failed to. */
  let started = Promise.resolve();
  /** @param {Change|null} change */
  function report(change) {
    tiles.drawOthers(roster.others());
    events.redraw();
    events.rostered(roster.hasAgent());
    if (change) events.changed(change);
  }

  /**
   * What a meeting still has to say after it was left is no news.
   * @param {AbortSignal} left
   * @returns {import("./meeting-news.js").MeetingObserver}
   */
  function observer(left) {
    const assess = createNetworkQuality();
    let grade = /** @type {import("./network-quality.js").Grade} */ ("good");
    watch = createConnectionWatch({ onGone: events.dropped, onBack: events.started });
    const watching = watch;
    /** @type {import("./meeting-news.js").MeetingObserver} */
    const observing = {
      connecting: (reconnecting) => {
        if (reconnecting) watching.reconnecting();
      },
      started: () => {
        audioElement.play().catch(() => events.soundBlocked());
        watching.started();
      },
      stopped: (statusName) => events.stopped(statusName),
      tileAdded: (tile) => {
        const element = tiles.attach(tile);
        if (!element) return;
        meeting?.bind(tile.tileId, element);
        report(roster.camera(tile.attendeeId, true));
      },
      tileRemoved: (tileId) => {
        const attendeeId = tiles.detach(tileId);
        if (attendeeId) report(roster.camera(attendeeId, false));
      },
      presence: (presence) => report(roster.presence(presence)),
      muted: (attendeeId, isMuted) => {
        const change = roster.muted(attendeeId, isMuted);
        if (change?.attendee.role === "self") return;
        report(change);
      },
      tilePaused: (tileId, paused) => tiles.setPaused(tileId, paused),
      read: (reading) => {
        const quality = assess(reading);
        watching.read(reading, quality);
        if (quality.grade === grade) return;
        grade = quality.grade;
        events.network(grade, causeOf(reading));
      },
      strained: () => events.strained?.(),
      viewOnly: () => events.viewOnly?.(),
      sendingSound: (failing) => events.sendingSound?.(failing),
      signal: (attendeeId, weak) => {
        if (roster.signal(attendeeId, weak)) report(null);
      },
      message: (message) => events.message?.(message),
      sharing: (isSharing) => {
        sharing = isSharing;
        events.redraw();
      },
    };
    return /** @type {typeof observing} */ (
      Object.fromEntries(
        Object.entries(observing).map(([name, heard]) => [
          name,
          (/** @type {unknown[]} */ ...news) => left.aborted || Reflect.apply(heard, observing, news),
        ]),
      )
    );
  }

  globalThis.addEventListener?.("offline", () => watch?.offline());
  globalThis.addEventListener?.("online", () => watch?.online());

  return {
    /** @returns {boolean} Nothing this person says is heard. */
    get muted() {
      return own.muted;
    },

    /** @returns {boolean} There is a microphone, and the person has turned it off. */
    get mutedByChoice() {
      return own.mutedByChoice;
    },

    /** @returns {boolean} */
    get cameraOn() {
      return devices.view.camera.stream !== null;
    },

    /** @returns {boolean} One's own screen is shown to the others. */
    get sharing() {
      return sharing;
    },

    /** Draws one's own tile; to be called whenever the devices change. */
    devicesChanged() {
      const { mirrored, view } = devices;
      tiles.drawSelf({ stream: view.camera.stream, muted: this.muted, mirrored });
      own.changed();
      events.redraw();
    },

    /** @returns {import("./roster.js").Attendee[]} Everybody else in the meeting. */
    others: () => roster.others(),

    /** Draws the others again, when what is known about them has changed. */
    redrawOthers() {
      tiles.drawOthers(roster.others());
    },

    /**
     * Joins, unless the call is left meanwhile: then nothing of the meeting remains.
     * @param {Connection} connection
     */
    async join(connection) {
      joining.abort();
      joining = new AbortController();
      const { signal } = joining;
      const { createMeeting } = await loadMeeting();
      if (signal.aborted) return;
      meeting = createMeeting({ connection, observer: observer(signal), topics });
      roster = createRoster(meeting.selfId);
      const speaker = devices.inUse("speaker");
      // One that is gone meanwhile gives way to the system's own.
      if (speaker) await meeting.setSpeaker(speaker).catch(() => undefined);
      const starting = meeting.start({ ...own.giveTo(meeting), audioElement, signal });
      started = starting.catch(() => undefined);
      await starting.catch((error) => {
        if (!signal.aborted) throw error;
      });
    },

    /** @returns {Promise<boolean>} Whether the microphone is now off. */
    async toggleMute() {
      await own.toggleMute();
      this.devicesChanged();
      return this.muted;
    },

    /** @returns {Promise<boolean>} Whether the camera is now on. */
    async toggleCamera() {
      if (devices.view.camera.stream) devices.close("camera");
      else await devices.choose("camera");
      return devices.view.camera.stream !== null;
    },

    /** Asks which screen to show; rejects when the person or the system refuses. */
    async share() {
      await meeting?.share();
    },

    /**
     * @param {string} topic
     * @param {string} text
     * @param {number} lifetimeMs For which those who join later still get it.
     */
    say(topic, text, lifetimeMs) {
      meeting?.say(topic, text, lifetimeMs);
    },

    stopSharing() {
      meeting?.stopSharing();
    },

    /** @param {boolean} held */
    setHeld(held) {
      own.setHeld(held);
    },

    /** @param {string} deviceId */
    async chooseSpeaker(deviceId) {
      devices.chooseSpeaker(deviceId);
      events.redraw();
      await meeting?.setSpeaker(deviceId);
    },

    /** Plays the meeting's sound after the tap a browser asked for. */
    async hear() {
      await audioElement.play();
    },

    /**
     * Leaves for good: devices first, so that the camera's light is off at once, then the goodbye.
     * @returns {Promise<string|null>} What the meeting stopped with, if there was one and it said so in time.
     */
    async leave() {
      const left = meeting;
      joining.abort();
      meeting = null;
      sharing = false;
      watch = null;
      own.forget();
      devices.release();
      tiles.clear();
      if (!left) return null;
      await started;
      return left.leave();
    },
  };
}

/** @typedef {ReturnType<typeof createLiveCall>} LiveCall */
