/**
 * Hears whether somebody talks while they are muted. It listens to a copy of the microphone's track that
 * goes nowhere but here, and only while they are muted by choice.
 */
import { createEar } from "./level-meter.js";

const TALK_LEVEL = 0.35;
const TALK_MS = 1_500;
/** A pause between two measurements that is none of the person's. */
const GAP_MS = 400;

/**
 * Adds up what is loud; pauses between words take half of it back.
 * @returns {(level: number, nowMs: number) => boolean} Whether it has been talk by now.
 */
export function createTalkDetector() {
  let talkedMs = 0;
  let lastMs = 0;
  return (level, nowMs) => {
    const passed = nowMs - lastMs;
    lastMs = nowMs;
    if (passed > GAP_MS) return false;
    talkedMs = Math.max(0, talkedMs + (level >= TALK_LEVEL ? passed : -passed / 2));
    return talkedMs >= TALK_MS;
  };
}

/** @param {() => void} onTalk Told once each time the microphone is muted. */
export function createMutedTalk(onTalk) {
  /** @type {MediaStreamTrack|null} */
  let original = null;
  /** @type {MediaStreamTrack|null} */
  let copy = null;
  let told = false;
  let isTalk = createTalkDetector();
  const listen = createEar(({ level }) => {
    if (told || !isTalk(level, performance.now())) return;
    told = true;
    turnTo(null);
    onTalk();
  });

  /** @param {MediaStreamTrack|null} track */
  function turnTo(track) {
    copy?.stop();
    copy = track?.clone() ?? null;
    if (copy) copy.enabled = true;
    isTalk = createTalkDetector();
    listen(copy && new MediaStream([copy]));
  }

  return {
    /** @param {MediaStream|null} muted The microphone, while it is muted by choice. */
    follow(muted) {
      const track = muted?.getAudioTracks()[0] ?? null;
      if (track === original) return;
      original = track;
      told = false;
      turnTo(track);
    },
  };
}
