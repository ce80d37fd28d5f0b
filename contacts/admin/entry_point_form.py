"""The form of an entry point in Django admin: its fields, and its logo, which is a picture of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.choices import Feature
from contacts.logo_images import UPLOAD_MAX_BYTES, LogoImage, logo_from
from contacts.models import EntryPoint, Logo


class ShownLogo:
    """The logo there is, as a file input wants to know it."""

    def __init__(self, logo: Logo) -> None:
        self.url = reverse("logo", args=[logo.entry_point.slug, logo.digest])
        self.size = f"{logo.width} x {logo.height}"

    def __str__(self) -> str:
        return self.size


class EntryPointForm(forms.ModelForm[EntryPoint]):
    """All fields of an entry point, and an upload for its logo."""

    logo_upload = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_(
            "PNG, JPEG or WebP, at most %(most)d KiB; no SVG, which can hold scripts. It is shown 48 pixels high at most."
        )
        % {"most": UPLOAD_MAX_BYTES // 1024},
    )

    switched_off = forms.MultipleChoiceField(
        label=_("Switched off"),
        required=False,
        choices=Feature.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What its customers go without; what is not ticked is offered."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        logo = Logo.objects.filter(entry_point=self.instance.pk).first()
        if logo is not None and "logo_upload" in self.fields:
            self.fields["logo_upload"].initial = ShownLogo(logo)

    def clean_logo_upload(self) -> LogoImage | bool | None:
        """Draw what was uploaded; False when the logo is to go, None when it stays."""
        given = self.cleaned_data.get("logo_upload")
        if isinstance(given, UploadedFile):
            return logo_from(given.read(UPLOAD_MAX_BYTES + 1))
        return False if given is False else None

    def put_logo(self, *, at: datetime) -> None:
        """Do with the stored entry point's logo what the form says."""
        given = self.cleaned_data.get("logo_upload")
        if isinstance(given, LogoImage):
            Logo.objects.put(self.instance, given, at=at)
        elif given is False:
            Logo.objects.filter(entry_point=self.instance).delete()
