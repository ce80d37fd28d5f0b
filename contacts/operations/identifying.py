"""Tells who a caller is: reads the identity their company signed, and marks what nobody signed as such.

A signed identity is a JWT (RFC 7519) by HS256 or ES256 with one of the entry point's keys: `kid` names the key, `aud` is
the entry point's slug, `exp` at most ten minutes ahead, `jti` good for one call; `sub`, `name`, `locale` and
`attributes` say who it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError

import jwt

from contacts.choices import IdentityAlgorithm, IdentityRule
from contacts.commits import commit
from contacts.errors import IdentityRefused
from contacts.limits import NAME_MAX_CHARACTERS, attribute_problems, is_storable
from contacts.models import EntryPoint, IdentityKey, SpentIdentity
from contacts.operations.call_requests import UNSIGNED, CallRequest
from contacts.sealing import UnableToUnseal, unseal

TOKEN_MAX_CHARACTERS = 65_536  # 32 KiB of attributes, as JSON, in base64
CUSTOMER_ID = "customer_id"
LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)  # between the company's clock and ours
SUBJECT_MAX_CHARACTERS = 255
LOCALE_MAX_CHARACTERS = 35


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the company says the caller is, and what must be written down so that it cannot say so twice."""

    key: IdentityKey
    token_id_hash: str
    expires_at: datetime
    subject: str = ""
    name: str = ""
    locale: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def known_as(self) -> dict[str, str]:
        """Return the attribute that tells agents and flows who it is."""
        return {CUSTOMER_ID: self.subject} if self.subject else {}

    def spend(self) -> None:
        """Use the identity up, in the transaction that stores the call.

        :raises IdentityRefused: another call has used it meanwhile.
        """
        try:
            commit(
                partial(
                    SpentIdentity.objects.create,
                    key=self.key,
                    token_id_hash=self.token_id_hash,
                    expires_at=self.expires_at,
                )
            )
        except IntegrityError as error:
            raise IdentityRefused("the token was used before") from error


def identify(*, entry_point: EntryPoint, token: str, at: datetime) -> Identity | None:
    """Return who calls, or None for an anonymous caller where those are taken.

    :raises IdentityRefused: the entry point takes signed callers only, and nobody valid signed this one.
    """
    try:
        return _read(entry_point, token, at)
    except IdentityRefused:
        if entry_point.identity_rule == IdentityRule.REQUIRED:
            raise
        return None


def as_identified(
    request: CallRequest, identity: Identity | None, *, is_trusted: bool = False
) -> CallRequest:
    """Return the request with what is signed in front of what the caller typed, and the rest marked as unsigned.

    What a trusted caller says, a partner's program, is as good as signed.
    """
    unsigned = {
        key if is_trusted else _marked(key): value for key, value in request.attributes.items()
    }
    if identity is None:
        return replace(request, attributes=unsigned)
    return replace(
        request,
        name=identity.name or request.name,
        locale=identity.locale or request.locale,
        attributes=unsigned | identity.known_as() | dict(identity.attributes),
    )


def _marked(key: str) -> str:
    return key if key.startswith(UNSIGNED) else UNSIGNED + key


def _read(entry_point: EntryPoint, token: str, at: datetime) -> Identity:
    if not token:
        raise IdentityRefused("no token")
    if len(token) > TOKEN_MAX_CHARACTERS:
        raise IdentityRefused("the token is too long")
    try:
        key = _key_of(entry_point, jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(
            token,
            _verifying_key(key),
            algorithms=[key.algorithm],
            audience=entry_point.slug,
            leeway=LEEWAY,
            options={"require": ["exp", "jti", "aud"]},
        )
    except jwt.InvalidTokenError as error:
        raise IdentityRefused(f"not a valid token: {type(error).__name__}") from error
    return _identity_of(key, claims, at)


def _key_of(entry_point: EntryPoint, key_id: object) -> IdentityKey:
    keys = entry_point.identity_keys.filter(is_active=True)
    known = isinstance(key_id, str) and is_storable(key_id)
    key = keys.filter(key_id=key_id).first() if known else None
    if key is None:
        raise IdentityRefused("signed with no key of this entry point")
    return key


def _verifying_key(key: IdentityKey) -> str:
    if key.algorithm == IdentityAlgorithm.ES256:
        return key.public_key
    try:
        return str(unseal(key.sealed_secret))
    except UnableToUnseal as error:
        raise IdentityRefused("the key's secret cannot be unsealed") from error


def _identity_of(key: IdentityKey, claims: Mapping[str, Any], at: datetime) -> Identity:
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    if expires_at > at + LONGEST_LIFE + LEEWAY:
        raise IdentityRefused("the token lives longer than ten minutes")
    token_id = _text(claims, "jti", 255)
    if not token_id:
        raise IdentityRefused("jti is empty")
    token_id_hash = hashlib.sha256(token_id.encode()).hexdigest()
    if key.spent.filter(token_id_hash=token_id_hash).exists():
        raise IdentityRefused("the token was used before")
    return Identity(
        key=key,
        token_id_hash=token_id_hash,
        expires_at=expires_at + LEEWAY,
        subject=_text(claims, "sub", SUBJECT_MAX_CHARACTERS),
        name=_text(claims, "name", NAME_MAX_CHARACTERS),
        locale=_text(claims, "locale", LOCALE_MAX_CHARACTERS),
        attributes=_attributes(claims),
    )


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not is_storable(value):
        raise IdentityRefused(f"{name} is no text of at most {longest} characters")
    return value.strip()


def _attributes(claims: Mapping[str, Any]) -> dict[str, str]:
    attributes = claims.get("attributes", {})
    if not isinstance(attributes, dict) or not all(
        isinstance(value, str) for value in attributes.values()
    ):
        raise IdentityRefused("attributes are texts by name")
    wrong = next(attribute_problems(attributes), None)
    if wrong is not None:
        raise IdentityRefused(f"{wrong.pointer}: {wrong.detail}")
    if any(key.startswith(UNSIGNED) for key in attributes):
        raise IdentityRefused(f"attributes that begin with {UNSIGNED} are the unsigned ones")
    return attributes
