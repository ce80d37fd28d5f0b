/**
 * Remembers which devices this person chose, on this machine alone: the browser's own ids of them
 * and nothing else. Whoever does not want that turns it off, and what was kept is gone.
 *
 * @typedef {"microphone"|"camera"|"speaker"} DeviceKind
 * @typedef {ReturnType<typeof createDeviceMemory>} DeviceMemory
 */

const KEY = "call-devices";
const OFF = "off";

/** @param {() => Storage} storage Throws where the browser keeps nothing for this page. */
export function createDeviceMemory(storage) {
  /** @returns {Partial<Record<DeviceKind, string>>|typeof OFF} */
  function read() {
    try {
      const kept = JSON.parse(storage().getItem(KEY) ?? "{}");
      return kept === OFF || (typeof kept === "object" && kept !== null) ? kept : {};
    } catch {
      return {};
    }
  }

  /** @param {Partial<Record<DeviceKind, string>>|typeof OFF} kept */
  function write(kept) {
    try {
      storage().setItem(KEY, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing: the choice holds for this page.
    }
  }

  return {
    /** @returns {boolean} */
    get on() {
      return read() !== OFF;
    },

    /** @param {DeviceKind} kind @returns {string|undefined} Id of the device chosen last. */
    recall(kind) {
      const kept = read();
      const id = kept === OFF ? undefined : kept[kind];
      return typeof id === "string" && id !== "" ? id : undefined;
    },

    /** @param {DeviceKind} kind @param {string|undefined} deviceId undefined forgets it. */
    keep(kind, deviceId) {
      const kept = read();
      if (kept !== OFF) write({ ...kept, [kind]: deviceId });
    },

    /** @param {boolean} on Off forgets everything. */
    turn(on) {
      write(on ? {} : OFF);
    },
  };
}
