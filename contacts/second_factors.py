"""Switches second factors of staff on and off, and takes their codes: each once, and few wrong ones.

Tries are counted in the database before a code is looked at, so that neither many processes nor a lost cache give more of them.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import F, Q

from contacts import one_time_codes
from contacts.audit import note_deed
from contacts.choices import AuditAction
from contacts.commits import commit
from contacts.models import RecoveryCode, SecondFactor
from contacts.sealing import UnableToUnseal, seal, unseal
from contacts.tokens import hash_token

WRONG_IN_A_ROW = 5
WAIT = timedelta(minutes=5)  # after so many wrong ones, before each further one
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class SecondFactorRefused(Exception):
    """The code is wrong, or was used before."""


class TooManyCodes(SecondFactorRefused):
    """Too many wrong codes came in a row: the next is looked at in some minutes."""


def switch_second_factor_on(*, user: User, secret: str, code: str, at: datetime) -> list[str]:
    """Keep the secret that an app shares once it shows the right code, and return the recovery codes.

    :raises SecondFactorRefused: the code is not the app's, or another window was faster.
    """
    step = one_time_codes.step_of(secret, _typed(code), at=at)
    if step is None:
        raise SecondFactorRefused

    def keep() -> list[str]:
        factor = SecondFactor.objects.create(
            user=user, sealed_secret=seal(secret), last_step=step, created_at=at
        )
        note_deed(by=user, action=AuditAction.ADDED, of=factor, at=at)
        return _fresh_codes(factor)

    try:
        return commit(keep)
    except IntegrityError as error:
        raise SecondFactorRefused from error


def use_second_factor(*, user: User, code: str, at: datetime) -> SecondFactor:
    """Take a code of the app, or a recovery code. Returns whose it is.

    :raises TooManyCodes: too many wrong ones came before; this one was not looked at.
    :raises SecondFactorRefused: it is wrong or used up, or there is no second factor.
    """
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        raise SecondFactorRefused
    if not commit(lambda: _count_try(factor, at)):
        raise TooManyCodes
    if not commit(lambda: _use_up(factor, _typed(code), at)):
        raise SecondFactorRefused
    return factor


def switch_second_factor_off(*, user: User, code: str, at: datetime) -> None:
    """Forget the app and the recovery codes, for one last code.

    :raises SecondFactorRefused: as `use_second_factor`.
    """
    factor = use_second_factor(user=user, code=code, at=at)

    def forget() -> None:
        note_deed(by=user, action=AuditAction.DELETED, of=factor, at=at)
        SecondFactor.objects.filter(pk=factor.pk).delete()

    commit(forget)


def renew_recovery_codes(*, user: User, code: str, at: datetime) -> list[str]:
    """Return fresh recovery codes in place of the old ones.

    :raises SecondFactorRefused: as `use_second_factor`.
    """
    factor = use_second_factor(user=user, code=code, at=at)

    def renew() -> list[str]:
        factor.recovery_codes.all().delete()
        note_deed(by=user, action=AuditAction.CHANGED, of=factor, at=at)
        return _fresh_codes(factor)

    return commit(renew)


def _count_try(factor: SecondFactor, at: datetime) -> bool:
    """Count one more try, if one may be made. A right code starts the count again."""
    may = Q(wrong_tries__lt=WRONG_IN_A_ROW) | Q(tried_at__lte=at - WAIT)
    tries = SecondFactor.objects.filter(may, pk=factor.pk)
    return tries.update(wrong_tries=F("wrong_tries") + 1, tried_at=at) == 1


def _use_up(factor: SecondFactor, code: str, at: datetime) -> bool:
    own = SecondFactor.objects.filter(pk=factor.pk)
    try:
        secret = unseal(factor.sealed_secret)
    except UnableToUnseal:
        step = None  # the key is gone; recovery codes still work
    else:
        step = one_time_codes.step_of(secret, code, at=at)
    if step is not None:
        sealed = seal(secret)  # by the newest key, so that older ones can go some day
        unused = own.filter(last_step__lt=step)
        return unused.update(last_step=step, wrong_tries=0, sealed_secret=sealed) == 1
    used, _ = factor.recovery_codes.filter(code_hash=hash_token(code)).delete()
    return used == 1 and own.update(wrong_tries=0) == 1


def _fresh_codes(factor: SecondFactor) -> list[str]:
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, code_hash=hash_token(_typed(code))) for code in codes
    )
    return codes


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _typed(code: str) -> str:
    """Return a code without what people put between its characters."""
    return "".join(one for one in code.lower() if one not in " -\u2010\u2011\u2013")
