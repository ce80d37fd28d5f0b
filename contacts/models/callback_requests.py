"""Callback requests: customers who would rather be called, in the order they asked, until somebody has called them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import CallbackState
from contacts.models.entry_points import EntryPoint
from contacts.models.partners import Partner


class CallbackRequest(models.Model):
    """One customer's wish to be called."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        _("reference"), max_length=9, unique=True, help_text=_("What people quote.")
    )
    entry_point = models.ForeignKey(
        EntryPoint,
        on_delete=models.PROTECT,
        related_name="callback_requests",
        verbose_name=_("entry point"),
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # callback_of_partner
        related_name="callback_requests",
        verbose_name=_("partner"),
    )
    state = models.CharField(
        _("state"), max_length=16, choices=CallbackState, default=CallbackState.OPEN
    )
    name = models.CharField(_("name"), max_length=256, blank=True)
    phone = models.CharField(
        _("phone number"), max_length=16, blank=True, help_text=_("With + and the country code.")
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    preferred_at = models.DateTimeField(_("preferred time"), null=True, blank=True)
    locale = models.CharField(_("locale"), max_length=35, blank=True)

    customer_key_hash = models.CharField(max_length=64, db_index=True, editable=False)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001
    body_hash = models.CharField(max_length=64, editable=False)

    requested_at = models.DateTimeField(_("requested at"), db_index=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("finished by"),
    )
    # Who is about to call them, so that nobody else does.
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("claimed by"),
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("callback request")
        verbose_name_plural = _("callback requests")
        ordering = ["requested_at", "id"]
        permissions = [("finish_callbackrequest", _("Can finish a callback request"))]
        indexes = [
            models.Index(
                fields=["partner", "-requested_at", "id"],
                condition=Q(partner__isnull=False),
                name="callback_of_partner",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CallbackState.values), name="callback_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=CallbackState.OPEN) ^ Q(finished_at__isnull=False),
                name="callback_finished_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(phone="") | Q(erased_at__isnull=False), name="callback_has_phone"
            ),
            models.UniqueConstraint(
                fields=["customer_key_hash", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="callback_once_per_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def finish(self, state: CallbackState, *, at: datetime, by_user_id: int | None = None) -> bool:
        """Take it out of the queue; then refresh from the row. Returns whether this call did."""
        finished = (
            CallbackRequest.objects.filter(pk=self.pk, state=CallbackState.OPEN).update(
                state=state, finished_at=at, finished_by_id=by_user_id
            )
            == 1
        )
        self.refresh_from_db()
        return finished

    def claim(self, *, at: datetime, by_user_id: int) -> bool:
        """Note who is about to call the customer; then refresh from the row. Returns whether nobody else is."""
        free = CallbackRequest.objects.filter(pk=self.pk, state=CallbackState.OPEN).filter(
            Q(claimed_by__isnull=True) | Q(claimed_by=by_user_id)
        )
        claimed = free.update(claimed_at=at, claimed_by_id=by_user_id) == 1
        self.refresh_from_db()
        return claimed

    def release(self, *, by_user_id: int) -> bool:
        """Leave it to the others; then refresh from the row. Returns whether it was theirs."""
        own = CallbackRequest.objects.filter(
            pk=self.pk, state=CallbackState.OPEN, claimed_by=by_user_id
        )
        released = own.update(claimed_at=None, claimed_by=None) == 1
        self.refresh_from_db()
        return released
