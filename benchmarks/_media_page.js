/**
 * Before any other script of a page: its camera is a canvas that shows the time it was painted at, its microphone a click
 * every half second; and what arrives is compared with the clock that all pages of a machine share.
 */
(() => {
  const WIDTH = 640;
  const HEIGHT = 360;
  const FPS = 15;
  const BITS = 24;
  const CELL = 24;
  const NOISE = 200;
  const now = () => performance.timeOrigin + performance.now();
  const measured = { rendered: [], heard: [], clicked: [], firstFrame: 0, peers: [], reading: false };
  window.measured = measured;

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      measured.peers.push(this);
    }
  };

  /** A picture that costs an encoder what a camera's does, and in its first line the time in milliseconds, in black and white. */
  function camera() {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext("2d");
    const noises = Array.from({ length: 8 }, () => {
      const noise = context.createImageData(WIDTH, NOISE);
      for (let at = 0; at < noise.data.length; at += 4) {
        const grey = 96 + Math.random() * 64;
        noise.data.set([grey, grey, grey, 255], at);
      }
      return noise;
    });
    const stream = canvas.captureStream(0);
    const [track] = stream.getVideoTracks();
    let number = 0;
    setInterval(() => {
      context.putImageData(noises[number++ % noises.length], 0, HEIGHT - NOISE);
      const time = Math.round(now());
      for (let bit = 0; bit < BITS; bit += 1) {
        context.fillStyle = Math.floor(time / 2 ** bit) % 2 ? "white" : "black";
        context.fillRect(bit * CELL, 0, CELL, 2 * CELL);
      }
      track.requestFrame();
    }, 1000 / FPS);
    return track;
  }

  const SCRIPT = `
    registerProcessor("clicks", class extends AudioWorkletProcessor {
      process(_, [[samples]]) {
        this.left = (this.left ?? 0) - samples.length;
        if (this.left < 0) { this.left = sampleRate / 2; this.port.postMessage(Date.now()); this.sounds = 0.01 * sampleRate; }
        if (this.sounds > 0) {
          samples.forEach((_, n) => { samples[n] = 0.6 * Math.sin(n * 2 * Math.PI * 1500 / sampleRate); });
          this.sounds -= samples.length;
        }
        return true;
      }
    });
    registerProcessor("ear", class extends AudioWorkletProcessor {
      process([[samples]]) {
        const loud = samples?.some((sample) => Math.abs(sample) > 0.1);
        if (loud && !(currentTime - this.at < 0.2)) this.port.postMessage(Date.now());
        if (loud) this.at = currentTime;
        return true;
      }
    });
  `;

  async function sound() {
    const context = new AudioContext();
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([SCRIPT], { type: "text/javascript" })));
    return context;
  }

  async function microphone() {
    const context = await sound();
    const clicks = new AudioWorkletNode(context, "clicks", { numberOfInputs: 0, outputChannelCount: [1] });
    clicks.port.onmessage = ({ data }) => measured.clicked.push(data);
    const out = context.createMediaStreamDestination();
    clicks.connect(out);
    return out.stream.getAudioTracks()[0];
  }

  navigator.mediaDevices.getUserMedia = async ({ video, audio }) =>
    new MediaStream([...(video ? [camera()] : []), ...(audio ? [await microphone()] : [])]);

  /** Listen to what the page hears from now on. */
  window.listen = async () => {
    const context = await sound();
    const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
    ear.port.onmessage = ({ data }) => measured.heard.push(data);
    new MediaStreamAudioSourceNode(context, { mediaStream: document.querySelector("audio").srcObject }).connect(ear);
  };

  /** For how long, in milliseconds, this browser itself has held sound back since the last time it was asked, to even it out. */
  const buffer = { delay: 0, samples: 0 };
  window.bufferedSound = async () => {
    for (const peer of measured.peers) {
      if (peer.connectionState === "closed") continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== "inbound-rtp" || report.kind !== "audio") continue;
        const delay = report.jitterBufferDelay - buffer.delay;
        const samples = report.jitterBufferEmittedCount - buffer.samples;
        Object.assign(buffer, { delay: report.jitterBufferDelay, samples: report.jitterBufferEmittedCount });
        return (1000 * delay) / samples;
      }
    }
    return 0;
  };

  const canvas = new OffscreenCanvas(BITS * CELL, 2 * CELL);
  const reader = canvas.getContext("2d", { willReadFrequently: true });

  /** How old the frame is that a video shows, in milliseconds. */
  function age(video, at) {
    const scale = video.videoWidth / WIDTH;
    reader.drawImage(video, 0, 0, canvas.width * scale, canvas.height * scale, 0, 0, canvas.width, canvas.height);
    let time = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      const [grey] = reader.getImageData(bit * CELL + CELL / 2, CELL, 1, 1).data;
      if (grey > 127) time += 2 ** bit;
    }
    return (performance.timeOrigin + at - time) % 2 ** BITS;
  }

  function watch(video) {
    const look = (at) => {
      measured.firstFrame ||= now();
      if (measured.reading) measured.rendered.push(age(video, at));
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node instanceof HTMLVideoElement) watch(node);
    }
  }).observe(document, { subtree: true, childList: true });
})();
