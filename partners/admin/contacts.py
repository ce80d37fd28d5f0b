"""What the page of a contact shows of what its partner was told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.admin.contacts import ContactAdmin
from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import staff_of
from contacts.models import Contact
from partners.admin.webhooks import send_again
from partners.models import PartnerEvent, WebhookDelivery


class PartnerEventInline(ReadOnly, admin.TabularInline[PartnerEvent, Contact]):
    """Each thing that the partner is told of, and how far it got."""

    model = PartnerEvent
    fields = readonly_fields = ("created_at", "type", "sent")
    verbose_name_plural = _("what the partner was told")
    ordering = ("created_at",)
    extra = 0

    def has_view_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether they may see deliveries."""
        return staff_of(request).has_perm("partners.view_webhookdelivery")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartnerEvent]:
        """Return them with their deliveries, read at once."""
        return super().get_queryset(request).prefetch_related("deliveries__endpoint")

    @admin.display(description=_("webhooks"))
    def sent(self, event: PartnerEvent) -> SafeString:
        """Say for each endpoint how far the event got."""
        rows = [
            (
                reverse("admin:partners_webhookdelivery_change", args=[one.pk]),
                one.endpoint.url,
                one.get_state_display(),
            )
            for one in event.deliveries.all()
        ]
        told = format_html_join(", ", '<a href="{}">{}: {}</a>', rows)
        return told or format_html("-")


admin.site.unregister(Contact)


@admin.register(Contact)
class ContactOfPartnerAdmin(ContactAdmin):
    """Contacts, with what partners were told of them."""

    actions = (*ContactAdmin.actions, "resend_webhooks")

    def get_inlines(self, request: HttpRequest, obj: Contact | None) -> list[type[Any]]:
        """Add what the partner was told."""
        return [*super().get_inlines(request, obj), PartnerEventInline]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may have partners told again."""
        return staff_of(request).has_perm("partners.change_webhookdelivery")

    @admin.action(description=_("Re-send webhooks"), permissions=["resend"])
    def resend_webhooks(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        """Tell partners again of all that happened to the calls chosen."""
        chosen = list(queryset.values_list("pk", flat=True))
        send_again(self, request, WebhookDelivery.objects.filter(event__contact__in=chosen))
