"""API keys: what a partner's programs are let in by. A key is shown once; its beginning and its SHA-256 are stored."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import string
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.choices import Scope
from contacts.models import Partner

ALPHABET = string.ascii_letters + string.digits
ID_CHARACTERS, SECRET_CHARACTERS = 8, 43  # 43 of 62 are 256 bits
KEY = re.compile(r"(vcp_(?:live|test)_[A-Za-z0-9]{8})[A-Za-z0-9]{43}\Z")
MAX_NETWORKS = 100
USE_NOTED_EVERY = timedelta(minutes=1)


def validate_scopes(value: object) -> None:
    """Refuse what is no list of scopes.

    :raises ValidationError: naming those there are.
    """
    if not isinstance(value, list) or not value or not set(map(str, value)) <= set(Scope.values):
        raise ValidationError(
            _("Give a list of scopes: %(scopes)s."), params={"scopes": ", ".join(Scope.values)}
        )


def validate_networks(value: object) -> None:
    """Refuse what is no list of addresses and networks.

    :raises ValidationError: naming the first that is wrong.
    """
    if not isinstance(value, list) or len(value) > MAX_NETWORKS:
        raise ValidationError(
            _("Give a list of at most %(most)d networks."), params={"most": MAX_NETWORKS}
        )
    for one in value:
        try:
            ipaddress.ip_network(str(one))
        except ValueError as error:
            raise ValidationError(
                _("%(network)s is no address or network, such as 192.0.2.0/24."),
                params={"network": repr(one)},
            ) from error


class Mode(models.TextChoices):
    """What a key's calls reach."""

    LIVE = "live", _("Live")
    TEST = "test", _("Test: an embedded contact centre only")


class ApiKey(models.Model):
    """One key. A partner may have several, so that one can replace another."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("partner")
    )
    name = models.CharField(
        _("name"), max_length=80, help_text=_("Of the program that uses it, for people to know.")
    )
    mode = models.CharField(_("mode"), max_length=4, choices=Mode, default=Mode.LIVE)
    prefix = models.CharField(_("begins with"), max_length=17, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, validators=[validate_scopes])
    allowed_networks = models.JSONField(
        _("allowed addresses"),
        default=list,
        blank=True,
        validators=[validate_networks],
        help_text=_('Such as ["192.0.2.7", "2001:db8::/32"]. Empty: from anywhere.'),
    )
    is_active = models.BooleanField(_("active"), default=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    made_key = ""  # on the instance that made it only, to be shown once

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="api_key_mode_known"),
            models.CheckConstraint(
                condition=~Q(prefix="") & ~Q(key_hash=""), name="api_key_was_made"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    def make_key(self) -> None:
        """Give it a fresh random key."""
        name, secret = (
            "".join(secrets.choice(ALPHABET) for _ in range(length))
            for length in (ID_CHARACTERS, SECRET_CHARACTERS)
        )
        self.prefix = f"vcp_{self.mode}_{name}"
        self.made_key = self.prefix + secret
        self.key_hash = hash_key(self.made_key)

    @classmethod
    def of(cls, key: str, *, at: datetime) -> ApiKey | None:
        """Return the row of a key that may be used at a time, or None. Takes as long for one that nearly is right."""
        found = KEY.match(key)
        row = (
            cls.objects.select_related("partner").filter(prefix=found[1]).first()
            if found
            else None
        )
        if row is None or not hmac.compare_digest(row.key_hash, hash_key(key)):
            return None
        usable = row.is_active and row.partner.is_active
        return row if usable and (row.expires_at is None or row.expires_at > at) else None

    def allows(self, address: str) -> bool:
        """Whether it may be used from an address."""
        if not self.allowed_networks:
            return True
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(known, ipaddress.IPv6Address):
            known = known.ipv4_mapped or known
        return any(known in ipaddress.ip_network(one) for one in self.allowed_networks)

    def note_use(self, *, at: datetime) -> None:
        """Keep when it was last used; written once a minute at most."""
        if self.last_used_at is None or self.last_used_at <= at - USE_NOTED_EVERY:
            ApiKey.objects.filter(pk=self.pk).update(last_used_at=at)


def hash_key(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
