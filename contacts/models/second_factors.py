"""Second factors of staff: what an authenticator app shares with the portal, and codes for when the app is lost.

The shared secret is sealed, of recovery codes only the SHA-256 is stored. Both are used up by a conditional UPDATE or DELETE.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SecondFactor(models.Model):
    """The authenticator app of one member of staff; it is there once they confirmed it with a code."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="second_factor",
        verbose_name=_("member of staff"),
    )
    sealed_secret = models.TextField(editable=False)
    # The number of the half-minute whose code was used last: neither it nor an earlier one is taken again.
    last_step = models.BigIntegerField(default=0, editable=False)
    wrong_tries = models.PositiveIntegerField(_("wrong codes in a row"), default=0, editable=False)
    tried_at = models.DateTimeField(_("last tried at"), null=True, editable=False)
    created_at = models.DateTimeField(_("switched on at"), editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        ordering = ["user__username"]

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A code that stands in for the app once. Using it deletes it."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "code_hash"], name="recovery_code_once_per_factor"
            ),
        ]

    def __str__(self) -> str:
        return self.code_hash[:8]
