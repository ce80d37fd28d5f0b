/**
 * The one module that knows amazon-chime-sdk-js, and the one owner of a MeetingSession. It is
 * loaded lazily, since the SDK is most of the page's weight. Everyone else hears of the meeting
 * through the small observer below, in this project's words.
 *
 * @typedef {import("./types.js").Connection} Connection
 *
 * @typedef {object} Tile
 * @property {number} tileId
 * @property {string} attendeeId
 * @property {"self"|"remote"|"content"} kind
 *
 * @typedef {object} MeetingObserver
 * @property {(reconnecting: boolean) => void} connecting
 * @property {() => void} started
 * @property {(statusName: string) => void} stopped `MeetingSessionStatusCode` by name.
 * @property {(tile: Tile) => void} tileAdded A picture that can be bound to a video element.
 * @property {(tileId: number) => void} tileRemoved
 * @property {(presence: {attendeeId: string, externalUserId: string, present: boolean}) => void} presence
 * @property {(attendeeId: string, muted: boolean) => void} muted
 * @property {(network: "poor"|"good") => void} network
 */
import {
  ConsoleLogger,
  DefaultDeviceController,
  DefaultEventController,
  DefaultMeetingSession,
  LogLevel,
  MeetingSessionConfiguration,
  MeetingSessionStatusCode,
  NoOpEventReporter,
} from "amazon-chime-sdk-js";

/**
 * Connect forgets a participant who has been gone for 60 s. The SDK's own default of 120 s would
 * promise a reconnection that cannot succeed.
 */
const RECONNECT_TIMEOUT_MS = 55_000;
/** How long a clean goodbye may take before the session is torn down without it. */
const LEAVE_TIMEOUT_MS = 1_500;

/**
 * What the SDK calls an error and is none: the end of every call, its own reporting's trouble, and
 * one probe for WebAssembly that the page's policy refuses and the SDK does without.
 */
const NO_ERRORS =
  /^session will not be reconnected$|status code MeetingEnded$|^Error reporting event|Blocked URI: wasm-eval/;

/** Keeps the console for what is wrong. */
class CalmLogger extends ConsoleLogger {
  /** @override @param {string} message */
  error(message) {
    if (NO_ERRORS.test(message)) this.info(message);
    else super.error(message);
  }
}

/**
 * @param {object} options
 * @param {Connection} options.connection
 * @param {MeetingObserver} options.observer
 */
export function createMeeting({ connection, observer }) {
  const logger = new CalmLogger("chime", LogLevel.WARN);
  const configuration = new MeetingSessionConfiguration(connection.Meeting, connection.Attendee);
  configuration.reconnectTimeoutMs = RECONNECT_TIMEOUT_MS;
  const deviceController = new DefaultDeviceController(logger);
  // Nothing about the call goes to anyone: no reporter, whatever the meeting's configuration says.
  const events = new DefaultEventController(configuration, logger, new NoOpEventReporter());
  const session = new DefaultMeetingSession(configuration, logger, deviceController, events);
  const audioVideo = session.audioVideo;

  const stopped = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      audioVideo.addObserver({
        audioVideoDidStartConnecting: (reconnecting) => observer.connecting(reconnecting),
        audioVideoDidStart: () => observer.started(),
        audioVideoDidStop: (status) => {
          resolve();
          observer.stopped(MeetingSessionStatusCode[status.statusCode()] ?? "unknown");
        },
        videoTileDidUpdate: (state) => {
          const { tileId, boundAttendeeId: attendeeId } = state;
          if (tileId === null || attendeeId === null) return;
          const kind = state.localTile ? "self" : state.isContent ? "content" : "remote";
          observer.tileAdded({ tileId, attendeeId, kind });
        },
        videoTileWasRemoved: (tileId) => observer.tileRemoved(tileId),
        connectionDidBecomePoor: () => observer.network("poor"),
        connectionDidBecomeGood: () => observer.network("good"),
      });
    })
  );
  audioVideo.realtimeSubscribeToAttendeeIdPresence((attendeeId, present, externalUserId) => {
    observer.presence({ attendeeId, externalUserId: externalUserId ?? "", present });
    if (present) watchMute(attendeeId);
    else audioVideo.realtimeUnsubscribeFromVolumeIndicator(attendeeId);
  });

  /** @param {string} attendeeId */
  function watchMute(attendeeId) {
    audioVideo.realtimeUnsubscribeFromVolumeIndicator(attendeeId);
    audioVideo.realtimeSubscribeToVolumeIndicator(attendeeId, (id, _volume, muted) => {
      if (muted !== null) observer.muted(id, muted);
    });
  }

  return {
    selfId: connection.Attendee.AttendeeId,

    /**
     * Sound first: some browsers give no network address before a microphone was opened.
     * @param {object} media
     * @param {MediaStream|null} media.microphone null joins to listen only.
     * @param {MediaStream|null} media.camera
     * @param {boolean} media.muted
     * @param {HTMLAudioElement} media.audioElement Where the others are heard.
     * @param {AbortSignal} media.signal Nothing is joined any more once it is aborted.
     */
    async start({ microphone, camera, muted, audioElement, signal }) {
      await audioVideo.startAudioInput(/** @type {MediaStream} */ (microphone));
      if (muted) audioVideo.realtimeMuteLocalAudio();
      await audioVideo.bindAudioElement(audioElement);
      if (camera) await audioVideo.startVideoInput(camera);
      if (signal.aborted) return;
      audioVideo.start();
      if (camera) audioVideo.startLocalVideoTile();
    },

    /** @param {boolean} muted */
    setMuted(muted) {
      if (muted) audioVideo.realtimeMuteLocalAudio();
      else audioVideo.realtimeUnmuteLocalAudio();
    },

    /** @param {MediaStream|null} stream null takes the picture away. */
    async setCamera(stream) {
      if (stream) {
        await audioVideo.startVideoInput(stream);
        audioVideo.startLocalVideoTile();
      } else {
        audioVideo.stopLocalVideoTile();
        await audioVideo.stopVideoInput();
      }
    },

    /** @param {MediaStream|null} stream */
    async setMicrophone(stream) {
      await audioVideo.startAudioInput(/** @type {MediaStream} */ (stream));
    },

    /** @param {string} deviceId */
    async setSpeaker(deviceId) {
      await audioVideo.chooseAudioOutput(deviceId || null);
    },

    /** @param {number} tileId @param {HTMLVideoElement} element */
    bind(tileId, element) {
      audioVideo.bindVideoElement(tileId, element);
    },

    /** Says goodbye, so that the others see it at once, and frees everything the SDK holds. */
    async leave() {
      logger.setLogLevel(LogLevel.OFF); // What breaks off while leaving is no news.
      audioVideo.stop();
      await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, LEAVE_TIMEOUT_MS))]);
      await audioVideo.stopAudioInput();
      await audioVideo.stopVideoInput();
      audioVideo.unbindAudioElement();
      await session.destroy();
    },
  };
}

/** @typedef {ReturnType<typeof createMeeting>} Meeting */
