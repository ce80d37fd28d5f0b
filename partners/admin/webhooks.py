"""Webhook endpoints and deliveries in Django admin: how well they do, and what can be done when they do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts.access import entry_points_of_staff
from contacts.admin.audit_log import Audited
from contacts.admin.read_only import ReadOnly
from contacts.admin.scope import staff_of
from contacts.audit import note_deed
from contacts.choices import AuditAction, PartnerEventType
from partners.errors import EndpointPaused
from partners.models import PausedBecause, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from partners.webhooks import endpoints
from partners.webhooks.destinations import Destination, DestinationRefused
from partners.webhooks.signing import body_of

REPLAYED = timedelta(days=7)


class WebhookEndpointForm(forms.ModelForm[WebhookEndpoint]):
    """Types are ticked, and the address is one that something may be sent to."""

    types = forms.MultipleChoiceField(
        label=_("types of events"),
        choices=PartnerEventType.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: all of them."),
    )

    def clean_url(self) -> str:
        """Refuse what nothing is sent to.

        :raises ValidationError: it is such an address.
        """
        url: str = self.cleaned_data["url"]
        try:
            Destination.of(url)
        except DestinationRefused as error:
            raise ValidationError(str(error)) from error
        return url


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(Audited, admin.ModelAdmin[WebhookEndpoint]):
    """Where partners are told of what happens."""

    form = WebhookEndpointForm
    list_display = ("url", "partner", "is_test", "health", "last_delivered_at", "last_failure")
    list_filter = ("paused_because", "is_test", "partner")
    list_select_related = ("partner",)
    search_fields = ("url", "description", "partner__name")
    actions = ("pause", "resume", "replay")
    fields = (
        ("partner", "is_test"),
        "url",
        "description",
        "types",
        "contact_email",
        "health",
        ("paused_at", "paused_because"),
        ("failing_since", "last_failed_at", "last_failure"),
        ("last_delivered_at", "created_at"),
    )
    shown_only = (
        "health",
        "paused_at",
        "paused_because",
        "failing_since",
        "last_failed_at",
        "last_failure",
        "last_delivered_at",
        "created_at",
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: WebhookEndpoint | None = None
    ) -> tuple[str, ...]:
        """Whose it is and what it is told of, once it is there, and how well it does."""
        return self.shown_only if obj is None else ("partner", "is_test", *self.shown_only)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store it, with a fresh secret if it is new."""
        if not change:
            obj.created_at = timezone.now()
            obj.made_secret = obj.renew_secret(at=obj.created_at)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in this answer and never again: a message would lie in a cookie or a session."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Webhook endpoint made"),
            "endpoint": obj,
            "secret": obj.made_secret,
        }
        response = TemplateResponse(request, "admin/webhook_endpoint_made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=_("health"))
    def health(self, endpoint: WebhookEndpoint) -> str:
        """Say how well it does."""
        if endpoint.paused_at is not None:
            return str(_("Paused: %(why)s") % {"why": endpoint.get_paused_because_display()})
        if endpoint.failing_since is not None:
            return str(_("Failing"))
        return str(_("Well") if endpoint.last_delivered_at else _("Nothing sent yet"))

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        """Send them nothing more."""
        self._switch(request, queryset, enabled=False)

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        """Send to them again, first what waits."""
        self._switch(request, queryset, enabled=True)

    @admin.action(description=_("Replay what was missed within a week"), permissions=["change"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        """Send what was given up, and what happened while they were paused."""
        at = timezone.now()
        for endpoint in queryset:
            try:
                count = endpoints.replay(endpoint=endpoint, since=at - REPLAYED, at=at)
            except EndpointPaused:
                told = _("%(url)s is paused: resume it first.")
                self.message_user(request, told % {"url": endpoint.url}, messages.ERROR)
                continue
            self._keep(request, endpoint, {"replayed": count})
            self.message_user(request, sent_again(count), messages.SUCCESS)

    def _switch(
        self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint], *, enabled: bool
    ) -> None:
        for endpoint in queryset:
            endpoints.change_endpoint(
                endpoint=endpoint,
                changes={},
                enabled=enabled,
                because=PausedBecause.STAFF,
                at=timezone.now(),
            )
            self._keep(request, endpoint, {"enabled": enabled})

    def _keep(
        self, request: HttpRequest, endpoint: WebhookEndpoint, after: dict[str, Any]
    ) -> None:
        by = staff_of(request)
        note_deed(by=by, action=AuditAction.CHANGED, of=endpoint, at=timezone.now(), after=after)


class WebhookAttemptInline(ReadOnly, admin.TabularInline[WebhookAttempt, WebhookDelivery]):
    """What came of each attempt."""

    model = WebhookAttempt
    fields = ("began_at", "url", "status", "error", "latency_ms", "response_excerpt")
    extra = 0


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, admin.ModelAdmin[WebhookDelivery]):
    """Events on their way, and what came of them."""

    list_display = (
        "created_at",
        "event_type",
        "endpoint",
        "state",
        "attempts_made",
        "next_attempt_at",
    )
    list_filter = ("state", "endpoint__partner", "event__type")
    list_select_related = ("event", "endpoint")
    search_fields = ("event__contact__reference__exact", "endpoint__url")
    show_full_result_count = False
    list_per_page = 50
    actions = ("send_again",)
    inlines = (WebhookAttemptInline,)
    fields = (
        "endpoint",
        ("event_type", "event_id", "contact"),
        ("state", "attempts_made", "next_attempt_at"),
        ("created_at", "finished_at"),
        "body",
    )
    readonly_fields = ("event_type", "event_id", "contact", "body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Return those about no contact, or about contacts of the entry points that the member of staff was granted."""
        deliveries = super().get_queryset(request).select_related("event__contact", "endpoint")
        if staff_of(request).has_perm("contacts.see_every_entrypoint"):
            return deliveries
        granted = list(entry_points_of_staff(request.user).values_list("pk", flat=True))
        return deliveries.filter(
            Q(event__contact__isnull=True) | Q(event__contact__entry_point__in=granted)
        )

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether the member of staff may have events sent again."""
        return staff_of(request).has_perm("partners.change_webhookdelivery")

    @admin.display(description=_("type"), ordering="event__type")
    def event_type(self, delivery: WebhookDelivery) -> str:
        """Name the type of the event."""
        return delivery.event.type

    @admin.display(description=_("contact"))
    def contact(self, delivery: WebhookDelivery) -> str:
        """Name the contact."""
        return str(delivery.event.contact or "-")

    @admin.display(description=_("body"))
    def body(self, delivery: WebhookDelivery) -> str:
        """Show what is sent."""
        return body_of(delivery.event).decode()

    @admin.action(description=_("Re-send"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        """Send the events chosen again."""
        send_again(self, request, queryset)


def send_again(
    page: admin.ModelAdmin[Any], request: HttpRequest, deliveries: QuerySet[WebhookDelivery]
) -> None:
    """Send events again, as far as their endpoints are not paused, and say how many that were."""
    count = paused = 0
    for delivery in deliveries.select_related("endpoint", "event").order_by("created_at"):
        try:
            endpoints.redeliver(delivery=delivery, at=timezone.now())
        except EndpointPaused:
            paused += 1
            continue
        count += 1
        note_deed(
            by=staff_of(request),
            action=AuditAction.CHANGED,
            of=delivery,
            at=timezone.now(),
            after={"sent": "again"},
        )
    page.message_user(request, sent_again(count), messages.SUCCESS if count else messages.INFO)
    if paused:
        text = ngettext(
            "%(count)d is of an endpoint that is paused.",
            "%(count)d are of endpoints that are paused.",
            paused,
        )
        page.message_user(request, text % {"count": paused}, messages.ERROR)


def sent_again(count: int) -> str:
    """Say how many events are sent again."""
    text = ngettext("%(count)d event is sent again.", "%(count)d events are sent again.", count)
    return text % {"count": count}
