/**
 * The parts of a browser that Node lacks, for the tests of modules that reach for them: sockets,
 * media, the page's address. What the network and the person do with them is the test's to say.
 *
 * @typedef {import("../src/types.js").Snapshot} Snapshot
 */

/** A socket's far end. */
export class Line extends EventTarget {
  /** @type {Line[]} */
  static all = [];
  closed = false;

  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
    Line.all.push(this);
  }

  /** @param {Snapshot} contact @param {number} version */
  push(contact, version) {
    const data = JSON.stringify({ v: 1, version, type: "contact.status", contact });
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  close() {
    this.closed = true;
  }
}

export class Track extends EventTarget {
  stopped = false;

  /** @param {"audio"|"video"} kind */
  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.stopped = true;
  }
}

export class Stream {
  /** @param {Track[]} tracks */
  constructor(tracks) {
    this.tracks = tracks;
  }

  getTracks() {
    return this.tracks;
  }

  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

/** `navigator.mediaDevices` of a person who takes their time to answer the browser's prompt. */
export class Media extends EventTarget {
  /** @type {{tracks: Track[], allow: () => void, refuse: (name: string) => void}[]} */
  prompts = [];
  /** @type {{kind: string, deviceId: string}[]} What is plugged in. */
  list = [];

  async enumerateDevices() {
    return /** @type {any} */ (this.list);
  }

  /** @param {{audio?: unknown, video?: unknown}} wanted @returns {Promise<any>} */
  getUserMedia(wanted) {
    const kinds = /** @type {const} */ (["audio", "video"]).filter((kind) => wanted[kind]);
    const tracks = kinds.map((kind) => new Track(kind));
    return new Promise((resolve, reject) => {
      this.prompts.push({
        tracks,
        allow: () => resolve(new Stream(tracks)),
        refuse: (name) => reject(new DOMException("", name)),
      });
    });
  }
}

/** @param {Record<string, unknown>} parts */
export function install(parts) {
  for (const [name, value] of Object.entries(parts)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Lets everything that can go on go on. */
export async function settled() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
