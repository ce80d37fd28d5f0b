"""The catalogue of everything the customer reads: a stable id for each sentence, and its English text.

Ids are a contract (`data-msg` on the element that shows the sentence); texts go through Django's translation. A gap
such as `{company}` is filled where the sentence is shown. Knows no page, no request and no contact.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENTRY: dict[str, Promise] = {
    "entry.ready.nowait": _("Talk to us by video"),
    "entry.ready.nowait.body": _("You can join with or without a camera."),
    "entry.closed": _("We are closed right now"),
    "entry.closed.body": _("Please come back when we are open."),
    "entry.unavailable": _("No one can take a video call right now"),
    "entry.unavailable.body": _("Please try again in a few minutes, or leave your number."),
    "entry.insecure": _("This page is not secure"),
    "entry.insecure.body": _("Calls need a page that starts with https://."),
    "entry.rate": _("Too many tries"),
    "entry.rate.body": _("Please wait {s} seconds and try again."),
    "embed.blocked": _("This page does not allow calls inside it"),
    "embed.blocked.body": _("We can open the call in a new tab."),
    "home.title": _("Video calls"),
    "home.body": _("Choose whom you want to talk to."),
    "home.call": _("Video call us"),
    "home.none": _("There is no one to call yet."),
    "page.loading": _("One moment…"),
    "page.noscript": _("Video calls need JavaScript. Turn it on for this page and load it again."),
    "title.call": _("Video call – {company}"),  # noqa: RUF001
    "title.queued": _("In the queue – {company}"),  # noqa: RUF001
    "title.connected": _("● Connected – {company}"),  # noqa: RUF001
}

DETAILS: dict[str, Promise] = {
    "details.title": _("Before we start"),
    "details.name": _("Your name"),
    "details.name_optional": _("Your name (optional)"),
    "details.name.missing": _("Enter your name."),
    "details.description": _("What is this about? (optional)"),
    "details.consent": _(
        "Your camera and microphone are used only during the call. "
        "Sound and picture are not stored by this page."
    ),
}

DEVICES: dict[str, Promise] = {
    "perm.intro": _("Let us check your microphone and camera"),
    "perm.intro.body": _("Your browser will ask for permission. Choose Allow."),
    "perm.waiting": _("Waiting for your answer…"),
    "perm.denied": _("Your browser is blocking the {device}"),
    "perm.dismissed": _("We still need your permission"),
    "perm.dismissed.body": _("Choose Allow when the browser asks."),
    "perm.system": _("Your computer is blocking the {device}"),
    "perm.system.body": _(
        "Allow your browser to use the {device} in your computer's privacy settings, "
        "then reopen the browser."
    ),
    "perm.help.chromium": _("Select the icon left of the address, turn on Microphone and Camera."),
    "perm.help.firefox": _("Select the crossed-out icon in the address bar and remove the block."),
    "perm.help.safari": _(
        "Safari menu → Settings for this website → allow Camera and Microphone."
    ),
    "perm.help.ios_safari": _("Tap the page menu in the address bar → Website Settings → Allow."),
    "perm.help.ios_other": _("Settings app → your browser → turn on Microphone and Camera."),
    "perm.help.android": _("Tap the icon left of the address → Permissions → allow."),
    "perm.help.samsung": _("Menu → Settings → Sites → Camera and Microphone."),
    "perm.help.other": _(
        "Open your browser's site settings for this page and allow the microphone."
    ),
    "dev.ok": _("You are ready"),
    "dev.ok.body": _("Start the call when you like."),
    "dev.nomic": _("We cannot find a microphone"),
    "dev.nomic.body": _("Plug one in or connect a headset. We will notice it."),
    "dev.nocam": _("No camera found"),
    "dev.nocam.body": _("You can join with sound only."),
    "dev.busy": _("Another program is using your {device}"),
    "dev.busy.body": _("Close other calls or tabs that use it, then try again."),
    "dev.abort": _("The {device} did not start"),
    "dev.abort.body": _("Unplug and reconnect it, or choose another one."),
    "dev.silent": _("We hear nothing from your microphone"),
    "dev.silent.body": _("Check its mute switch or choose another one."),
    "device.microphone": _("microphone"),
    "device.camera": _("camera"),
    "devices.title": _("Devices"),
    "check.microphone.works": _("Microphone works"),
    "check.microphone.missing": _("No microphone: you can listen"),
    "check.microphone.off": _("Microphone is off"),
    "check.camera.works": _("Camera works"),
    "check.camera.missing": _("No camera: sound only"),
    "check.camera.off": _("Camera is off"),
    "check.speaker": _("Speaker: test it"),
    "meter.waiting": _("Say something to test your microphone."),
    "meter.heard": _("We can hear you."),
    "meter.silent": _("We hear nothing."),
    "picker.microphone": _("Microphone"),
    "picker.camera": _("Camera"),
    "picker.speaker": _("Speaker"),
}

WAITING: dict[str, Promise] = {
    "req.start": _("Starting your call…"),
    "req.slow": _("Still starting…"),
    "req.slow.body": _("This is taking longer than usual."),
    "join.media": _("Connecting sound and video…"),
    "q.waiting": _("You are in the queue"),
    "q.waiting.body": _("We will connect you as soon as someone is free."),
    "q.position": _("You are number {n} in the queue"),
    "q.position.body": _("About {m} minutes."),
    "q.next": _("You are next"),
    "audio.blocked": _("Tap to hear the call"),
}

IN_THE_CALL: dict[str, Promise] = {
    "call.connected": _("Connected to {agent}."),
    "call.agent": _("the agent"),
    "call.agentcam.on": _("{agent} turned the camera on."),
    "call.agentcam.off": _("{agent} turned the camera off."),
    "call.mic.on": _("{name} turned the microphone on."),
    "call.mic.off": _("{name} turned the microphone off."),
    "call.join": _("{name} joined."),
    "call.left": _("{name} left."),
    "call.self.mic.on": _("Microphone on."),
    "call.self.mic.off": _("Microphone off."),
    "call.self.camera.on": _("Camera on."),
    "call.self.camera.off": _("Camera off."),
    "call.hold": _("You are on hold"),
    "call.unhold": _("You are back with {agent}."),
    "tile.self": _("You"),
    "tile.agent": _("Agent"),
    "tile.guest": _("Guest"),
    "tile.mic_off": _("microphone off"),
    "tile.camera_off": _("camera off"),
    "dev.lost": _("Your {device} was disconnected."),
    "net.poor": _("Your connection is weak. Sound may break up."),
    "net.good": _("Your connection is good again."),
    "net.reconnect": _("Reconnecting…"),
    "net.reconnect.body": _("Your connection dropped. Please stay on this page."),
    "net.reconnect.left": _("{s} s left"),
    "net.back": _("You are back."),
    "leave.ask": _("Leave the call?"),
    "reload.back": _("You left the call for a moment"),
    "reload.back.body": _("You can go back."),
}

THE_END: dict[str, Promise] = {
    "end.agent": _("The call has ended"),
    "end.agent.body": _("Thank you for calling {company}."),
    "end.self": _("You left the call"),
    "end.abandon": _("You left the queue"),
    "end.noagent": _("Sorry, no one was free"),
    "end.lost": _("The connection was lost"),
    "end.lost.body": _("We could not get you back in time."),
    "end.dup": _("You joined on another device"),
    "end.dup.body": _("This window has left the call."),
    "end.removed": _("You were removed from the call"),
    "end.service": _("Something went wrong on our side"),
    "end.service.body": _("Please call again. Reference {ref}."),
    "end.expired": _("This call page has expired"),
    "guest.full": _("This call is full"),
    "guest.full.body": _("Please try again later."),
    "err.unexpected": _("Something went wrong"),
    "err.unexpected.body": _("Please try again. If it happens again, give this reference: {ref}."),
    "start.failed": _("We could not start the call"),
    "start.failed.body": _("Please try again."),
    "start.capacity": _("All our lines are busy"),
    "start.capacity.body": _("Please try again in a minute, or ask for a callback."),
    "reference": _("Reference"),
    "summary.date": _("Ended"),
    "summary.length": _("Length"),
    "summary.with": _("With"),
    "summary.privacy": _("Sound and picture were not stored by this page."),
}

ACTIONS: dict[str, Promise] = {
    "action.start_video": _("Start video call"),
    "action.start_call": _("Start call"),
    "action.audio_only": _("Audio only"),
    "action.sound_only": _("Join with sound only"),
    "action.listen_only": _("Join to listen only"),
    "action.continue": _("Continue"),
    "action.back": _("Back"),
    "action.try_again": _("Try again"),
    "action.test_speaker": _("Play a test sound"),
    "action.cancel": _("Cancel"),
    "action.mute": _("Mute microphone"),
    "action.unmute": _("Turn on microphone"),
    "action.camera_off": _("Turn off camera"),
    "action.camera_on": _("Turn on camera"),
    "action.devices": _("Devices"),
    "action.leave_queue": _("Leave queue"),
    "action.end_call": _("End call"),
    "action.leave": _("Leave"),
    "action.stay": _("Stay"),
    "action.done": _("Done"),
    "action.rejoin": _("Go back to the call"),
    "action.call_again": _("Call again"),
    "action.start_again": _("Start again"),
    "action.new_call": _("Start a new call"),
    "action.what_happened": _("What happened?"),
}

HELP: dict[str, Promise] = {
    "help.title": _("What happened to your call?"),
    "help.again": _("Call again"),
    "help.timeline": _("What happened, step by step"),
    "help.verdict.running": _("Your call is still going on."),
    "help.verdict.ended": _("The call is over. Why it ended will be here in a moment."),
    "help.verdict.agent_ended": _("The call ended normally: the agent hung up."),
    "help.verdict.customer_left": _("The call ended normally: you hung up."),
    "help.verdict.abandoned": _("You left before anyone could answer."),
    "help.verdict.no_agent": _("No one was free to take your call."),
    "help.verdict.duplicate": _("You joined the call on another device."),
    "help.verdict.removed": _("You were removed from the call."),
    "help.verdict.capacity": _("The call was full."),
    "help.verdict.connection_lost": _(
        "The connection between your device and the call was lost, "
        "and did not come back within a minute."
    ),
    "help.verdict.service_error": _("Something failed on our side. Nothing you did caused it."),
    "help.verdict.expired": _("The call was no longer there when you came back."),
    "help.verdict.unknown": _("The call ended, and we were not told why."),
    "help.verdict.failed": _(
        "The call could not be started: something failed on our side. Nothing you did caused it."
    ),
    "help.verdict.failed.busy": _("The call could not be started: all our lines were busy."),
    "help.event.REQUESTED": _("You asked for the call"),
    "help.event.STARTED": _("The contact centre accepted the call"),
    "help.event.START_FAILED": _("The call could not be started"),
    "help.event.END_REQUESTED": _("You ended the call"),
    "help.event.STOPPED": _("The contact centre was told to end the call"),
    "help.event.REJOINED": _("You came back to the call"),
    "help.event.QUEUED": _("You were put in the queue"),
    "help.event.CONNECTED_TO_AGENT": _("An agent answered"),
    "help.event.DISCONNECTED": _("The call ended"),
    "help.event.COMPLETED": _("The call was closed"),
}

MESSAGES: Mapping[str, Promise] = {
    **ENTRY,
    **DETAILS,
    **DEVICES,
    **WAITING,
    **IN_THE_CALL,
    **THE_END,
    **ACTIONS,
    **HELP,
}

# What the call page's script may have to say after it was served.
SPOKEN_BY_SCRIPT = {**ENTRY, **DETAILS, **DEVICES, **WAITING, **IN_THE_CALL, **THE_END, **ACTIONS}


def texts_for_script() -> dict[str, str]:
    """Return the sentences the call page's script needs, in the active language, by id."""
    return {message_id: str(text) for message_id, text in SPOKEN_BY_SCRIPT.items()}


def texts_for_template() -> dict[str, Promise]:
    """Return every sentence by its id with `_` for `.`, as templates can spell it."""
    return {message_id.replace(".", "_"): text for message_id, text in MESSAGES.items()}
