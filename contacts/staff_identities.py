"""Makes accounts of staff for the identities that a provider vouches for, and keeps their groups as the provider has them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError

from contacts.audit import note_deed
from contacts.choices import AuditAction
from contacts.commits import commit
from contacts.models import StaffIdentity
from contacts.staff_groups import GROUPS

LONGEST = 255
NAME_ENTROPY_BYTES = 4


class StaffRefused(Exception):
    """The provider knows them, but they may not enter."""


class NoGroup(StaffRefused):
    """None of their groups at the provider stands for one of ours."""


class Inactive(StaffRefused):
    """Their account here was closed."""


@dataclass(frozen=True, slots=True)
class VouchedIdentity:
    """What a provider says of somebody, as far as it is used."""

    issuer: str
    subject: str
    username: str
    email: str
    groups: frozenset[str]
    """Of ours, as `OIDC_GROUPS` maps them."""

    @classmethod
    def of_claims(cls, claims: Mapping[str, Any]) -> VouchedIdentity:
        """Read the verified claims of an ID token.

        :raises StaffRefused: its issuer or subject is longer than any that is lawful.
        """
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        if not subject or max(len(issuer), len(subject)) > LONGEST:
            raise StaffRefused
        email = claims.get("email") if claims.get("email_verified") is True else ""
        return cls(
            issuer=issuer,
            subject=subject,
            username=str(claims.get("preferred_username") or email or subject),
            email=str(email or "")[:254],
            groups=_groups_of(claims.get(settings.OIDC_GROUPS_CLAIM)),
        )


def account_of(identity: VouchedIdentity, *, at: datetime) -> User:
    """Return the account of an identity, made when it comes first, with the groups that it has now.

    :raises StaffRefused: it has no group, which takes away those it had; or its account is closed.
    """
    try:
        user = commit(lambda: _account(identity, at))
    except IntegrityError:  # two first logins at once: the other one made it
        user = commit(lambda: _account(identity, at))
    if not identity.groups:
        raise NoGroup
    if not user.is_active:
        raise Inactive
    return user


def _account(identity: VouchedIdentity, at: datetime) -> User:
    known = StaffIdentity.objects.filter(issuer=identity.issuer, subject=identity.subject)
    found = known.select_related("user").first()
    if found is not None:
        _keep_groups(found.user, identity.groups, at)
        return found.user
    if not identity.groups:
        raise NoGroup
    user = User.objects.create_user(_free_name(identity.username), identity.email, is_staff=True)
    StaffIdentity.objects.create(user=user, issuer=identity.issuer, subject=identity.subject)
    note_deed(by=user, action=AuditAction.ADDED, of=user, at=at)
    _keep_groups(user, identity.groups, at)
    return user


def _keep_groups(user: User, wanted: Collection[str], at: datetime) -> None:
    """Let a user be in those of our groups, and no others of ours. Groups that a site made itself stay."""
    ours = user.groups.filter(name__in=GROUPS)
    before = set(ours.values_list("name", flat=True))
    if before == set(wanted):
        return
    user.groups.remove(*ours)
    user.groups.add(*Group.objects.filter(name__in=wanted))
    note_deed(
        by=user,
        action=AuditAction.CHANGED,
        of=user,
        at=at,
        before={"groups": sorted(before)},
        after={"groups": sorted(wanted)},
    )


def _groups_of(claimed: Any) -> frozenset[str]:
    """Return which of our groups a claim stands for: one name, or a list of them."""
    names = [claimed] if isinstance(claimed, str) else claimed
    if not isinstance(names, list):
        return frozenset()
    known = settings.OIDC_GROUPS
    return frozenset(known[name] for name in names if isinstance(name, str) and name in known)


def _free_name(wanted: str) -> str:
    """Return a name that nobody has: an account is never entered because it is called the same."""
    name = "".join(one for one in wanted if one.isalnum() or one in "@.+-_")[:130] or "staff"
    if User.objects.filter(username__iexact=name).exists():
        return f"{name}-{secrets.token_hex(NAME_ENTROPY_BYTES)}"
    return name
