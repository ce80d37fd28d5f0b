"""Identity keys: what a company signs its customers' identities with, and which signed identities were used up."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import IdentityAlgorithm
from contacts.models.entry_points import EntryPoint
from contacts.sealing import seal

SECRET_BYTES = 48


class IdentityKey(models.Model):
    """One key of an entry point. Several may be valid at once, so that one can replace another."""

    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="identity_keys",
        verbose_name=_("entry point"),
    )
    key_id = models.SlugField(
        _("key id"), max_length=64, help_text=_("The header `kid` of the tokens it signs.")
    )
    algorithm = models.CharField(
        _("algorithm"),
        max_length=5,
        choices=IdentityAlgorithm,
        default=IdentityAlgorithm.HS256,
        help_text=_("HS256: we make a secret both sides hold. ES256: you keep the private key."),
    )
    sealed_secret = models.TextField(blank=True, editable=False)  # of HS256
    public_key = models.TextField(
        _("public key"), max_length=2000, blank=True, help_text=_("Of ES256: a P-256 key as PEM.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    made_secret = ""  # on the instance that made it only, to be shown once

    class Meta:
        verbose_name = _("identity key")
        verbose_name_plural = _("identity keys")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry_point", "key_id"], name="identity_key_once_per_entry_point"
            ),
            models.CheckConstraint(
                condition=(
                    Q(algorithm=IdentityAlgorithm.HS256, public_key="") & ~Q(sealed_secret="")
                )
                | (Q(algorithm=IdentityAlgorithm.ES256, sealed_secret="") & ~Q(public_key="")),
                name="identity_key_fits_its_algorithm",
            ),
        ]

    def __str__(self) -> str:
        return self.key_id

    def make_secret(self) -> None:
        """Give it a fresh secret."""
        self.made_secret = secrets.token_urlsafe(SECRET_BYTES)
        self.sealed_secret = seal(self.made_secret)


class SpentIdentity(models.Model):
    """A signed identity that started a call: it starts no other one."""

    key = models.ForeignKey(IdentityKey, on_delete=models.CASCADE, related_name="spent")
    token_id_hash = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("spent identity")
        verbose_name_plural = _("spent identities")
        constraints = [
            models.UniqueConstraint(fields=["key", "token_id_hash"], name="identity_spent_once"),
        ]

    def __str__(self) -> str:
        return self.token_id_hash[:8]
