/** The least page that makes a call with the Chime SDK: a peer to measure the portal's page against. */
import {
  ConsoleLogger,
  DefaultDeviceController,
  DefaultMeetingSession,
  LogLevel,
  MeetingSessionConfiguration,
} from "amazon-chime-sdk-js";

const [start, leave] = document.querySelectorAll("button");
const logger = new ConsoleLogger("bare", LogLevel.ERROR);
const stream = await navigator.mediaDevices.getUserMedia({
  audio: true,
  video: { width: 640, height: 360, frameRate: 15 },
});
let session = null;

start.addEventListener("click", async () => {
  const answer = await fetch("/start/", { method: "POST" });
  const { Meeting, Attendee } = await answer.json();
  const configuration = new MeetingSessionConfiguration({ Meeting }, { Attendee });
  session = new DefaultMeetingSession(configuration, logger, new DefaultDeviceController(logger));
  const call = session.audioVideo;
  call.addObserver({
    videoTileDidUpdate: (tile) => {
      if (tile.localTile || !tile.tileId) return;
      call.bindVideoElement(tile.tileId, document.querySelector("video"));
    },
  });
  await call.startAudioInput(new MediaStream(stream.getAudioTracks()));
  await call.startVideoInput(new MediaStream(stream.getVideoTracks()));
  await call.bindAudioElement(document.querySelector("audio"));
  call.start();
  call.startLocalVideoTile();
});
leave.addEventListener("click", () => session?.audioVideo.stop());
start.disabled = false;
