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
 * @property {() => void} dropped The SDK is reconnecting by itself.
 * @property {(statusName: string) => void} stopped
 * @property {(change: Change) => void} changed Somebody came, went, or switched something.
 * @property {(hasAgent: boolean) => void} rostered
 * @property {(network: "poor"|"good") => void} network
 * @property {() => void} soundBlocked The browser wants a tap before it plays sound.
 * @property {() => void} redraw
 */
import { createRoster } from "./roster.js";

/**
 * @param {object} options
 * @param {Devices} options.devices
 * @param {ReturnType<typeof import("./tiles.js").createTiles>} options.tiles
 * @param {HTMLAudioElement} options.audioElement
 * @param {() => Promise<typeof import("./meeting.js")>} options.loadMeeting
 * @param {LiveCallEvents} options.events
 */
export function createLiveCall({ devices, tiles, audioElement, loadMeeting, events }) {
  /** @type {Meeting|null} */
  let meeting = null;
  let roster = createRoster("");
  let muted = false;
  /** Aborted when the meeting that is being joined, or has been, is left or gives way to another. */
  let joining = new AbortController();
  /** Settled once the latest meeting has started, or has failed to. */
  let started = Promise.resolve();
  /** What the meeting was last given, to tell when the devices have moved on. */
  const given = {
    microphone: /** @type {MediaStream|null} */ (null),
    camera: /** @type {MediaStream|null} */ (null),
  };
  /** Changes of devices are handed over one after the other. */
  let handover = Promise.resolve();

  /** @param {Change|null} change */
  function report(change) {
    tiles.drawOthers(roster.others());
    events.rostered(roster.hasAgent());
    if (change) events.changed(change);
  }

  /**
   * What a meeting still has to say after it was left is no news.
   * @param {AbortSignal} left
   * @returns {import("./meeting.js").MeetingObserver}
   */
  function observer(left) {
    /** @type {import("./meeting.js").MeetingObserver} */
    const observing = {
      connecting: (reconnecting) => {
        if (reconnecting) events.dropped();
      },
      started: () => {
        audioElement.play().catch(() => events.soundBlocked());
        events.started();
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
      network: (network) => events.network(network),
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

  /** Gives the meeting whichever microphone and camera are open now. */
  async function handOver() {
    const { microphone, camera } = devices.view;
    if (!meeting) return;
    if (camera.stream !== given.camera) {
      given.camera = camera.stream;
      await meeting.setCamera(camera.stream);
    }
    if (microphone.stream !== given.microphone) {
      given.microphone = microphone.stream;
      await meeting.setMicrophone(microphone.stream);
      meeting.setMuted(muted);
    }
  }

  function applyMute() {
    for (const track of devices.view.microphone.stream?.getTracks() ?? []) track.enabled = !muted;
    meeting?.setMuted(muted);
  }

  return {
    /** @returns {boolean} Nothing this person says is heard. */
    get muted() {
      return muted || devices.view.microphone.stream === null;
    },

    /** @returns {boolean} */
    get cameraOn() {
      return devices.view.camera.stream !== null;
    },

    /** Draws one's own tile; to be called whenever the devices change. */
    devicesChanged() {
      tiles.drawSelf({ stream: devices.view.camera.stream, muted: this.muted });
      handover = handover.then(handOver, handOver);
      events.redraw();
    },

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
      meeting = createMeeting({ connection, observer: observer(signal) });
      roster = createRoster(meeting.selfId);
      given.microphone = devices.view.microphone.stream;
      given.camera = devices.view.camera.stream;
      const starting = meeting.start({ ...given, muted, audioElement, signal });
      started = starting.catch(() => undefined);
      await starting.catch((error) => {
        if (!signal.aborted) throw error;
      });
    },

    /** @returns {Promise<boolean>} Whether the microphone is now off. */
    async toggleMute() {
      if (devices.view.microphone.stream === null) {
        muted = false;
        await devices.choose("microphone");
      } else {
        muted = !muted;
      }
      applyMute();
      this.devicesChanged();
      return this.muted;
    },

    /** @returns {Promise<boolean>} Whether the camera is now on. */
    async toggleCamera() {
      if (devices.view.camera.stream) devices.close("camera");
      else await devices.choose("camera");
      return devices.view.camera.stream !== null;
    },

    /** @param {string} deviceId */
    async chooseSpeaker(deviceId) {
      await meeting?.setSpeaker(deviceId);
    },

    /** Plays the meeting's sound after the tap a browser asked for. */
    async hear() {
      await audioElement.play();
    },

    /**
     * Leaves for good: devices first, so that the camera's light is off at once, then the goodbye.
     */
    async leave() {
      const left = meeting;
      joining.abort();
      meeting = null;
      muted = false;
      devices.release();
      tiles.clear();
      given.microphone = given.camera = null;
      if (!left) return;
      await started;
      await left.leave();
    },
  };
}

/** @typedef {ReturnType<typeof createLiveCall>} LiveCall */
