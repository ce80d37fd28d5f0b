/**
 * A value that changes over time, and those who want to know. Used for the call's model on the
 * customer's page and for the desk's; it knows nothing of either.
 */

/**
 * @template Model
 * @template Event
 * @param {Model} initial
 * @param {(model: Model, event: Event) => Model} transition Returns the same model for "no change".
 */
export function createStore(initial, transition) {
  let model = initial;
  let decide = transition;
  /** @type {Set<(next: Model, previous: Model) => void>} */
  const listeners = new Set();

  return {
    get model() {
      return model;
    },
    /** From now on this decides what events mean. @param {(model: Model, event: Event) => Model} next */
    decideBy(next) {
      decide = next;
    },
    /** @param {Event} event */
    send(event) {
      const previous = model;
      model = decide(previous, event);
      if (model === previous) return;
      // A listener may send again: each of them is told of the pair it was called for.
      const next = model;
      for (const listener of listeners) listener(next, previous);
    },
    /** @param {(next: Model, previous: Model) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
