/**
 * Tells what a meeting of the SDK reports, in this project's words. Beside meeting.js the only module
 * that knows the SDK; it changes nothing.
 *
 * @typedef {object} Tile
 * @property {number} tileId
 * @property {string} attendeeId
 * @property {"self"|"remote"|"content"} kind
 *
 * @typedef {object} DataMessage
 * @property {string} topic
 * @property {string} text
 * @property {string} senderId Attendee id.
 * @property {string} senderExternalUserId
 *
 * @typedef {object} MeetingObserver
 * @property {(reconnecting: boolean) => void} connecting
 * @property {() => void} started
 * @property {(statusName: string) => void} stopped `MeetingSessionStatusCode` by name.
 * @property {(tile: Tile) => void} tileAdded A picture that can be bound to a video element.
 * @property {(tileId: number) => void} tileRemoved
 * @property {(tileId: number, paused: boolean) => void} tilePaused For want of bandwidth.
 * @property {(presence: {attendeeId: string, externalUserId: string, present: boolean}) => void} presence
 * @property {(attendeeId: string, muted: boolean) => void} muted
 * @property {(reading: import("./network-quality.js").Reading) => void} read Of the network, each second.
 * @property {() => void} strained The SDK finds the network too weak for pictures.
 * @property {() => void} viewOnly The meeting takes no picture of this person.
 * @property {(failing: boolean) => void} sendingSound Whether nothing of one's sound goes out.
 * @property {(attendeeId: string, weak: boolean) => void} signal Of somebody else's connection.
 * @property {(message: DataMessage) => void} message Of one of `topics`.
 * @property {(sharing: boolean) => void} sharing Whether one's own screen is shown to the others.
 */
import { MeetingSessionStatusCode } from "amazon-chime-sdk-js";
import { contentIdOf } from "./roster.js";

/** Of 0, 0.5 and 1, which the SDK makes of the meeting's three steps. */
const WEAK_SIGNAL = 0.5;

/**
 * @param {object} meeting
 * @param {import("amazon-chime-sdk-js").AudioVideoFacade} meeting.audioVideo
 * @param {import("amazon-chime-sdk-js").EventController} meeting.events
 * @param {import("amazon-chime-sdk-js").VideoPriorityBasedPolicy} meeting.downlink
 * @param {string} meeting.selfId
 * @param {MeetingObserver} observer
 * @param {readonly string[]} topics Data messages to be told of.
 * @returns {Promise<string>} The name of the `MeetingSessionStatusCode` the meeting has stopped with for good.
 */
export function followMeeting({ audioVideo, events, downlink, selfId }, observer, topics) {
  followPeople(audioVideo, observer);
  followPictures(audioVideo, downlink, selfId, observer);
  followNetwork(audioVideo, events, observer);
  for (const topic of topics) {
    audioVideo.realtimeSubscribeToReceiveDataMessage(topic, (message) =>
      observer.message({
        topic,
        text: message.text(),
        senderId: message.senderAttendeeId,
        senderExternalUserId: message.senderExternalUserId,
      }),
    );
  }
  return new Promise((resolve) => {
    audioVideo.addObserver({
      audioVideoDidStartConnecting: (reconnecting) => observer.connecting(reconnecting),
      audioVideoDidStart: () => observer.started(),
      audioVideoDidStop: (status) => {
        const statusName = MeetingSessionStatusCode[status.statusCode()] ?? "unknown";
        resolve(statusName);
        observer.stopped(statusName);
      },
    });
  });
}

/** @typedef {import("amazon-chime-sdk-js").AudioVideoFacade} AudioVideo */

/** @param {AudioVideo} audioVideo @param {MeetingObserver} observer */
function followPeople(audioVideo, observer) {
  /** @param {string} attendeeId */
  function watchMute(attendeeId) {
    audioVideo.realtimeUnsubscribeFromVolumeIndicator(attendeeId);
    audioVideo.realtimeSubscribeToVolumeIndicator(attendeeId, (id, _volume, muted, signal) => {
      if (muted !== null) observer.muted(id, muted);
      if (signal !== null) observer.signal(id, signal < WEAK_SIGNAL);
    });
  }
  audioVideo.realtimeSubscribeToAttendeeIdPresence((attendeeId, present, externalUserId) => {
    observer.presence({ attendeeId, externalUserId: externalUserId ?? "", present });
    if (present) watchMute(attendeeId);
    else audioVideo.realtimeUnsubscribeFromVolumeIndicator(attendeeId);
  });
}

/**
 * @param {AudioVideo} audioVideo
 * @param {import("amazon-chime-sdk-js").VideoPriorityBasedPolicy} downlink
 * @param {string} selfId
 * @param {MeetingObserver} observer
 */
function followPictures(audioVideo, downlink, selfId, observer) {
  const ownContentId = contentIdOf(selfId);
  audioVideo.addObserver({
    videoTileDidUpdate: (state) => {
      const { tileId, boundAttendeeId: attendeeId } = state;
      if (tileId === null || attendeeId === null) return;
      // One's own screen within one's own screen would show itself without end.
      if (attendeeId === ownContentId) return;
      const kind = state.localTile ? "self" : state.isContent ? "content" : "remote";
      observer.tileAdded({ tileId, attendeeId, kind });
    },
    videoTileWasRemoved: (tileId) => observer.tileRemoved(tileId),
    videoSendDidBecomeUnavailable: () => observer.viewOnly(),
  });
  downlink.addObserver({
    tileWillBePausedByDownlinkPolicy: (tileId) => observer.tilePaused(tileId, true),
    tileWillBeUnpausedByDownlinkPolicy: (tileId) => observer.tilePaused(tileId, false),
  });
  audioVideo.addContentShareObserver({
    contentShareDidStart: () => observer.sharing(true),
    contentShareDidStop: () => observer.sharing(false),
  });
}

/**
 * @param {AudioVideo} audioVideo
 * @param {import("amazon-chime-sdk-js").EventController} events
 * @param {MeetingObserver} observer
 */
function followNetwork(audioVideo, events, observer) {
  let silentS = 0;
  audioVideo.addObserver({
    connectionHealthDidChange: (health) => {
      silentS = health.consecutiveStatsWithNoPackets;
    },
    metricsDidReceive: (report) => {
      /** @type {Record<string, number>} */
      const metrics = report.getObservableMetrics();
      observer.read({
        silentS,
        lossPercent: Math.max(
          known(metrics.audioPacketsReceivedFractionLoss) ?? 0,
          known(metrics.audioPacketLossPercent) ?? 0,
        ),
        outgoingKbps: inThousands(known(metrics.availableOutgoingBitrate)),
        roundTripMs: known(metrics.currentRoundTripTimeMs),
      });
    },
    connectionDidSuggestStopVideo: () => observer.strained(),
  });
  events.addObserver({
    eventDidReceive: (name) => {
      if (name === "sendingAudioFailed") observer.sendingSound(true);
      else if (name === "sendingAudioRecovered") observer.sendingSound(false);
    },
  });
}

/** @param {number|undefined} value @returns {number|null} */
const known = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** @param {number|null} value */
const inThousands = (value) => (value === null ? null : value / 1000);
