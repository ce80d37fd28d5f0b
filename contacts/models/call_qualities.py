"""Call qualities: how good a call was, as Amazon Connect scored both sides and as browsers measured theirs.

None of it says who anybody was: it stays, to be counted, when personal data is erased.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import SpellCause, SpellKind
from contacts.models.contacts import Contact
from contacts.models.invitations import Invitation

SCORES = (1, 5)  # what Amazon Connect scores within


class CallQuality(models.Model):
    """One call's. Scores are empty until Amazon Connect has told them; not every call gets them."""

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, related_name="quality", verbose_name=_("contact")
    )
    customer_score = models.DecimalField(
        _("customer's score"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    customer_issues = models.JSONField(_("customer's issues"), default=list, blank=True)
    agent_score = models.DecimalField(
        _("agent's score"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    agent_issues = models.JSONField(_("agent's issues"), default=list, blank=True)
    disconnect_issue = models.CharField(_("issue at the end"), max_length=64, blank=True)
    # From the customer's click until their browser had the call's media.
    setup_ms = models.PositiveIntegerField(_("set-up time, ms"), null=True, blank=True)
    reported_at = models.DateTimeField(_("first reported by a browser"), null=True, blank=True)
    degraded_at = models.DateTimeField(_("last told as degraded"), null=True, blank=True)

    class Meta:
        verbose_name = _("call quality")
        verbose_name_plural = _("call qualities")
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{side}_score__isnull": True})
                | Q(**{f"{side}_score__gte": SCORES[0], f"{side}_score__lte": SCORES[1]}),
                name=f"quality_{side}_score_in_range",
            )
            for side in ("customer", "agent")
        ]

    def __str__(self) -> str:
        return str(self.contact_id)


class QualitySpell(models.Model):
    """Something that lasted in one browser: a bad network, or what its person had switched on or off."""

    quality = models.ForeignKey(
        CallQuality, on_delete=models.CASCADE, related_name="spells", verbose_name=_("quality")
    )
    # Whose browser: a guest's; of none it is the customer's.
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quality_spells",
        verbose_name=_("invitation"),
    )
    # The page that measured it, and which of its spells it is: told again, it is the same.
    page = models.UUIDField(editable=False)
    number = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=SpellKind)
    cause = models.CharField(_("cause"), max_length=16, choices=SpellCause, blank=True)
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(
        _("ended at"), null=True, blank=True, help_text=_("Empty: not told to have ended.")
    )
    degraded = models.BooleanField(_("told as degraded"), default=False)

    class Meta:
        verbose_name = _("quality spell")
        verbose_name_plural = _("quality spells")
        ordering = ["began_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["quality", "page", "number"], name="quality_spell_once_told"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SpellKind.values), name="quality_spell_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["", *SpellCause.values]), name="quality_spell_cause_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="quality_spell_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.began_at:%H:%M:%S}"
