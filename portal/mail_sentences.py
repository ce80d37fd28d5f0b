"""What the mails say that customers asked for. See `portal.messages`."""

from __future__ import annotations

from portal.counted import sentence as _

MAILS: dict[str, str] = {
    "mail.reminder.subject": _("Video calls with {company} are open"),
    "mail.reminder.body": _("You can talk to us by video now:"),
    "mail.reminder.once": _("You asked for this one mail. We have deleted your address."),
}
