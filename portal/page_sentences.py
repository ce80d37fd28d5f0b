"""What the pages around the call say, of a call that was and of themselves: a part of the catalogue in portal.messages."""

from __future__ import annotations

from portal.counted import Counted
from portal.counted import sentence as _

# Of every report that is passed on to support, on the page about a call and in a call page's dialog.
REPORT: dict[str, str | Counted] = {
    "help.report.copied": _("Copied."),
    "help.report.details": _("Show the report"),
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
    "help.event.QUALITY_DEGRADED": _("The network was poor for a while"),
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
