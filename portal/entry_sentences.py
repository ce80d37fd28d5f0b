"""What the customer reads until the devices are checked: a part of the catalogue in portal.messages."""

from __future__ import annotations

from portal.counted import Counted
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
    "details.name.signed": _("From your account."),
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

REMINDER: dict[str, str | Counted] = {
    "reminder.form": _("Email me a reminder"),
    "reminder.promise": _("You get one mail when video calls open. Then we delete your address."),
    "reminder.email": _("Your email address"),
    "reminder.email.wrong": _("Enter an address such as ana@example.com."),
    "reminder.done": _("We will remind you"),
    "reminder.done.body": _("You get a mail on {time}."),
    "reminder.failed": _("That did not work. Please try again."),
}
