/**
 * The page's own sounds, made from oscillators: a test tone for the speaker and the desk's ring.
 */

/**
 * @param {AudioContext} context
 * @param {number} hertz
 * @param {number} atS
 * @param {number} lengthS
 */
function note(context, hertz, atS, lengthS) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = hertz;
  // Ramps, since a tone that starts or stops at once clicks.
  gain.gain.setValueAtTime(0, atS);
  gain.gain.linearRampToValueAtTime(0.2, atS + 0.02);
  gain.gain.setValueAtTime(0.2, atS + lengthS - 0.05);
  gain.gain.linearRampToValueAtTime(0, atS + lengthS);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(atS);
  oscillator.stop(atS + lengthS);
}

/** Three rising notes. */
export function playTestSound() {
  const context = new AudioContext();
  [523.25, 659.25, 783.99].forEach((hertz, index) => {
    note(context, hertz, context.currentTime + 0.05 + index * 0.22, 0.2);
  });
  setTimeout(() => void context.close(), 1500);
}

/** @returns {() => void} Stops the ringing. */
export function ring() {
  const context = new AudioContext();
  const once = () => {
    note(context, 440, context.currentTime + 0.05, 0.4);
    note(context, 554.37, context.currentTime + 0.5, 0.4);
  };
  once();
  const timer = setInterval(once, 2500);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
