"""The audit log: what members of staff looked at and did. Rows are added and, when too old, deleted; never changed.

Who did it is kept as a name besides the id, so that an entry outlives its author. A trigger of the database refuses every UPDATE.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.choices import AuditAction


class AuditEntry(models.Model):
    """One thing that one member of staff did."""

    at = models.DateTimeField(_("at"), db_index=True)
    # No foreign key: deleting a member of staff must change nothing here.
    actor_id = models.BigIntegerField(_("id of the member of staff"), null=True)
    actor = models.CharField(_("member of staff"), max_length=150)
    action = models.CharField(_("action"), max_length=24, choices=AuditAction)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    object_id = models.CharField(_("id"), max_length=64, blank=True)
    object_name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("A call's reference, never a person.")
    )
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["kind", "object_id", "at"], name="audit_of_object")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=AuditAction.values), name="audit_action_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.get_action_display()} {self.object_name}".strip()
