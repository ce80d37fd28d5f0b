"""What the customer reads when a call is over, went elsewhere or could not start: a part of the catalogue in portal.messages."""

from __future__ import annotations

from portal.counted import Counted
from portal.counted import sentence as _

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
