"""Entry points in Django admin: where customers call from, and which staff see their calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import operations
from contacts.access import entry_points_of_staff
from contacts.admin.audit_log import Audited
from contacts.admin.entry_point_form import EntryPointForm
from contacts.admin.labelled import LabelledFormSet
from contacts.admin.scope import staff_of
from contacts.connection_doctor import examine_connection
from contacts.models import Consent, EntryPoint, EntryPointGrant, HoursOverride


class GrantInline(admin.TabularInline[EntryPointGrant, EntryPoint]):
    """Who sees the entry point and its calls, besides those who see every one."""

    model = EntryPointGrant
    formset = LabelledFormSet
    extra = 0


A_DAY = timedelta(days=1)


class HoursOverrideInline(admin.TabularInline[HoursOverride, EntryPoint]):
    """Days from today on that keep other hours."""

    model = HoursOverride
    formset = LabelledFormSet
    extra = 0
    max_num = 366

    def get_queryset(self, request: HttpRequest) -> QuerySet[HoursOverride]:
        """Leave out what is over."""
        yesterday = timezone.localdate() - A_DAY  # somewhere it still is
        return super().get_queryset(request).filter(date__gte=yesterday)


@admin.register(EntryPoint)
class EntryPointAdmin(Audited, admin.ModelAdmin[EntryPoint]):
    """Where customers call from."""

    list_display = ("name", "slug", "company", "is_open", "name_required")
    list_filter = ("is_open",)
    search_fields = ("name", "slug", "company")
    form = EntryPointForm
    prepopulated_fields = {"slug": ("name",)}
    inlines = (HoursOverrideInline, GrantInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "company", "language", "name_required")}),
        (
            _("When it is open"),
            {
                "fields": (("is_open", "ignores_hours"), "busy_wait_s"),
                "description": _(
                    "Within the hours of operation of its queue, holidays included, and what you say of single days below."
                ),
            },
        ),
        (
            _("What a call may have besides sound"),
            {
                "fields": (
                    ("customer_video", "customer_screen_share"),
                    ("agent_video", "agent_screen_share"),
                    "switched_off",
                )
            },
        ),
        (
            _("Before a call"),
            {"fields": ("custom_fields", "recording_notice", "consent_text")},
        ),
        (
            _("How it looks"),
            {
                "fields": (
                    "logo_upload",
                    "shows_company",
                    ("accent", "accent_dark", "corner_radius"),
                )
            },
        ),
        (_("Whose calls these are"), {"fields": ("partner",)}),
        (_("In other websites"), {"fields": ("allowed_origins", "identity_rule")}),
        (
            _("Amazon Connect"),
            {"fields": ("connect_instance_id", "connect_contact_flow_id", "connect_queue_id")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryPoint]:
        """Return those that the member of staff was granted."""
        granted = entry_points_of_staff(request.user).values("pk")
        return super().get_queryset(request).filter(pk__in=granted)

    def save_model(self, request: HttpRequest, obj: EntryPoint, form: Any, change: bool) -> None:
        """Save, with the logo, publish a new wording of the consent, and have hours and figures asked for again.

        Who adds one sees it from then on.
        """
        super().save_model(request, obj, form, change)
        form.put_logo(at=timezone.now())
        staff = staff_of(request)
        if not change and not staff.has_perm("contacts.see_every_entrypoint"):
            EntryPointGrant.objects.create(entry_point=obj, user=staff)
        Consent.objects.published(obj)
        operations.ask_anew(entry_point=obj, at=timezone.now())

    def get_urls(self) -> list[Any]:
        """Add the check of the connection."""
        check = self.admin_site.admin_view(self.check_connection)
        address = path("<path:object_id>/check/", check, name="contacts_entrypoint_check")
        return [address, *super().get_urls()]

    def check_connection(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask Amazon Connect what an entry point needs, and show what it answers."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        entry_point = self.get_object(request, object_id)
        if entry_point is None:
            raise Http404
        findings, statement = examine_connection(entry_point=entry_point, at=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check connection"),
            "subtitle": entry_point,
            "opts": self.opts,
            "entry_point": entry_point,
            "findings": findings,
            "statement": statement,
        }
        return TemplateResponse(request, "admin/contacts/entrypoint/check.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show its form, with the line to put into a website and, to who may save it, what its pages will look like."""
        entry_point = kwargs.get("obj")
        query = f"?{urlencode({'entry_point': entry_point.pk})}" if entry_point else ""
        context |= {
            "portal": request.build_absolute_uri("/").rstrip("/"),
            "preview": reverse("looks-preview") + query,
            "may_try_looks": (
                self.has_change_permission(request, entry_point)
                if entry_point
                else self.has_add_permission(request)
            ),
        }
        response = super().render_change_form(request, context, *args, **kwargs)
        response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]
        return response
