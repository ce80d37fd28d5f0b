"""Partners and their keys in Django admin. A key is made here, and shown once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from contacts.admin.audit_log import Audited
from contacts.choices import Scope
from contacts.models import Partner
from partners.models import ApiKey


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Scopes are ticked."""

    scopes = forms.MultipleChoiceField(
        label=_("scopes"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )


@admin.register(Partner)
class PartnerAdmin(Audited, admin.ModelAdmin[Partner]):
    """Companies whose programs use the API."""

    list_display = ("name", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "is_active", "entry_points")
    filter_horizontal = ("entry_points",)


@admin.register(ApiKey)
class ApiKeyAdmin(Audited, admin.ModelAdmin[ApiKey]):
    """What partners' programs are let in by. To replace a key, make another, and make this one inactive later."""

    form = ApiKeyForm
    list_display = ("prefix", "partner", "name", "mode", "is_active", "expires_at", "last_used_at")
    list_filter = ("is_active", "mode", "partner")
    search_fields = ("prefix", "name", "partner__name")
    fields = (
        "partner",
        "name",
        "mode",
        "scopes",
        "allowed_networks",
        "expires_at",
        "is_active",
        "prefix",
        "last_used_at",
        "created_at",
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> tuple[str, ...]:
        """Whose it is and what it reaches, once it is there."""
        always = ("prefix", "last_used_at", "created_at")
        return always if obj is None else ("partner", "mode", *always)

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm[ApiKey], change: bool
    ) -> None:
        """Store it, with a fresh key if it is new."""
        if not change:
            obj.make_key()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key in this answer and never again: a message would lie in a cookie or a session."""
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("API key made"),
            "api_key": obj,
        }
        response = TemplateResponse(request, "admin/api_key_made.html", context)
        response["Cache-Control"] = "no-store"
        return response
