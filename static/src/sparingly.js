/**
 * Lets something be said at once, and then only so often: what comes too soon waits its turn, and
 * only the latest of it is said.
 */

/**
 * @template Value
 * @param {(value: Value) => void} say
 * @param {number} everyMs
 */
export function sparingly(say, everyMs) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {{value: Value}|null} */
  let next = null;

  function rest() {
    timer = setTimeout(() => {
      timer = undefined;
      if (next) sayNow(next.value);
    }, everyMs);
  }

  /** @param {Value} value */
  function sayNow(value) {
    next = null;
    say(value);
    rest();
  }

  return {
    /** @param {Value} value */
    say(value) {
      if (timer === undefined) sayNow(value);
      else next = { value };
    },
    /** Forgets what waits its turn: it is no news any more. */
    hush() {
      next = null;
    },
  };
}
