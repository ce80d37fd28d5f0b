/**
 * Owns the visitor's microphone and camera: asks for them, says by name why one is missing, swaps
 * and releases them. Tracks live here and nowhere else, so releasing them turns the camera's light
 * off. It knows neither the meeting nor the page.
 *
 * @typedef {import("./device-failures.js").DeviceFailure} DeviceFailure
 * @typedef {import("./device-failures.js").DeviceKind} DeviceKind
 * @typedef {import("./device-failures.js").Permission} Permission
 *
 * @typedef {object} Device
 * @property {MediaStream|null} stream One live track, or null.
 * @property {DeviceFailure|null} failure Why there is none, when it was asked for.
 *
 * @typedef {{microphone: Device, camera: Device}} DevicesView
 */
import { failureOf, isConstraintError } from "./device-failures.js";

/** Two cores would be busy with nothing but encoding more than this. */
const SMALL_PICTURE = { width: { ideal: 640 }, height: { ideal: 360 } };
/** Chime sends at most this much of a camera by default; more would only heat the device. */
const PICTURE = { width: { ideal: 960 }, height: { ideal: 540 } };
const FRAME_RATE = { ideal: 24, max: 30 };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const CONSTRAINT = /** @type {const} */ ({ microphone: "audio", camera: "video" });
const KINDS = /** @type {const} */ (["microphone", "camera"]);

/**
 * @param {object} options
 * @param {MediaDevices|undefined} options.media `navigator.mediaDevices`; absent on insecure pages.
 * @param {Permissions|undefined} options.permissions
 * @param {boolean} options.framed
 * @param {() => void} options.onChange Something about the devices changed.
 * @param {(kind: DeviceKind) => void} options.onLost One went away while it was in use.
 */
export function createDevices({ media, permissions, framed, onChange, onLost }) {
  /** @type {DevicesView} */
  const view = { microphone: idle(), camera: idle() };
  /** @type {Record<DeviceKind, string|undefined>} */
  const chosen = { microphone: undefined, camera: undefined };

  /** Grows with each release: what was asked for before it arrives too late. */
  let generation = 0;

  media?.addEventListener?.("devicechange", onChange);

  /** @param {DeviceKind} kind @returns {MediaTrackConstraints} */
  function constraintsOf(kind) {
    const picture = navigator.hardwareConcurrency <= 2 ? SMALL_PICTURE : PICTURE;
    const camera = { ...picture, frameRate: FRAME_RATE, facingMode: "user" };
    const base = kind === "camera" ? camera : SOUND;
    const id = chosen[kind];
    return id ? { ...base, facingMode: undefined, deviceId: { exact: id } } : base;
  }

  /** @param {DeviceKind} kind @returns {Promise<Permission>} */
  async function permissionOf(kind) {
    try {
      const name = /** @type {PermissionName} */ (kind);
      return (await permissions?.query({ name }))?.state ?? "unknown";
    } catch {
      return "unknown"; // Firefox rejects the names it does not know.
    }
  }

  /**
   * Asks the browser, and turns off at once what it gives after the devices were released.
   * @param {DeviceKind[]} kinds
   * @returns {Promise<MediaStream>}
   */
  async function ask(kinds) {
    if (!media) throw new DOMException("No media devices on this page", "InsecureError");
    const asked = generation;
    const stream = await media.getUserMedia(
      Object.fromEntries(kinds.map((kind) => [CONSTRAINT[kind], constraintsOf(kind)])),
    );
    if (asked === generation) return stream;
    for (const track of stream.getTracks()) track.stop();
    throw new DOMException("Nobody wants the devices any more", "AbortError");
  }

  /** @param {DeviceKind} kind @param {MediaStream} stream */
  function keep(kind, stream) {
    stop(kind);
    const tracks = kind === "camera" ? stream.getVideoTracks() : stream.getAudioTracks();
    for (const track of tracks) track.addEventListener("ended", () => lost(kind, track));
    view[kind] = { stream: new MediaStream(tracks), failure: null };
  }

  /**
   * The system or the person took the device away while it was in use: go on with another one.
   * @param {DeviceKind} kind
   * @param {MediaStreamTrack} track
   */
  async function lost(kind, track) {
    if (!view[kind].stream?.getTracks().includes(track)) return;
    const asked = generation;
    chosen[kind] = undefined;
    await openOne(kind);
    if (asked !== generation) return;
    onChange();
    onLost(kind);
  }

  /** @param {DeviceKind} kind @param {unknown} error */
  async function refuse(kind, error) {
    stop(kind);
    const asked = generation;
    const permission = await permissionOf(kind);
    if (asked !== generation) return;
    const failure = media ? failureOf(kind, error, { permission, framed }) : "entry.insecure";
    view[kind] = { stream: null, failure };
  }

  /**
   * Asks for one device; a chosen one that is gone gives way to the default.
   * @param {DeviceKind} kind
   */
  async function openOne(kind) {
    const asked = generation;
    try {
      keep(kind, await ask([kind]));
    } catch (error) {
      if (asked !== generation) return;
      if (isConstraintError(error) && chosen[kind]) {
        chosen[kind] = undefined;
        await openOne(kind);
      } else {
        await refuse(kind, error);
      }
    }
  }

  /** @param {DeviceKind} kind */
  function stop(kind) {
    for (const track of view[kind].stream?.getTracks() ?? []) track.stop();
    view[kind] = idle();
  }

  return {
    /** @returns {Readonly<DevicesView>} */
    get view() {
      return view;
    },

    /** @param {{camera: boolean}} wanted @returns {Promise<boolean>} No prompt would appear. */
    async isGranted({ camera }) {
      const needed = camera ? KINDS : [KINDS[0]];
      const states = await Promise.all(needed.map(permissionOf));
      return states.every((state) => state === "granted");
    },

    /**
     * Opens the microphone and, if wanted, the camera. A joint failure says nothing about which of
     * the two is missing, so each is then asked for alone.
     * @param {{camera: boolean}} wanted
     * @returns {Promise<Readonly<DevicesView>>} Never rejects: failures are in the view.
     */
    async open({ camera }) {
      const asked = generation;
      if (camera) {
        try {
          const stream = await ask([...KINDS]);
          for (const kind of KINDS) keep(kind, stream);
        } catch {
          for (const kind of KINDS) if (asked === generation) await openOne(kind);
        }
      } else {
        await openOne("microphone");
      }
      onChange();
      return view;
    },

    /**
     * @param {DeviceKind} kind
     * @param {string} [deviceId]
     * @returns {Promise<MediaStream|null>}
     */
    async choose(kind, deviceId) {
      chosen[kind] = deviceId ?? chosen[kind];
      await openOne(kind);
      onChange();
      return view[kind].stream;
    },

    /** @param {DeviceKind} kind Stops it on purpose: no failure, no light. */
    close(kind) {
      stop(kind);
      onChange();
    },

    /**
     * Stops every track, also those still to come; synchronous, so the light is off before
     * anything else is drawn.
     */
    release() {
      generation += 1;
      for (const kind of KINDS) stop(kind);
      onChange();
    },

    /** @param {DeviceKind|"speaker"} kind @returns {Promise<MediaDeviceInfo[]>} With labels, once permitted. */
    async list(kind) {
      const wanted = { microphone: "audioinput", camera: "videoinput", speaker: "audiooutput" }[kind];
      const all = (await media?.enumerateDevices()) ?? [];
      return all.filter((device) => device.kind === wanted && device.deviceId !== "");
    },

    /** @param {DeviceKind} kind @returns {string} Id of the device in use, or "". */
    inUse(kind) {
      return view[kind].stream?.getTracks()[0]?.getSettings().deviceId ?? "";
    },

    /**
     * Calls back when the person changes a permission in the browser's own settings.
     * @param {() => void} callback
     */
    async onPermissionChange(callback) {
      for (const kind of KINDS) {
        try {
          const status = await permissions?.query({ name: /** @type {PermissionName} */ (kind) });
          status?.addEventListener("change", callback);
        } catch {
          // Without the Permissions API there is still the "try again" button.
        }
      }
    },
  };
}

/** @typedef {ReturnType<typeof createDevices>} Devices */

/** @returns {Device} */
const idle = () => ({ stream: null, failure: null });
