/**
 * Whether the meeting's connection is there, as this person experiences it: the SDK's own reconnecting,
 * silence it has not acted on yet, and a browser that says it is offline. Tells each change once.
 *
 * @typedef {import("./network-quality.js").Quality} Quality
 * @typedef {import("./network-quality.js").Reading} Reading
 */

/** A browser may be wrong about being offline: so many seconds of media prove it. */
const PROOF_S = 12;

/**
 * @param {object} options
 * @param {(silentMs: number) => void} options.onGone
 * @param {() => void} options.onBack
 */
export function createConnectionWatch({ onGone, onBack }) {
  let reconnecting = false;
  let offline = false;
  let gone = false;
  let provenS = 0;

  /** @param {boolean} isGone @param {number} silentMs */
  function tell(isGone, silentMs) {
    if (isGone === gone) return;
    gone = isGone;
    if (gone) onGone(silentMs);
    else onBack();
  }

  return {
    /** The SDK has joined, or has come back. */
    started() {
      reconnecting = offline = gone = false;
      provenS = 0;
      onBack();
    },

    /** The SDK has begun to reconnect. */
    reconnecting() {
      reconnecting = true;
      tell(true, 0);
    },

    /** The browser says that there is no network. */
    offline() {
      offline = true;
      provenS = 0;
      tell(true, 0);
    },

    /** The browser says that there is a network again. */
    online() {
      offline = false;
    },

    /** @param {Reading} reading @param {Quality} quality */
    read({ silentS }, { away }) {
      if (away) return tell(true, silentS * 1000);
      if (silentS > 0 || reconnecting) return undefined;
      provenS += 1;
      if (offline && provenS < PROOF_S) return undefined;
      offline = false;
      return tell(false, 0);
    },
  };
}
