/** A page that is nothing but the Chime SDK: what a test tells it to do, it does, and it tells what it sees. */
import {
  ConsoleLogger,
  DefaultActiveSpeakerPolicy,
  DefaultDeviceController,
  DefaultMeetingSession,
  LogLevel,
  MeetingSessionConfiguration,
} from "amazon-chime-sdk-js";

const seen = {
  connecting: 0,
  started: 0,
  stopped: [],
  tiles: {},
  messages: [],
  presence: {},
  strength: {},
  volume: {},
  muted: {},
  speakers: [],
  asked: 0,
  unavailable: 0,
};
window.seen = seen;
const devices = navigator.mediaDevices;
const ask = devices.getUserMedia.bind(devices);
devices.getUserMedia = (wish) => {
  seen.asked += 1;
  return ask(wish);
};
let call;

/**
 * Join with what a test got from its meeting; `width` of the camera in pixels, 0 for none. `silentSeconds` is after how long
 * without a packet the SDK connects anew, and `reconnectSeconds` for how long it tries.
 */
window.join = async ({
  meeting,
  attendee,
  simulcast = false,
  width = 0,
  send = true,
  logLevel = "WARN",
  silentSeconds = 25,
  reconnectSeconds = 120,
}) => {
  const configuration = new MeetingSessionConfiguration({ Meeting: meeting }, { Attendee: attendee });
  configuration.enableSimulcastForUnifiedPlanChromiumBasedBrowsers = simulcast;
  const health = configuration.connectionHealthPolicyConfiguration;
  health.connectionUnhealthyThreshold = silentSeconds;
  health.connectionWaitTimeMs = Math.min(health.connectionWaitTimeMs, 1000 * silentSeconds);
  configuration.reconnectTimeoutMs = 1000 * reconnectSeconds;
  const logger = new ConsoleLogger("page", LogLevel[logLevel]);
  const session = new DefaultMeetingSession(configuration, logger, new DefaultDeviceController(logger));
  call = session.audioVideo;
  window.call = call;
  call.addObserver({
    audioVideoDidStartConnecting: () => (seen.connecting += 1),
    audioVideoDidStart: () => (seen.started += 1),
    audioVideoDidStop: (status) => seen.stopped.push(status.statusCode()),
    videoSendDidBecomeUnavailable: () => (seen.unavailable += 1),
    videoTileDidUpdate: (tile) => {
      seen.tiles[tile.tileId] = { attendee: tile.boundAttendeeId, local: tile.localTile, paused: tile.paused };
      if (!tile.tileId || tile.localTile) return;
      let video = document.getElementById(`tile-${tile.tileId}`);
      if (!video) {
        video = Object.assign(document.createElement("video"), { id: `tile-${tile.tileId}`, muted: true });
        video.dataset.attendee = tile.boundAttendeeId;
        document.body.append(video);
      }
      call.bindVideoElement(tile.tileId, video);
    },
    videoTileWasRemoved: (tileId) => {
      delete seen.tiles[tileId];
      document.getElementById(`tile-${tileId}`)?.remove();
    },
  });
  call.realtimeSubscribeToAttendeeIdPresence((id, present) => {
    seen.presence[id] = present;
    if (!present) return;
    call.realtimeSubscribeToVolumeIndicator(id, (_id, volume, muted, strength) => {
      if (volume !== null) seen.volume[id] = Math.max(volume, seen.volume[id] ?? 0);
      if (muted !== null) seen.muted[id] = muted;
      if (strength !== null) seen.strength[id] = strength;
    });
  });
  call.subscribeToActiveSpeakerDetector(new DefaultActiveSpeakerPolicy(), (ids) => {
    if (ids.length) seen.speakers = ids;
  });
  call.realtimeSubscribeToReceiveDataMessage("notes", (message) => {
    seen.messages.push({ from: message.senderAttendeeId, text: message.text(), at: message.timestampMs });
  });
  await call.bindAudioElement(document.querySelector("audio"));
  if (send) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      ...(width && { video: { width, height: (width * 9) / 16, frameRate: 15 } }),
    });
    await call.startAudioInput(new MediaStream(stream.getAudioTracks()));
    if (width) {
      window.camera = new MediaStream(stream.getVideoTracks());
      await call.startVideoInput(window.camera);
    }
  }
  seen.startedAt = performance.timeOrigin + performance.now();
  call.start();
  if (width) call.startLocalVideoTile();
};
window.ready = true;
