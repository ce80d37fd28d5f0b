"""How the page of a contact shows what is said of its customer: what the company vouches for apart from what nobody does."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.admin.contact_columns import NOTHING
from contacts.models import Contact
from contacts.operations import UNSIGNED


class ContactAttributes:
    """The two kinds of attributes."""

    @admin.display(description=_("signed attributes"))
    def signed_attributes(self, contact: Contact) -> str:
        """Show what the company signed, or a partner's program said."""
        said = {k: v for k, v in contact.attributes.items() if not k.startswith(UNSIGNED)}
        return _listed("signed", _("Signed"), said)

    @admin.display(description=_("unsigned attributes"))
    def unsigned_attributes(self, contact: Contact) -> str:
        """Show what the page said, which anybody can have made it say."""
        said = {k: v for k, v in contact.attributes.items() if k.startswith(UNSIGNED)}
        return _listed("unsigned", _("Not verified"), said)


def _listed(kind: str, word: object, said: Mapping[str, str]) -> SafeString | str:
    if not said:
        return NOTHING
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", sorted(said.items()))
    return format_html(
        '<div class="said said-{}"><span class="chip">{}</span><dl>{}</dl></div>', kind, word, rows
    )
