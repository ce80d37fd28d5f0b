import assert from "node:assert/strict";
import { test } from "node:test";
import { createDeviceMemory } from "../src/device-memory.js";
import { createDevices } from "../src/devices.js";
import { Media, Stream, install, settled } from "./browser-parts.js";

install({ MediaStream: Stream, navigator: { hardwareConcurrency: 4 } });

/** @param {Partial<Parameters<typeof createDevices>[0]>} [options] */
function open(options) {
  const media = new Media();
  const devices = createDevices({
    media: /** @type {MediaDevices} */ (/** @type {unknown} */ (media)),
    permissions: undefined,
    framed: false,
    onChange: () => undefined,
    onLost: () => undefined,
    ...options,
  });
  const prompt = () => {
    const last = media.prompts.at(-1);
    assert.ok(last);
    return last;
  };
  return { media, devices, prompt };
}

test("what is allowed in time is kept", async () => {
  const { devices, prompt } = open();
  const opening = devices.open({ camera: true });

  prompt().allow();
  const { microphone, camera } = await opening;

  assert.ok(microphone.stream && camera.stream);
  assert.ok(prompt().tracks.every(({ stopped }) => !stopped));
});

test("what arrives after the devices were released is turned off at once", async () => {
  const { media, devices, prompt } = open();
  const opening = devices.open({ camera: true });

  devices.release();
  prompt().allow();
  const { microphone, camera } = await opening;

  assert.deepEqual([microphone.stream, camera.stream], [null, null]);
  assert.ok(prompt().tracks.every(({ stopped }) => stopped));
  assert.equal(media.prompts.length, 1);
});

test("a camera turned on in the call's last moment does not stay on", async () => {
  const { devices, prompt } = open();
  const choosing = devices.choose("camera");

  devices.release();
  prompt().allow();

  assert.equal(await choosing, null);
  assert.ok(prompt().tracks.every(({ stopped }) => stopped));
});

test("a refusal that comes after the release asks no further and is no failure", async () => {
  const { media, devices, prompt } = open();
  const opening = devices.open({ camera: true });

  devices.release();
  prompt().refuse("NotAllowedError");
  await settled();

  assert.equal(media.prompts.length, 1);
  assert.equal((await opening).camera.failure, null);
});

test("devices asked for again after a release are kept", async () => {
  const { media, devices, prompt } = open();
  const first = devices.open({ camera: false });
  devices.release();
  const second = devices.open({ camera: false });

  prompt().allow();
  await second;
  media.prompts[0]?.allow();
  await first;

  assert.ok(devices.view.microphone.stream);
  assert.deepEqual(media.prompts.map(({ tracks }) => tracks[0]?.stopped), [true, false]);
});

/** @param {Record<string, string>} states @returns {Permissions} */
const permissions = (states) =>
  /** @type {Permissions} */ (/** @type {unknown} */ ({
    query: async (/** @type {{name: string}} */ { name }) => Object.assign(new EventTarget(), { state: states[name] }),
  }));

/** @param {Record<string, string>} [kept] */
function storage(kept = {}) {
  const values = new Map(Object.entries(kept));
  const all = /** @type {Storage} */ (/** @type {unknown} */ ({
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => values.set(key, value),
  }));
  return { values, memory: createDeviceMemory(() => all) };
}

test("a joint failure is asked again for each alone", async () => {
  const { media, devices, prompt } = open();
  const opening = devices.open({ camera: true });

  prompt().refuse("NotFoundError");
  await settled();
  prompt().allow();
  await settled();
  prompt().refuse("NotFoundError");
  const { microphone, camera } = await opening;

  assert.deepEqual(media.prompts.map(({ tracks }) => tracks.map(({ kind }) => kind)), [
    ["audio", "video"], ["audio"], ["video"],
  ]);
  assert.ok(microphone.stream);
  assert.equal(camera.failure, "dev.nocam");
});

test("a question left without an answer is not asked again at once", async () => {
  const { media, devices, prompt } = open({
    permissions: permissions({ microphone: "prompt", camera: "prompt" }),
  });
  const opening = devices.open({ camera: true });

  prompt().refuse("NotAllowedError");
  const { microphone, camera } = await opening;

  assert.equal(media.prompts.length, 1);
  assert.deepEqual([microphone.failure, camera.failure], ["perm.dismissed", "perm.dismissed"]);
});

test("a device chosen in an earlier call that is gone gives way to the default, and says so", async () => {
  const { memory } = storage({ "call-devices": '{"microphone":"gone"}' });
  const { media, devices, prompt } = open({ memory });
  const opening = devices.open({ camera: false });

  prompt().refuse("OverconstrainedError");
  await settled();
  prompt().allow();
  const { microphone } = await opening;

  assert.equal(media.prompts.length, 2);
  assert.equal(microphone.replaced, true);
});

test("a page out of sight asks again once it is in front, and only once", async () => {
  let toFront = () => {};
  const inSight = () => /** @type {Promise<void>} */ (new Promise((resolve) => (toFront = resolve)));
  const { media, devices, prompt } = open({ inSight });
  const opening = devices.open({ camera: false });

  prompt().refuse("InvalidStateError");
  await settled();
  assert.equal(media.prompts.length, 1);
  toFront();
  await settled();
  prompt().refuse("InvalidStateError");
  const { microphone } = await opening;

  assert.equal(media.prompts.length, 2);
  assert.equal(microphone.failure, "dev.abort");
});

test("a device that does not start though it is allowed is given up, and turned off should it come", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { devices, prompt } = open({ permissions: permissions({ microphone: "granted" }) });
  const opening = devices.open({ camera: false });

  await settled();
  context.mock.timers.tick(12_000);
  const { microphone } = await opening;
  prompt().allow();
  await settled();

  assert.equal(microphone.failure, "dev.abort");
  assert.ok(prompt().tracks.every(({ stopped }) => stopped));
});

test("nobody is hurried who has not answered yet", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { devices, prompt } = open({ permissions: permissions({ microphone: "prompt" }) });
  const opening = devices.open({ camera: false });

  await settled();
  context.mock.timers.tick(120_000);
  prompt().allow();

  assert.ok((await opening).microphone.stream);
});

test("what was missing is tried again when something is plugged in", async () => {
  const { media, devices, prompt } = open();
  const opening = devices.open({ camera: false });
  prompt().refuse("NotFoundError");
  assert.equal((await opening).microphone.failure, "dev.nomic");

  await devices.openMissing({ camera: false });
  assert.equal(media.prompts.length, 1);
  media.list = [{ kind: "audioinput", deviceId: "" }];
  const again = devices.openMissing({ camera: false });
  await settled();
  prompt().allow();
  await again;

  assert.ok(devices.view.microphone.stream);
});

test("only chosen devices are remembered, and none once that is turned off", async () => {
  const { memory, values } = storage();
  const { devices, prompt } = open({ memory });
  const choosing = devices.choose("microphone", "headset");
  prompt().allow();
  await choosing;
  devices.chooseSpeaker("loud");

  assert.deepEqual(JSON.parse(values.get("call-devices") ?? ""), { microphone: "headset", speaker: "loud" });
  memory.turn(false);
  devices.chooseSpeaker("other");
  assert.equal(values.get("call-devices"), '"off"');
  assert.equal(memory.recall("microphone"), undefined);
});

test("a browser that keeps nothing can be called from", () => {
  const memory = createDeviceMemory(() => {
    throw new DOMException("", "SecurityError");
  });

  memory.keep("camera", "front");

  assert.equal(memory.recall("camera"), undefined);
  assert.equal(memory.on, true);
});
