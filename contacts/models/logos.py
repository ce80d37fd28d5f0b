"""Logos: the picture an entry point shows in place of ours, in the database, as every process has to serve it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.logo_images import LogoImage
from contacts.models.entry_points import EntryPoint

DIGEST_CHARACTERS = 16


class LogoQuerySet(models.QuerySet["Logo"]):
    """How a logo is put in its place."""

    def put(self, entry_point: EntryPoint, image: LogoImage, *, at: datetime) -> Logo:
        """Have the entry point show this picture from now on."""
        logo, _created = self.update_or_create(
            entry_point=entry_point,
            defaults={
                "digest": hashlib.sha256(image.png).hexdigest()[:DIGEST_CHARACTERS],
                "png": image.png,
                "width": image.width,
                "height": image.height,
                "put_at": at,
            },
        )
        return logo


class Logo(models.Model):
    """The picture of one entry point; a PNG that was drawn here."""

    entry_point = models.OneToOneField(
        EntryPoint,
        on_delete=models.CASCADE,
        related_name="logo",
        verbose_name=_("entry point"),
        primary_key=True,
    )
    digest = models.CharField(max_length=DIGEST_CHARACTERS, editable=False)
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField(_("width"), help_text=_("In pixels."))
    height = models.PositiveSmallIntegerField(_("height"), help_text=_("In pixels."))
    put_at = models.DateTimeField(_("put at"))

    objects = LogoQuerySet.as_manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return self.digest
