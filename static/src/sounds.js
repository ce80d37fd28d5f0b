/**
 * The page's own sounds, made from oscillators: a test tone for the speaker,
 * the word that somebody answered, and the desk's ring.
 */

/**
 * @param {AudioContext} context
 * @param {number} hertz
 * @param {number} atS
 * @param {number} lengthS
 * @param {AudioNode} [into]
 */
function note(context, hertz, atS, lengthS, into = context.destination) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = hertz;
  // Ramps, since a tone that starts or stops at once clicks.
  gain.gain.setValueAtTime(0, atS);
  gain.gain.linearRampToValueAtTime(0.2, atS + 0.02);
  gain.gain.setValueAtTime(0.2, atS + lengthS - 0.05);
  gain.gain.linearRampToValueAtTime(0, atS + lengthS);
  oscillator.connect(gain).connect(into);
  oscillator.start(atS);
  oscillator.stop(atS + lengthS);
}

const TEST_SOUND_MS = 1_500;

/**
 * Three rising notes, played by an element as the call's own sound is, so that they come from the
 * same speaker.
 * @param {string} [speaker] Id of the device; the system's own when empty.
 */
export async function playTestSound(speaker = "") {
  const context = new AudioContext();
  const heard = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = heard.stream;
  element.dataset.part = "test-sound";
  document.body.append(element);
  setTimeout(() => {
    element.remove();
    void context.close();
  }, TEST_SOUND_MS);
  if (speaker && "setSinkId" in element) await element.setSinkId(speaker).catch(() => undefined);
  [523.25, 659.25, 783.99].forEach((hertz, index) => {
    note(context, hertz, context.currentTime + 0.05 + index * 0.22, 0.2, heard);
  });
  await element.play().catch(() => undefined);
}

/** Two short notes: somebody has answered. */
export function playAnswered() {
  const context = new AudioContext();
  note(context, 659.25, context.currentTime + 0.05, 0.25);
  note(context, 880, context.currentTime + 0.3, 0.4);
  setTimeout(() => void context.close(), TEST_SOUND_MS);
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
