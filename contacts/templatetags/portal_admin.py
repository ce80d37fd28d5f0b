"""What the portal adds to the admin's pages: the figures of the first one, and the bar that says whether a page is live."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.admin.contact_columns import in_minutes
from contacts.admin.figures import figures_for
from contacts.choices import ContactState, EndReason
from contacts.snapshots import timestamp

register = template.Library()


@register.inclusion_tag("admin/dashboard.html", takes_context=True)
def dashboard(context: dict[str, Any]) -> dict[str, Any]:
    """Show the figures to who may see contacts."""
    user = context["request"].user
    if not user.has_perm("contacts.view_contact"):
        return {"figures": None}
    figures = figures_for(user, now=timezone.now())
    for length in ("longest_wait", "average_wait"):
        figures[length] = in_minutes(figures[length])
    return {"figures": figures}


@register.inclusion_tag("admin/live.html")
def live_bar(newest: str | None = None, about: str = "") -> dict[str, Any]:
    """Show whether the page follows what goes on.

    `newest` is when the newest call of a list began: of those that begin later it is told that they are there. `about`
    is the slug of the entry point that a list is narrowed to, or "everything" where any call matters.
    """
    words = {
        "states": {
            "live": _("Live"),
            "paused": _("Paused"),
            "reconnecting": _("Reconnecting"),
            "ended": _("Logged out"),
        },
        "hints": {
            "live": _("Press to keep the page as it is."),
            "paused": _("Press to follow what goes on again."),
            "reconnecting": _("The connection is lost; it is being made again."),
            "ended": _("Press to load the page again."),
        },
        "fresh": _("New contacts: %s – show"),  # noqa: RUF001 (as typeset)
        "held": _("On hold"),
        "contact_states": {value: str(label) for value, label in ContactState.choices},
        "end_reasons": {
            **{value: str(label) for value, label in EndReason.choices},
            # The socket does not tell whether it was an agent, staff or the partner.
            EndReason.AGENT_ENDED.value: _("Our side ended the call"),
        },
    }
    since = timestamp(timezone.now())
    return {"words": words, "since": since, "newest": newest or "", "about": about}


@register.inclusion_tag("admin/list_filter.html")
def list_filter(listed: ChangeList, spec: Any) -> dict[str, Any]:
    """Show what a list can be narrowed by, folded; the choice made is named."""
    choices = list(spec.choices(listed))
    chosen = next((one["display"] for one in choices[1:] if one["selected"]), None)
    return {"title": spec.title, "choices": choices, "chosen": chosen}
