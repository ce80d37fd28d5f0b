/**
 * Owns the visitor's microphone and camera: asks for them, says by name why one is missing, swaps
 * and releases them. Tracks live here and nowhere else, so releasing them turns the camera's light
 * off. It knows neither the meeting nor the page.
 *
 * @typedef {import("./device-failures.js").DeviceFailure} DeviceFailure
 * @typedef {import("./device-failures.js").DeviceKind} DeviceKind
 * @typedef {import("./device-memory.js").DeviceMemory} DeviceMemory
 *
 * @typedef {object} Device
 * @property {MediaStream|null} stream One live track, or null.
 * @property {DeviceFailure|null} failure Why there is none, when it was asked for.
 * @property {boolean} replaced The one that was chosen earlier is gone; this is another.
 *
 * @typedef {{microphone: Device, camera: Device}} DevicesView
 */
import { KINDS, createAsking } from "./device-asking.js";
import { constraintsOf } from "./device-constraints.js";
import { failureOf, isConstraintError, isDismissal, isOutOfSightError } from "./device-failures.js";

/** What plugging something in can cure. */
const CURABLE = new Set(["dev.nomic", "dev.nocam", "dev.abort"]);

/**
 * @param {object} options
 * @param {MediaDevices|undefined} options.media `navigator.mediaDevices`; absent on insecure pages.
 * @param {Permissions|undefined} options.permissions
 * @param {boolean} options.framed
 * @param {DeviceMemory} [options.memory] Of the devices chosen in earlier calls.
 * @param {() => Promise<void>} [options.inSight] Resolves once the page is in front.
 * @param {() => void} options.onChange Something about the devices changed.
 * @param {(kind: DeviceKind, lost: string, now: string) => void} options.onLost One went away while it
 *   was in use: its name, and that of the one used instead, or "".
 * @param {(interrupted: boolean) => void} [options.onInterrupted] The system has taken the microphone's
 *   sound away, or has given it back.
 */
export function createDevices({
  media, permissions, framed, memory, inSight, onChange, onLost, onInterrupted,
}) {
  const asking = createAsking(media, permissions);
  /** @type {DevicesView} */
  const view = { microphone: idle(), camera: idle() };
  /** @type {import("./device-constraints.js").DeviceWishes} */
  const wishes = {
    microphone: memory?.recall("microphone"),
    camera: memory?.recall("camera"),
    facing: "user",
    noiseSuppression: true,
    backgroundBlur: false,
  };
  let speaker = memory?.recall("speaker") ?? "";
  /** Kinds whose device is being replaced, since it was lost. @type {Set<DeviceKind>} */
  const losing = new Set();

  /** Grows with each release: what was asked for before it arrives too late. */
  let generation = 0;

  media?.addEventListener?.("devicechange", () => {
    onChange();
    void lookForUnplugged();
  });

  /** Not every browser ends the track of a device that was pulled out. */
  async function lookForUnplugged() {
    const present = new Set((await media?.enumerateDevices())?.map(({ deviceId }) => deviceId));
    for (const kind of KINDS) {
      const track = view[kind].stream?.getTracks()[0];
      const id = track?.getSettings().deviceId;
      if (track && id && present.size > 0 && !present.has(id)) await lost(kind, track);
    }
  }

  /** @param {readonly DeviceKind[]} kinds @returns {Promise<MediaStream>} */
  function ask(kinds) {
    const asked = generation;
    const { hardwareConcurrency: cores } = navigator;
    const constraints = Object.fromEntries(kinds.map((kind) => [kind, constraintsOf(kind, wishes, cores)]));
    return asking.ask(constraints, () => asked === generation);
  }

  /** @param {DeviceKind} kind @param {MediaStream} stream */
  function keep(kind, stream) {
    stop(kind);
    const tracks = kind === "camera" ? stream.getVideoTracks() : stream.getAudioTracks();
    for (const track of tracks) track.addEventListener("ended", () => lost(kind, track));
    if (kind === "microphone" && onInterrupted) {
      for (const track of tracks) {
        track.addEventListener("mute", () => track.readyState === "live" && onInterrupted(true));
        track.addEventListener("unmute", () => onInterrupted(false));
      }
    }
    view[kind] = { ...idle(), stream: new MediaStream(tracks) };
  }

  /**
   * The system or the person took the device away while it was in use: go on with another one.
   * @param {DeviceKind} kind
   * @param {MediaStreamTrack} track
   */
  async function lost(kind, track) {
    if (losing.has(kind) || !view[kind].stream?.getTracks().includes(track)) return;
    const asked = generation;
    losing.add(kind);
    wishes[kind] = undefined;
    await openOne(kind);
    losing.delete(kind);
    if (asked !== generation) return;
    onChange();
    onLost(kind, track.label, nameInUse(kind));
  }

  /** @param {DeviceKind} kind @param {unknown} error */
  async function refuse(kind, error) {
    stop(kind);
    const asked = generation;
    const permission = await asking.permissionOf(kind);
    if (asked !== generation) return;
    const failure = media ? failureOf(kind, error, { permission, framed }) : "entry.insecure";
    view[kind] = { ...idle(), failure };
  }

  /**
   * Asks for one device; a chosen one that is gone gives way to the default.
   * @param {DeviceKind} kind
   * @param {{again: boolean}} [options] again: the page was out of sight the first time.
   * @returns {Promise<void>}
   */
  async function openOne(kind, { again } = { again: false }) {
    const asked = generation;
    try {
      keep(kind, await ask([kind]));
    } catch (error) {
      if (asked !== generation) return;
      if (isConstraintError(error) && wishes[kind]) {
        wishes[kind] = undefined;
        await openOne(kind);
        view[kind].replaced = view[kind].stream !== null;
      } else if (isOutOfSightError(error) && inSight && !again) {
        await inSight();
        if (asked === generation) await openOne(kind, { again: true });
      } else {
        await refuse(kind, error);
      }
    }
  }

  /**
   * A joint failure says nothing about which of the two is missing, so each is asked for alone.
   * @param {unknown} error
   */
  async function openApart(error) {
    const asked = generation;
    for (const kind of KINDS) {
      const permission = await asking.permissionOf(kind);
      if (asked !== generation) return;
      await (isDismissal(error, permission) ? refuse(kind, error) : openOne(kind));
    }
  }

  /** @param {DeviceKind} kind */
  function stop(kind) {
    for (const track of view[kind].stream?.getTracks() ?? []) track.stop();
    view[kind] = idle();
  }

  /** @param {DeviceKind} kind @returns {string} What the system calls the device in use, or "". */
  const nameInUse = (kind) => view[kind].stream?.getTracks()[0]?.label ?? "";

  return {
    /** @returns {Readonly<DevicesView>} */
    get view() {
      return view;
    },

    list: asking.list,
    onPermissionChange: asking.onPermissionChange,

    /** @param {{camera: boolean}} wanted @returns {Promise<boolean>} No prompt would appear. */
    isGranted: ({ camera }) => asking.isGranted(camera ? KINDS : ["microphone"]),

    /**
     * Opens the microphone and, if wanted, the camera.
     * @param {{camera: boolean}} wanted
     * @returns {Promise<Readonly<DevicesView>>} Never rejects: failures are in the view.
     */
    async open({ camera }) {
      const asked = generation;
      if (camera) {
        try {
          const stream = await ask(KINDS);
          for (const kind of KINDS) keep(kind, stream);
        } catch (error) {
          if (asked === generation) await openApart(error);
        }
      } else {
        await openOne("microphone");
      }
      onChange();
      return view;
    },

    /**
     * Tries again what was missing, now that there is something to try.
     * @param {{camera: boolean}} wanted
     */
    async openMissing({ camera }) {
      const missing = KINDS.filter((kind) => CURABLE.has(view[kind].failure ?? ""));
      for (const kind of missing) {
        if (kind === "camera" && !camera) continue;
        if ((await asking.isPresent(kind)) && (await asking.permissionOf(kind)) !== "denied") await openOne(kind);
      }
      if (missing.length > 0) onChange();
    },

    /**
     * @param {DeviceKind} kind
     * @param {string} [deviceId]
     * @returns {Promise<MediaStream|null>}
     */
    async choose(kind, deviceId) {
      wishes[kind] = deviceId ?? wishes[kind];
      await openOne(kind);
      if (deviceId) memory?.keep(kind, wishes[kind]);
      onChange();
      return view[kind].stream;
    },

    /** @returns {Promise<boolean>} Whether it is another camera now. */
    async flipCamera() {
      const before = this.inUse("camera");
      const cameras = await asking.list("camera");
      wishes.facing = wishes.facing === "user" ? "environment" : "user";
      wishes.camera = undefined;
      // Most telephones let a camera go before they give another one.
      if (cameras.length > 1) stop("camera");
      await openOne("camera");
      if (cameras.length > 1 && this.inUse("camera") === before) {
        wishes.camera = cameras.find(({ deviceId }) => deviceId !== before)?.deviceId;
        await openOne("camera");
      }
      onChange();
      return this.inUse("camera") !== before;
    },

    /** @returns {Record<"backgroundBlur"|"noiseSuppression", boolean|null>} null: not on offer. */
    get effects() {
      const camera = view.camera.stream?.getTracks()[0];
      const supported = media?.getSupportedConstraints?.().noiseSuppression === true;
      return {
        backgroundBlur: camera && canBlur(camera) ? wishes.backgroundBlur : null,
        noiseSuppression: supported && view.microphone.stream ? wishes.noiseSuppression : null,
      };
    },

    /**
     * Changes what is asked of a device, also of the one that is open.
     * @param {DeviceKind} kind
     * @param {Partial<import("./device-constraints.js").DeviceWishes>} wanted
     */
    async wish(kind, wanted) {
      Object.assign(wishes, wanted);
      const track = view[kind].stream?.getTracks()[0];
      // What is done to sound is settled as the microphone opens.
      if (track && kind === "microphone") await openOne(kind);
      else await track?.applyConstraints(constraintsOf(kind, wishes, navigator.hardwareConcurrency));
      onChange();
    },

    /** @returns {boolean} The camera looks at the person, so they expect a mirror. */
    get mirrored() {
      const track = view.camera.stream?.getTracks()[0];
      return track?.getSettings().facingMode !== "environment";
    },

    /** @param {string} deviceId Where the others and the test sound are to be heard. */
    chooseSpeaker(deviceId) {
      speaker = deviceId;
      memory?.keep("speaker", deviceId || undefined);
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

    /** @param {DeviceKind|"speaker"} kind @returns {string} Id of the device in use, or "". */
    inUse(kind) {
      if (kind === "speaker") return speaker;
      return view[kind].stream?.getTracks()[0]?.getSettings().deviceId ?? "";
    },

    nameInUse,
  };
}

/** @typedef {ReturnType<typeof createDevices>} Devices */

/** @returns {Device} */
const idle = () => ({ stream: null, failure: null, replaced: false });

/**
 * @param {MediaStreamTrack} camera
 * @returns {boolean} The system can blur what is behind the person, and can leave it.
 */
function canBlur(camera) {
  const blur = /** @type {{backgroundBlur?: boolean[]}} */ (camera.getCapabilities?.() ?? {}).backgroundBlur;
  return blur?.includes(true) === true && blur.includes(false);
}
