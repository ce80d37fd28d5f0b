"""Entry points: the places a customer calls from, each with its flow and what its calls may do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryPointQuerySet(models.QuerySet["EntryPoint"]):
    """Filters that read as adjectives."""

    def open(self) -> EntryPointQuerySet:
        """Those that take calls now."""
        return self.filter(is_open=True)


class EntryPoint(models.Model):
    """A place a customer calls from."""

    slug = models.SlugField(
        _("slug"), max_length=64, unique=True, help_text=_("Part of its address.")
    )
    name = models.CharField(_("name"), max_length=120)
    company = models.CharField(
        _("company"), max_length=120, help_text=_("Whom the customer calls.")
    )
    is_open = models.BooleanField(_("open"), default=True, help_text=_("Whether it takes calls."))
    name_required = models.BooleanField(_("name required"), default=True)
    connect_instance_id = models.CharField(
        _("Amazon Connect instance"),
        max_length=100,
        blank=True,
        help_text=_("Id or ARN. Empty: the one of CONNECT_INSTANCE_ID."),
    )
    connect_contact_flow_id = models.CharField(
        _("contact flow"),
        max_length=500,
        blank=True,
        help_text=_("Id or ARN. Empty: the one of CONNECT_CONTACT_FLOW_ID."),
    )
    customer_video = models.BooleanField(_("customer video"), default=True)
    customer_screen_share = models.BooleanField(_("customer screen share"), default=False)
    agent_video = models.BooleanField(_("agent video"), default=True)
    agent_screen_share = models.BooleanField(_("agent screen share"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EntryPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry point")
        verbose_name_plural = _("entry points")
        ordering = ["name", "slug"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(slug=""), name="entry_point_has_slug"),
            models.CheckConstraint(condition=~models.Q(name=""), name="entry_point_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def instance_id(self) -> str:
        """The Amazon Connect instance its calls go to."""
        return self.connect_instance_id or settings.CONNECT_INSTANCE_ID

    @property
    def contact_flow_id(self) -> str:
        """The contact flow its calls enter."""
        return self.connect_contact_flow_id or settings.CONNECT_CONTACT_FLOW_ID
