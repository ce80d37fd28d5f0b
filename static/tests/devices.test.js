import assert from "node:assert/strict";
import { test } from "node:test";
import { createDevices } from "../src/devices.js";
import { Media, Stream, install, settled } from "./browser-parts.js";

install({ MediaStream: Stream, navigator: { hardwareConcurrency: 4 } });

function open() {
  const media = new Media();
  const devices = createDevices({
    media: /** @type {MediaDevices} */ (/** @type {unknown} */ (media)),
    permissions: undefined,
    framed: false,
    onChange: () => undefined,
    onLost: () => undefined,
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
