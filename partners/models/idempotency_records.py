"""Idempotency records: the answers to partners' requests, kept so that a repeat is answered the same and does nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts import errors
from contacts.models import Partner
from contacts.sealing import UnableToUnseal, seal, unseal

KEPT_FOR = timedelta(hours=24)
AT_WORK_FOR = timedelta(seconds=60)  # longer than any request takes: whoever began it has died


class IdempotencyRecord(models.Model):
    """One key of one partner: which request it came with, and, sealed, the answer that request got."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="+", verbose_name=_("partner")
    )
    key = models.CharField(_("Idempotency-Key"), max_length=255)
    request_hash = models.CharField(max_length=64)
    began_at = models.DateTimeField(_("began at"), db_index=True)
    sealed_answer = models.TextField(blank=True)  # empty while the request is at work
    contact_id = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [
            models.UniqueConstraint(fields=["partner", "key"], name="idempotency_key_once"),
            models.CheckConstraint(condition=~Q(key=""), name="idempotency_record_has_key"),
        ]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def begin(
        cls, *, partner: Partner, key: str, request_hash: str, at: datetime
    ) -> IdempotencyRecord:
        """Return the key's record: a fresh one, one to go on with whose request died, or one that has an `answer`.

        :raises IdempotencyMismatch: the key came with another request.
        :raises IdempotencyInProgress: the first request with it is at work.
        """
        rows = cls.objects.filter(partner=partner, key=key)
        cls.objects.filter(partner=partner, began_at__lte=at - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                return cls.objects.create(
                    partner=partner, key=key, request_hash=request_hash, began_at=at
                )
        except IntegrityError:
            record = rows.first()
        if record is None:  # forgotten this very moment
            raise errors.IdempotencyInProgress(key)
        if record.request_hash != request_hash:
            raise errors.IdempotencyMismatch(key)
        if record.answer is not None:
            return record
        died = rows.filter(sealed_answer="", began_at__lte=at - AT_WORK_FOR)
        if not died.update(began_at=at):
            raise errors.IdempotencyInProgress(key)
        record.began_at = at
        return record

    @property
    def answer(self) -> dict[str, Any] | None:
        """The answer that was given, or None if there is none, or none that can be unsealed any more."""
        try:
            return dict(unseal(self.sealed_answer)) if self.sealed_answer else None
        except UnableToUnseal:
            return None

    def keep(self, answer: dict[str, Any], *, contact_id: Any) -> None:
        """Keep the answer."""
        IdempotencyRecord.objects.filter(pk=self.pk, began_at=self.began_at).update(
            sealed_answer=seal(answer), contact_id=contact_id
        )

    def forget(self) -> None:
        """Let the key be used again: nothing was begun."""
        IdempotencyRecord.objects.filter(pk=self.pk, began_at=self.began_at).delete()
