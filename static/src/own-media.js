/**
 * What one person gives to the meeting: whichever microphone and camera are open, and silence while
 * they are muted or on hold. It hands changes over one after the other; it opens no device itself.
 *
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./meeting.js").Meeting} Meeting
 */

/** @param {Devices} devices */
export function createOwnMedia(devices) {
  /** @type {Meeting|null} */
  let meeting = null;
  let muted = false;
  let held = false;
  /** What the meeting was last given, to tell when the devices have moved on. */
  const given = {
    microphone: /** @type {MediaStream|null} */ (null),
    camera: /** @type {MediaStream|null} */ (null),
  };
  let handover = Promise.resolve();

  async function handOver() {
    const { microphone, camera } = devices.view;
    if (!meeting) return;
    if (camera.stream !== given.camera) {
      given.camera = camera.stream;
      await meeting.setCamera(camera.stream);
    }
    if (microphone.stream !== given.microphone) {
      given.microphone = microphone.stream;
      silence();
      await meeting.setMicrophone(microphone.stream);
      meeting.setMuted(muted || held);
    }
  }

  function silence() {
    const silent = muted || held;
    for (const track of devices.view.microphone.stream?.getTracks() ?? []) track.enabled = !silent;
    meeting?.setMuted(silent);
  }

  return {
    /** @returns {boolean} Nothing this person says is heard. */
    get muted() {
      return muted || devices.view.microphone.stream === null;
    },

    /** @returns {boolean} There is a microphone, and the person has turned it off. */
    get mutedByChoice() {
      return muted && !held && devices.view.microphone.stream !== null;
    },

    /**
     * From now on changes go to this meeting.
     * @param {Meeting} joined
     * @returns {{microphone: MediaStream|null, camera: MediaStream|null, muted: boolean}} To start it with.
     */
    giveTo(joined) {
      meeting = joined;
      given.microphone = devices.view.microphone.stream;
      given.camera = devices.view.camera.stream;
      return { ...given, muted: muted || held };
    },

    /** The devices have changed. */
    changed() {
      handover = handover.then(handOver, handOver);
    },

    /** Opens the microphone, or mutes and unmutes the one there is. */
    async toggleMute() {
      if (devices.view.microphone.stream === null) {
        muted = false;
        await devices.choose("microphone");
      } else {
        muted = !muted;
      }
      silence();
    },

    /**
     * On hold nothing of the microphone is sent; afterwards it is as the person had left it.
     * @param {boolean} isHeld
     */
    setHeld(isHeld) {
      if (held === isHeld) return;
      held = isHeld;
      silence();
    },

    /** The meeting was left: nothing of it is remembered. */
    forget() {
      meeting = null;
      muted = held = false;
      given.microphone = given.camera = null;
    },
  };
}
