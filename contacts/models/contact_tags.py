"""Tags: the words by which staff, and partners on their own, sort contacts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contacts import Contact

TAG_MAX_CHARACTERS = 40


class ContactTag(models.Model):
    """One word of one contact, in lower case."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="tags", verbose_name=_("contact")
    )
    # A partner sees and changes its own alone; staff see both, and change theirs.
    by_partner = models.BooleanField(_("partner's"), default=False, db_default=False)
    text = models.CharField(_("tag"), max_length=TAG_MAX_CHARACTERS)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["text"]
        indexes = [models.Index(fields=["text", "contact"], name="tag_contacts")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "text", "by_partner"], name="tag_once_in_contact_by_each"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="tag_has_text"),
        ]

    def __str__(self) -> str:
        return self.text
