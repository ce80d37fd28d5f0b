"""Dead letters in Django admin."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import staff_of
from contacts.audit import note_deed
from contacts.choices import AuditAction
from contacts.models import DeadLetter

logger = logging.getLogger(__name__)


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnly, admin.ModelAdmin[DeadLetter]):
    """What was refused as a contact event, and why. What it says is shown to nobody, as nobody knows what it holds."""

    list_display = ("last_received_at", "reason", "route", "times", "size", "redriven_at")
    list_filter = ("route", "last_received_at")
    search_fields = ("reason",)
    actions = ("redrive",)
    fields = (
        "reason",
        ("route", "size", "times"),
        ("first_received_at", "last_received_at", "redriven_at"),
    )

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether the member of staff may give them up."""
        return request.user.has_perm("contacts.delete_deadletter")

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may have them taken in again."""
        return request.user.has_perm("contacts.redrive_deadletter")

    @admin.action(description=_("Redrive"), permissions=["redrive"])
    def redrive(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        """Take the chosen in again, and tell how many can still not be."""
        taken = refused = 0
        for letter in queryset.order_by("first_received_at"):
            note_deed(
                by=staff_of(request), action=AuditAction.REDROVE, of=letter, at=timezone.now()
            )
            if self._is_taken(letter):
                taken += 1
            else:
                refused += 1
        if taken:
            text = ngettext("%(count)d event taken in.", "%(count)d events taken in.", taken)
            self.message_user(request, text % {"count": taken}, messages.SUCCESS)
        if refused:
            text = ngettext(
                "%(count)d letter is still refused.",
                "%(count)d letters are still refused.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, messages.ERROR)

    def _is_taken(self, letter: DeadLetter) -> bool:
        try:
            return operations.redrive_dead_letter(letter=letter, at=timezone.now())
        except DatabaseError:  # it can be read, and cannot be applied
            logger.warning("redrive_failed", exc_info=True)
            return False
