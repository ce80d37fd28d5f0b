/**
 * Asks the browser for microphone and camera, and for what the person has allowed. Knows nothing of
 * which device is wanted for what.
 *
 * @typedef {import("./device-failures.js").DeviceKind} DeviceKind
 * @typedef {import("./device-failures.js").Permission} Permission
 */

export const KINDS = /** @type {const} */ (["microphone", "camera"]);
const CONSTRAINT = /** @type {const} */ ({ microphone: "audio", camera: "video" });
const LISTED = /** @type {const} */ ({
  microphone: "audioinput",
  camera: "videoinput",
  speaker: "audiooutput",
});
/** A device nobody has to be asked for starts within this time, or does not start at all. */
const START_TIMEOUT_MS = 12_000;

/**
 * @param {MediaDevices|undefined} media
 * @param {Permissions|undefined} permissions
 */
export function createAsking(media, permissions) {
  /** @param {DeviceKind} kind @returns {Promise<Permission>} */
  async function permissionOf(kind) {
    try {
      const name = /** @type {PermissionName} */ (kind);
      return (await permissions?.query({ name }))?.state ?? "unknown";
    } catch {
      return "unknown"; // Some browsers reject the names they do not know.
    }
  }

  /** @param {readonly DeviceKind[]} kinds @returns {Promise<boolean>} No prompt would appear. */
  async function isGranted(kinds) {
    const states = await Promise.all(kinds.map(permissionOf));
    return states.every((state) => state === "granted");
  }

  return {
    permissionOf,
    isGranted,

    /**
     * @param {Partial<Record<DeviceKind, MediaTrackConstraints>>} constraints
     * @param {() => boolean} isWanted Asked when the answer comes: what nobody wants any more is
     *   turned off at once.
     * @returns {Promise<MediaStream>}
     */
    async ask(constraints, isWanted) {
      if (!media) throw new DOMException("No media devices on this page", "InsecureError");
      const kinds = KINDS.filter((kind) => constraints[kind]);
      const patience = createPatience(START_TIMEOUT_MS);
      const opening = media
        .getUserMedia(Object.fromEntries(kinds.map((kind) => [CONSTRAINT[kind], constraints[kind]])))
        .then((stream) => {
          if (isWanted() && !patience.lost) return stream;
          for (const track of stream.getTracks()) track.stop();
          throw new DOMException("Nobody wants the devices any more", "AbortError");
        });
      opening.then(patience.end, patience.end);
      // While the person reads the browser's question nothing is late.
      void isGranted(kinds).then((granted) => granted && patience.begin());
      return Promise.race([opening, patience.late]);
    },

    /** @param {DeviceKind|"speaker"} kind @returns {Promise<MediaDeviceInfo[]>} With labels, once permitted. */
    async list(kind) {
      const all = (await media?.enumerateDevices()) ?? [];
      return all.filter((device) => device.kind === LISTED[kind] && device.deviceId !== "");
    },

    /** @param {DeviceKind} kind @returns {Promise<boolean>} Whether there is any; without its id before it is permitted. */
    async isPresent(kind) {
      const all = (await media?.enumerateDevices()) ?? [];
      return all.some((device) => device.kind === LISTED[kind]);
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

/** @param {number} timeoutMs */
function createPatience(timeoutMs) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let over = false;
  let lost = false;
  /** @type {(error: Error) => void} */
  let giveUp = () => {};
  const late = /** @type {Promise<never>} */ (new Promise((_, reject) => (giveUp = reject)));
  late.catch(() => undefined);
  return {
    late,
    get lost() {
      return lost;
    },
    begin() {
      if (over) return;
      timer = setTimeout(() => {
        lost = true;
        giveUp(new DOMException("The device did not start in time", "TimeoutError"));
      }, timeoutMs);
    },
    end() {
      over = true;
      clearTimeout(timer);
    },
  };
}
