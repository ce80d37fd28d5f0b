"""The catalogue of everything the customer reads: a stable id for each sentence, and its English text.

Ids are a contract (`data-msg` on the element that shows the sentence), and the context under which a translation of the
text is kept in `locale/`. A gap such as `{company}` is filled where the sentence is shown. Knows no page, no request
and no contact.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, npgettext, pgettext_lazy

from portal.call_sentences import DEVICES, IN_THE_CALL, WAITING
from portal.counted import Counted, counts_of
from portal.counted import sentence as _

ENTRY: dict[str, str | Counted] = {
    "entry.ready.nowait": _("Talk to us by video"),
    "entry.ready.nowait.body": _("You can join with or without a camera."),
    "entry.ready": _("Talk to us by video"),
    "entry.ready.body": Counted(
        _("Usually answered in about {n} minute. You can join with or without a camera."),
        _("Usually answered in about {n} minutes. You can join with or without a camera."),
    ),
    "entry.busy": _("We are busy right now"),
    "entry.busy.body": Counted(
        _("The wait is about {n} minute."), _("The wait is about {n} minutes.")
    ),
    "entry.closing": _("We close at {time}"),
    "entry.closing.body": _("Calls that start before {time} will be answered."),
    "entry.closed": _("We are closed right now"),
    "entry.closed.body": _("Video calls open {day} at {time} ({zone})."),
    "entry.closed.local": _("That is {day} at {time} where you are."),
    "entry.closed.later": _("Please come back when we are open."),
    "entry.holiday": _("We are closed today"),
    "entry.holiday.body": _("We open again {day} at {time}."),
    "entry.unavailable": _("No one can take a video call right now"),
    "entry.unavailable.body": _("Please try again in a few minutes, or leave your number."),
    "entry.offline": _("You are offline"),
    "entry.offline.body": _("Connect to the internet and we will continue."),
    "entry.unsupported": _("This browser cannot make video calls"),
    "entry.unsupported.body": _(
        "Open this page in Chrome, Edge, Firefox or Safari, and update it if you can."
    ),
    "entry.inapp": _("Open this page in your browser"),
    "entry.inapp.body": _("The app you are using does not let web pages use your microphone."),
    "entry.address": _("Address of this page"),
    "entry.insecure": _("This page is not secure"),
    "entry.insecure.body": _("Calls need a page that starts with https://."),
    "entry.rate": _("Too many tries"),
    "entry.rate.body": Counted(
        _("Please wait {n} second and try again."), _("Please wait {n} seconds and try again.")
    ),
    "embed.blocked": _("This page does not allow calls inside it"),
    "embed.blocked.body": _("We can open the call in a new tab."),
    "embed.origin": _("This button is not set up for this website"),
    "embed.origin.body": _("If this is your site, add {origin} to the allowed websites."),
    "embed.button": _("Video call us"),
    "embed.title": _("Video call with {company}"),
    "embed.minimise": _("Make the call small"),
    "embed.restore": _("Make the call large"),
    "embed.close": _("Close"),
    "join.title": _("Your video call"),
    "join.body": _("Have your camera and microphone ready. The call opens on this device only."),
    "join.open": _("Open the call"),
    "join.gone": _("This link no longer works"),
    "join.gone.body": _("It works once, and for ten minutes. Ask for a new one."),
    "home.title": _("Video calls"),
    "home.body": _("Choose whom you want to talk to."),
    "home.call": _("Video call us"),
    "home.none": _("There is no one to call yet."),
    "page.loading": _("One moment…"),
    "page.noscript": _("Video calls need JavaScript. Turn it on for this page and load it again."),
    "title.call": _("Video call – {company}"),  # noqa: RUF001
    "title.queued.place": _("({n}) In the queue – {company}"),  # noqa: RUF001
    "title.queued": _("In the queue – {company}"),  # noqa: RUF001
    "title.connected": _("● Connected – {company}"),  # noqa: RUF001
}

CALLBACK: dict[str, str | Counted] = {
    "callback.form": _("Ask us to call you back"),
    "callback.phone": _("Your phone number, with the country code"),
    "callback.phone.wrong": _("Enter your number with + and the country code."),
    "callback.when": _("Best time (optional)"),
    "callback.when.wrong": _("Choose a time within the next 60 days."),
    "callback.reason": _("What is it about? (optional)"),
    "callback.reason.wrong": _("Make this shorter."),
    "callback.soon": _("as soon as we can"),
    "callback.done": _("Thank you"),
    "callback.done.body": _("We will call {number} {when}. Reference {ref}."),
    "callback.cancelled": _("Your request was cancelled"),
    "callback.failed": _("That did not work. Please try again."),
}

DETAILS: dict[str, str | Counted] = {
    "details.title": _("Before we start"),
    "details.name": _("Your name"),
    "details.name_optional": _("Your name (optional)"),
    "details.name.missing": _("Enter your name."),
    "details.description": _("What is this about? (optional)"),
    "details.optional": _("{label} (optional)"),
    "details.choose": _("Choose…"),
    "details.answer.missing": _("Please answer this."),
    "details.answer.long": _("Make this shorter."),
    "details.answer.wrong": _("Please change this."),
    "details.recording": _("This call may be recorded by {company}."),
    "details.consent.agree": _("I understand"),
    "details.consent.missing": _("Tick the box to continue."),
    "details.consent.changed": _("This text has changed. Reload the page and read it again."),
    "details.consent": _(
        "Your camera and microphone are used only during the call. "
        "Sound and picture are not stored by this page."
    ),
}

THE_END: dict[str, str | Counted] = {
    "end.agent": _("The call has ended"),
    "end.agent.body": _("Thank you for calling {company}."),
    "end.self": _("You left the call"),
    "end.abandon": _("You left the queue"),
    "end.noagent": _("Sorry, no one was free"),
    "end.lost": _("The connection was lost"),
    "end.lost.body": _("We could not get you back in time."),
    "end.dup": _("You joined on another device"),
    "end.dup.body": _("This window has left the call."),
    "handover.title": _("Continue on your phone"),
    "handover.body": _(
        "Point your phone's camera at this code and open the link. The call then goes on there, and leaves this window."
    ),
    "handover.code": _("Code with the link to your call"),
    "handover.left": _("It works once. Time left: {s} s. Show it to nobody else."),
    "handover.expired": _("This code has expired."),
    "handover.fail": _("The code could not be made. Try again."),
    "handover.went": _("The call is now on your phone. This window has left it."),
    "handover.here": _("Continue your call here"),
    "handover.here.body": _("The device you started on then leaves the call."),
    "handover.gone": _("This code no longer works"),
    "handover.gone.body": _(
        "It works once and for two minutes. Make a new one on the device with the call."
    ),
    "end.removed": _("You were removed from the call"),
    "end.service": _("Something went wrong on our side"),
    "end.service.body": _("Please call again. Reference {ref}."),
    "end.expired": _("This call page has expired"),
    "guest.full": _("This call is full"),
    "guest.full.body": _("Ask {name} to remove someone, then try again."),
    "guest.gone": _("This invitation no longer works"),
    "guest.gone.body": _("Ask for a new link."),
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
    "survey.title": _("How was your call?"),
    "survey.rating.1": _("Very bad"),
    "survey.rating.2": _("Bad"),
    "survey.rating.3": _("All right"),
    "survey.rating.4": _("Good"),
    "survey.rating.5": _("Very good"),
    "survey.problem": _("What went wrong?"),
    "survey.problem.no_sound": _("No sound"),
    "survey.problem.bad_picture": _("Bad picture"),
    "survey.problem.dropped": _("The call dropped"),
    "survey.problem.long_wait": _("Long wait"),
    "survey.problem.other": _("Other"),
    "survey.comment": _("Anything to add? (optional)"),
    "survey.thanks": _("Thank you."),
    "survey.error": _("Your answer was not sent. Try again."),
    "receipt.title": _("Your privacy"),
    "receipt.used": _("In this call you used {devices}."),
    "receipt.used.none": _("Neither your camera nor your microphone was used."),
    "receipt.used.microphone": _("your microphone"),
    "receipt.used.camera": _("your camera"),
    "receipt.used.screen": _("your screen"),
    "receipt.kept": _(
        "Your name and what you wrote are kept until {date}. After that only when the call was and how it was rated "
        "is left, and nobody can tell whose call it was."
    ),
    "receipt.delete.ask": _(
        "Delete your name and what you wrote now? Afterwards you can no longer ask what happened in this call."
    ),
    "receipt.deleting": _("Deleting…"),
    "receipt.deleted": _("Deleted. Nobody can tell any more whose call it was."),
    "receipt.deleted.later": _("It will be deleted as soon as the call is closed."),
    "receipt.failed": _("That did not work. Please try again."),
    "summary.privacy": _("Sound and picture were not stored by this page."),
}

ACTIONS: dict[str, str | Counted] = {
    "action.start_video": _("Start video call"),
    "action.start_call": _("Start call"),
    "action.join": _("Join the call"),
    "action.wait_for_call": _("Wait for a video call"),
    "action.callback": _("Ask us to call you back"),
    "action.send_request": _("Send request"),
    "action.cancel_request": _("Cancel this request"),
    "action.open_secure": _("Open secure page"),
    "action.new_tab": _("Open in a new tab"),
    "action.audio_only": _("Audio only"),
    "action.sound_only": _("Join with sound only"),
    "action.listen_only": _("Join to listen only"),
    "action.without_camera": _("Continue without camera"),
    "action.yes": _("Yes"),
    "action.no": _("No"),
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
    "action.change": _("Change"),
    "action.more": _("More"),
    "action.stop_video": _("Turn off video"),
    "action.keep_video": _("Keep"),
    "action.keypad": _("Keypad"),
    "action.send": _("Send"),
    "action.skip": _("Skip"),
    "action.delete_digit": _("Delete"),
    "action.invite": _("Invite"),
    "action.copy_link": _("Copy link"),
    "action.share_link": _("Share"),
    "action.cancel_link": _("Cancel this link"),
    "action.new_link": _("Make a link"),
    "action.remove_guest": _("Remove"),
    "action.people": _("People"),
    "action.close": _("Close"),
    "action.flip": _("Flip camera"),
    "action.share": _("Share screen"),
    "action.stop_share": _("Stop sharing"),
    "action.not_now": _("Not now"),
    "action.layout": _("Side by side"),
    "action.pip": _("Small window"),
    "action.fullscreen": _("Full screen"),
    "action.blur": _("Blur background"),
    "action.noise": _("Reduce noise"),
    "action.turn_on": _("Turn on"),
    "action.chat": _("Chat"),
    "action.shortcuts": _("Shortcuts"),
    "action.report": _("Report a problem"),
    "action.use_this_device": _("Use this device instead"),
    "action.leave_queue": _("Leave queue"),
    "action.end_call": _("End call"),
    "action.leave": _("Leave"),
    "action.stay": _("Stay"),
    "action.done": _("Done"),
    "action.rejoin": _("Go back to the call"),
    "action.call_again": _("Call again"),
    "action.start_again": _("Start again"),
    "action.new_call": _("Start a new call"),
    "action.delete_now": _("Delete now"),
    "action.delete": _("Delete"),
    "action.keep": _("Keep"),
    "action.handover": _("Continue on your phone"),
    "action.new_code": _("Make a new code"),
    "action.continue_here": _("Continue here"),
    "action.what_happened": _("What happened?"),
}

HELP: dict[str, str | Counted] = {
    "help.title": _("What happened to your call?"),
    "help.again": _("Call again"),
    "help.timeline": _("What happened, step by step"),
    "help.advice": _("What you can do"),
    "help.advice.running": _("Go back to the window with the call, or open the call page again."),
    "help.advice.abandoned": _("Call again, or ask to be called back: then you need not wait."),
    "help.advice.no_agent": _("Try again later, or ask to be called back."),
    "help.advice.duplicate": _("Go on in the other window or on the other device."),
    "help.advice.capacity": _("Ask somebody in the call to make room, then try again."),
    "help.advice.connection_lost": _(
        "Move closer to your Wi-Fi or use a cable, and turn a VPN off. Then call again; without your camera the call "
        "needs far less of your connection."
    ),
    "help.advice.service_error": _(
        "Call again. If it happens once more, send the report below to the company you called."
    ),
    "help.advice.expired": _("Start a new call."),
    "help.advice.unknown": _(
        "If the call ended too early, call again. If it happens once more, send the report below to the company you called."
    ),
    "help.advice.failed": _(
        "Try again in a few minutes. If it happens once more, send the report below to the company you called."
    ),
    "help.advice.failed.busy": _("Try again in a minute, or ask to be called back."),
    "help.report": _("For support"),
    "help.report.body": _(
        "This report tells support what happened. Your name and what you wrote are not in it."
    ),
    "help.report.copied": _("Copied."),
    "help.report.details": _("Show the report"),
    "action.copy_report": _("Copy for support"),
    "action.save_report_text": _("Save as text"),
    "action.save_report_json": _("Save as JSON"),
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
    "help.event.HANDED_OVER": _("You went on with another device"),
    "help.event.DIGITS_SENT": _("You pressed keys"),
    "help.event.INVITED": _("You made an invitation"),
    "help.event.INVITATION_ACCEPTED": _("Somebody accepted an invitation"),
    "help.event.INVITATION_REVOKED": _("You took an invitation back"),
    "help.event.GUEST_ADMITTED": _("A guest was let into the call"),
    "help.event.GUEST_REFUSED": _("A guest could not be let into the call"),
    "help.event.GUEST_LEFT": _("A guest left the call"),
    "help.event.ERASED": _("What said who you are was erased"),
    "help.event.GIVEN_UP": _("The contact centre told nothing more of the call"),
    "help.event.JOINED_BY_LINK": _("You opened the link to the call"),
    "help.event.SURVEY_SUBMITTED": _("You said how the call was"),
    "help.event.QUEUED": _("You were put in the queue"),
    "help.event.CONNECTED_TO_AGENT": _("An agent answered"),
    "help.event.DISCONNECTED": _("The call ended"),
    "help.event.COMPLETED": _("The call was closed"),
}

PAGES: dict[str, str | Counted] = {
    "page.not_found": _("We cannot find this page"),
    "page.not_found.body": _("The link may be old, or it belongs to someone else's call."),
    "page.error": _("Something went wrong on our side"),
    "page.error.body": _("Please try again in a moment."),
    "page.home": _("Go to the first page"),
    "page.languages": _("Language"),
}

# What the call page's script may have to say after it was served.
SPOKEN_BY_SCRIPT: Mapping[str, str | Counted] = {
    **ENTRY,
    **CALLBACK,
    **DETAILS,
    **DEVICES,
    **WAITING,
    **IN_THE_CALL,
    **THE_END,
    **ACTIONS,
}

ENGLISH: Mapping[str, str | Counted] = {**SPOKEN_BY_SCRIPT, **HELP, **PAGES}

# Each in the language of whoever reads it, but for those that depend on a number.
MESSAGES: Mapping[str, Promise] = {
    message_id: pgettext_lazy(message_id, text)
    for message_id, text in ENGLISH.items()
    if isinstance(text, str)
}


def texts_for_script() -> dict[str, str | dict[str, str]]:
    """Return the sentences the call page's script needs, in the active language, by id.

    One that depends on a number is an object of its forms, by the names of `Intl.PluralRules`.
    """
    return {message_id: text_of(message_id) for message_id in SPOKEN_BY_SCRIPT}


def text_of(message_id: str) -> str | dict[str, str]:
    """Return a sentence in the active language: its text, or its forms by their names."""
    text = ENGLISH[message_id]
    if isinstance(text, str):
        return str(MESSAGES[message_id])
    return {
        form: npgettext(message_id, text.one, text.other, count)
        for form, count in counts_of(get_language() or "en").items()
    }


def texts_for_template() -> dict[str, Promise]:
    """Return every sentence by its id with `_` for `.`, as templates can spell it."""
    return {message_id.replace(".", "_"): text for message_id, text in MESSAGES.items()}
