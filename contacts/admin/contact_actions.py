"""What staff may do to contacts: end them, take invitations back, erase who the customer was. Each deed is in the audit log.

Ending and erasing ask again first: for one call with a button, for several with a word to type.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import operations
from contacts.admin.scope import staff_of
from contacts.audit import note_deed
from contacts.choices import AuditAction, EndedBy
from contacts.errors import ConnectError
from contacts.models import Contact, Invitation

ENDED_AT_ONCE = (
    5  # calls that one request may have Amazon Connect end; more are left to the worker
)
LISTED = 20  # calls that are named when asking again


class ContactActions:
    """Actions of the list, which the contact's page offers too."""

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may erase personal data."""
        return staff_of(request).has_perm("contacts.erase_contact")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may end calls."""
        return staff_of(request).has_perm("contacts.end_contact")

    @admin.action(description=_("End call"), permissions=["end"])
    def end_calls(
        self, request: HttpRequest, queryset: QuerySet[Contact]
    ) -> TemplateResponse | None:
        """End the calls chosen that are not over, and tell which could not be."""
        chosen = list(queryset.select_related("entry_point").active())  # type: ignore[attr-defined]
        if chosen and not self._is_sure(request, chosen, word="END"):
            text = _("The customer and everybody else in the call are disconnected.")
            return self._ask_again(request, chosen, "end_calls", _("End call"), text, word="END")
        ended, later = 0, len(chosen) > ENDED_AT_ONCE
        for contact in chosen:
            self._note(request, AuditAction.ENDED, contact)
            try:
                operations.end_call(
                    contact=contact, by=EndedBy.STAFF, clock=timezone.now, later=later
                )
            except ConnectError as error:
                told = _("%(reference)s could not be ended: %(code)s")
                values = {"reference": contact.reference, "code": error.code}
                self._tell(request, told % values, messages.ERROR)
            else:
                ended += 1
        summary = ngettext(
            "%(count)d call ended or being ended.", "%(count)d calls ended or being ended.", ended
        )
        self._tell(request, summary % {"count": ended}, _level(ended))
        return None

    @admin.action(description=_("Revoke invitations"), permissions=["end"])
    def revoke_invitations(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """Take back all invitations of the calls chosen; guests who are in one of them are taken out."""
        revoked = 0
        held = Invitation.objects.holding_places().select_related("contact")
        for invitation in held.filter(contact__in=queryset.values("pk")):
            operations.revoke_invitation(invitation=invitation, clock=timezone.now, later=True)
            self._note(request, AuditAction.REVOKED, invitation.contact)
            revoked += 1
        summary = ngettext(
            "%(count)d invitation revoked.", "%(count)d invitations revoked.", revoked
        )
        self._tell(request, summary % {"count": revoked}, _level(revoked))

    @admin.action(description=_("Erase personal data"), permissions=["erase"])
    def erase_data(
        self, request: HttpRequest, queryset: QuerySet[Contact]
    ) -> TemplateResponse | None:
        """Erase what says who the customers were; of calls under way, as soon as they are over."""
        chosen = list(queryset)
        if chosen and not self._is_sure(request, chosen, word="ERASE"):
            text = _("Names, attributes, references, comments and notes are gone for good.")
            title = _("Erase personal data")
            return self._ask_again(request, chosen, "erase_data", title, text, word="ERASE")
        erased = later = 0
        for contact in chosen:
            self._note(request, AuditAction.ERASED, contact)
            if operations.erase_contact(contact=contact, at=timezone.now()):
                erased += 1
            else:
                later += 1
        told = _("Erased: %(erased)d. To be erased once the call is over: %(later)d.")
        self._tell(request, told % {"erased": erased, "later": later}, messages.SUCCESS)
        return None

    def _is_sure(self, request: HttpRequest, chosen: list[Contact], *, word: str) -> bool:
        """Whether they were asked and said yes; of several calls, by typing the word."""
        typed = request.POST.get("sure", "")
        if len(chosen) == 1:
            return typed != ""
        if typed and typed.strip() != word:
            self._tell(request, _("Nothing was done: type %s to go on.") % word, messages.WARNING)
        return typed.strip() == word

    def _ask_again(
        self,
        request: HttpRequest,
        chosen: list[Contact],
        action: str,
        title: str | Promise,
        text: str | Promise,
        *,
        word: str,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": title,
            "text": text,
            "action": action,
            "word": word if len(chosen) > 1 else "",
            "chosen": chosen,
            "listed": chosen[:LISTED],
            "more": max(0, len(chosen) - LISTED),
            "opts": Contact._meta,
        }
        return TemplateResponse(request, "admin/contacts/contact/ask_again.html", context)

    def _note(self, request: HttpRequest, action: AuditAction, contact: Contact) -> None:
        note_deed(by=staff_of(request), action=action, of=contact, at=timezone.now())

    def _tell(self, request: HttpRequest, text: Any, level: int) -> None:
        messages.add_message(request, level, text)


def _level(done: int) -> int:
    return messages.SUCCESS if done else messages.INFO
