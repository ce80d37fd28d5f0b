"""The figures of the admin's first page, for its template."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from contacts.admin.contact_columns import in_minutes
from contacts.admin.figures import figures_for

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
