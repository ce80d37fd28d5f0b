/**
 * The microphone's meter: bars for the eye and words for everybody.
 *
 * @typedef {import("./level-meter.js").Hearing} Hearing
 * @typedef {import("./level-meter.js").Reading} Reading
 */
import { h, setAttribute, setText } from "./dom.js";

const STEPS = 12;

/** @type {Record<Hearing, string[]>} Message ids. */
const WORDS = {
  waiting: ["meter.waiting"],
  heard: ["meter.heard"],
  quiet: ["dev.quiet", "dev.quiet.body"],
  silent: ["meter.silent"],
};

/** @param {(id: string) => string} t */
export function createMeter(t) {
  const bars = Array.from({ length: STEPS }, () => h("span"));
  const words = h("p", { class: "meter-words" });
  const element = h(
    "div",
    { class: "meter" },
    h("div", { class: "meter-bars", "aria-hidden": "true" }, ...bars),
    words,
  );
  return {
    element,
    /** @param {Reading} reading */
    draw({ level, hearing }) {
      const lit = Math.round(level * STEPS);
      bars.forEach((bar, index) => setAttribute(bar, "data-lit", index < lit));
      const [id = ""] = WORDS[hearing];
      setAttribute(words, "data-msg", id);
      setText(words, WORDS[hearing].map((one) => t(one)).join(" – "));
    },
  };
}
