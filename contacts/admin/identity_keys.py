"""Identity keys in Django admin. The secret of a key is made here, shown once, and sealed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from contacts.admin.audit_log import Audited
from contacts.admin.scope import EntryPointFilter, Scoped
from contacts.choices import IdentityAlgorithm
from contacts.models import IdentityKey


class IdentityKeyForm(forms.ModelForm[IdentityKey]):
    """A public key where the company keeps the private one; nothing where we make a secret for both."""

    def clean(self) -> dict[str, Any] | None:
        """Hold the public key against the algorithm."""
        cleaned = super().clean() or {}
        pem = (cleaned.get("public_key") or "").strip()
        wants_key = cleaned.get("algorithm", self.instance.algorithm) == IdentityAlgorithm.ES256
        if wants_key and not _is_p256(pem):
            self.add_error(
                "public_key",
                ValidationError(
                    _(
                        "Paste the public half of a P-256 key: -----BEGIN PUBLIC KEY----- and so on."
                    )
                ),
            )
        if not wants_key and pem:
            self.add_error(
                "public_key", ValidationError(_("HS256 has no public key: leave this empty."))
            )
        return cleaned


def _is_p256(pem: str) -> bool:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


@admin.register(IdentityKey)
class IdentityKeyAdmin(Audited, Scoped, admin.ModelAdmin[IdentityKey]):
    """What companies sign their customers' identities with. A key is never changed, only retired."""

    form = IdentityKeyForm
    list_display = ("key_id", "entry_point", "algorithm", "is_active", "created_at")
    list_filter = ("is_active", EntryPointFilter)
    fields = ("entry_point", "key_id", "algorithm", "public_key", "is_active")

    def get_readonly_fields(
        self, request: HttpRequest, obj: IdentityKey | None = None
    ) -> tuple[str, ...]:
        """Everything but whether it is active, once it is there."""
        return () if obj is None else ("entry_point", "key_id", "algorithm", "public_key")

    def save_model(
        self,
        request: HttpRequest,
        obj: IdentityKey,
        form: forms.ModelForm[IdentityKey],
        change: bool,
    ) -> None:
        """Store it, with a fresh secret where both sides hold one."""
        if not change and obj.algorithm == IdentityAlgorithm.HS256:
            obj.make_secret()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: IdentityKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show a fresh secret in this answer and never again: a message would lie in a cookie or a session."""
        if not obj.made_secret:
            return super().response_add(request, obj, post_url_continue)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Identity key made"),
            "identity_key": obj,
        }
        response = TemplateResponse(request, "admin/identity_key_made.html", context)
        response["Cache-Control"] = "no-store"
        return response
