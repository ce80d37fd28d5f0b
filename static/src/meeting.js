/**
 * The one module that knows amazon-chime-sdk-js, and the one owner of a MeetingSession. It is
 * loaded lazily, since the SDK is most of the page's weight. Everyone else hears of the meeting
 * through the small observer below, in this project's words.
 *
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {import("./meeting-news.js").Tile} Tile
 * @typedef {import("./meeting-news.js").MeetingObserver} MeetingObserver
 */
import {
  ConsoleLogger,
  DefaultDeviceController,
  DefaultEventController,
  DefaultMeetingSession,
  LogLevel,
  MeetingSessionConfiguration,
  NoOpEventReporter,
  VideoPriorityBasedPolicy,
} from "amazon-chime-sdk-js";
import { RECONNECT_MS } from "./call-model.js";
import { followMeeting } from "./meeting-news.js";

/** The longest pause between two attempts: the other person is waiting. The SDK's own default is 5 s. */
const RECONNECT_PAUSE_MS = 3_000;
/** How long a clean goodbye may take before the session is torn down without it. */
const LEAVE_TIMEOUT_MS = 1_500;

/**
 * What the SDK calls an error and is none: the end of every call, an offer or a measurement that crossed
 * with it, its own reporting's trouble, and one probe for WebAssembly that the page's policy refuses and the SDK
 * does without. What breaks before its time is told by `connecting` and `stopped`.
 */
const NO_ERRORS =
  /^session will not be reconnected$|status code (MeetingEnded|AudioJoinedFromAnotherDevice|AudioAttendeeRemoved|AudioCallAtCapacity)$|SubscribeAndReceiveSubscribeAckTask connection was terminated|^Error reporting event|computePressureMonitor|^Cannot read properties of null \(reading 'currentState'\)$|Blocked URI: wasm-eval/;

/** Keeps the console for what is wrong. */
class CalmLogger extends ConsoleLogger {
  /** @override @param {string} message */
  error(message) {
    if (NO_ERRORS.test(message)) this.info(message);
    else super.error(message);
  }
}

/**
 * The SDK may set a sender's parameters twice at a time and leaves it to nobody to hear that the second
 * came too late. The first holds; there is nothing to be told.
 */
const SET_TWICE = /^Failed to execute 'setParameters' on 'RTCRtpSender'/;
globalThis.addEventListener?.("unhandledrejection", (event) => {
  if (SET_TWICE.test(event.reason?.message ?? "")) event.preventDefault();
});

/**
 * @param {object} options
 * @param {Connection} options.connection
 * @param {MeetingObserver} options.observer
 * @param {readonly string[]} options.topics Data messages to be told of.
 */
export function createMeeting({ connection, observer, topics }) {
  const logger = new CalmLogger("chime", LogLevel.WARN);
  const configuration = new MeetingSessionConfiguration(connection.Meeting, connection.Attendee);
  // The SDK's own default of 120 s would promise a reconnection that cannot succeed.
  configuration.reconnectTimeoutMs = RECONNECT_MS;
  configuration.reconnectLongBackOffMs = RECONNECT_PAUSE_MS;
  // The contact centre pauses what a network cannot take, and this policy tells which.
  const downlink = new VideoPriorityBasedPolicy(logger);
  configuration.videoDownlinkBandwidthPolicy = downlink;
  const deviceController = new DefaultDeviceController(logger);
  // Nothing about the call goes to anyone: no reporter, whatever the meeting's configuration says.
  const events = new DefaultEventController(configuration, logger, new NoOpEventReporter());
  const session = new DefaultMeetingSession(configuration, logger, deviceController, events);
  const audioVideo = session.audioVideo;

  const { AttendeeId: selfId } = connection.Attendee;
  const stopped = followMeeting({ audioVideo, events, downlink, selfId }, observer, topics);

  return {
    selfId,

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

    /** Asks which screen or window to show; rejects when the person or the browser refuses. */
    async share() {
      await audioVideo.startContentShareFromScreenCapture();
    },

    stopSharing() {
      audioVideo.stopContentShare();
    },

    /**
     * @param {string} topic
     * @param {string} text At most 2 KiB.
     * @param {number} lifetimeMs For which those who join later still get it.
     */
    say(topic, text, lifetimeMs) {
      audioVideo.realtimeSendDataMessage(topic, text, lifetimeMs);
    },

    /** @param {number} tileId @param {HTMLVideoElement} element */
    bind(tileId, element) {
      audioVideo.bindVideoElement(tileId, element);
    },

    /**
     * Says goodbye, so that the others see it at once, and frees everything the SDK holds.
     * @returns {Promise<string|null>} What the meeting stopped with: another status than "Left", where it was
     *   stopping already. null where the SDK takes too long to say.
     */
    async leave() {
      logger.setLogLevel(LogLevel.OFF); // What breaks off while leaving is no news.
      audioVideo.stop();
      const statusName = await Promise.race([
        stopped,
        /** @type {Promise<null>} */ (new Promise((resolve) => setTimeout(resolve, LEAVE_TIMEOUT_MS, null))),
      ]);
      await audioVideo.stopAudioInput();
      await audioVideo.stopVideoInput();
      audioVideo.unbindAudioElement();
      // Not before the SDK has stopped: on a dead network that takes it longer, and what it does meanwhile needs the session.
      void stopped.then(() => session.destroy());
      return statusName;
    },
  };
}

/** @typedef {ReturnType<typeof createMeeting>} Meeting */
