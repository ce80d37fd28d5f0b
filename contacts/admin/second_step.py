"""The second step of the login, and the page on which members of staff switch their second factor on and off.

Whoever has taken the first step and must have a second factor, but has none, sets it up here before they are logged in.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from contacts import one_time_codes, second_factors
from contacts.admin.scope import staff_of
from contacts.models import SecondFactor
from contacts.qr_codes import draw_code
from contacts.sealing import UnableToUnseal, seal, unseal
from contacts.second_factors import SecondFactorRefused, TooManyCodes
from contacts.staff_sessions import (
    OFF,
    REQUIRED,
    awaited_user,
    next_address_of,
    note_factor,
    open_session,
)

_SECRET = "second_factor_offered"  # noqa: S105 (where in the session it is, sealed)


class CodeForm(forms.Form):
    """Asks for a code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )

    def refuse(self, error: SecondFactorRefused) -> None:
        """Say why the code was not taken."""
        if isinstance(error, TooManyCodes):
            why = _("Too many wrong codes. Wait five minutes and try again.")
        else:
            why = _("This code is wrong, or was used before. Wait for the next one.")
        self.add_error("code", ValidationError(why))


@sensitive_post_parameters()
@csrf_protect
@never_cache
def ask_for_code(request: HttpRequest) -> HttpResponse:
    """Take the second step: a code of the app, or a recovery code."""
    now = timezone.now()
    user = awaited_user(request, at=now)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            factor = second_factors.use_second_factor(
                user=user, code=form.cleaned_data["code"], at=now
            )
        except SecondFactorRefused as error:
            form.refuse(error)
        else:
            address = next_address_of(request)
            open_session(request, user, factor=factor)
            return HttpResponseRedirect(address)
    return _page(request, "login_code", title=_("Enter your code"), form=form)


@sensitive_post_parameters()
@csrf_protect
@never_cache
def show_second_factor(request: HttpRequest) -> HttpResponse:
    """Show how to switch one's second factor on, or off again; and do it."""
    if settings.STAFF_TWO_FACTOR == OFF:
        return HttpResponseRedirect(reverse("admin:index"))
    if admin.site.has_permission(request):
        user = staff_of(request)
        if SecondFactor.objects.filter(user=user).exists():
            return _manage(request, user)
        return _set_up(request, user, is_waiting=False)
    waiting = awaited_user(request, at=timezone.now())
    if waiting is None:
        return redirect_to_login(request.path, reverse("admin:login"))
    if SecondFactor.objects.filter(user=waiting).exists():
        return HttpResponseRedirect(reverse("admin:login_code"))
    return _set_up(request, waiting, is_waiting=True)


def _set_up(request: HttpRequest, user: User, *, is_waiting: bool) -> HttpResponse:
    secret = _offered_secret(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            codes = second_factors.switch_second_factor_on(
                user=user, secret=secret, code=form.cleaned_data["code"], at=timezone.now()
            )
        except SecondFactorRefused as error:
            form.refuse(error)
        else:
            address = next_address_of(request) or reverse("admin:index")
            request.session.pop(_SECRET, None)
            _go_on(request, user, is_waiting=is_waiting)
            return _show_codes(request, codes, address)
    address = one_time_codes.address_of(secret, account=user.get_username())
    return _page(
        request,
        "second_factor_set_up",
        title=_("Set up your second factor"),
        form=form,
        is_required=settings.STAFF_TWO_FACTOR == REQUIRED,
        drawn=draw_code(address),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


def _manage(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs.pop("autofocus")
    if form.is_valid():
        given: dict[str, Any] = {
            "user": user,
            "code": form.cleaned_data["code"],
            "at": timezone.now(),
        }
        try:
            if "renew" in request.POST:
                codes = second_factors.renew_recovery_codes(**given)
                return _show_codes(request, codes, reverse("admin:second_factor"))
            second_factors.switch_second_factor_off(**given)
        except SecondFactorRefused as error:
            form.refuse(error)
        else:
            note_factor(request, None)
            return HttpResponseRedirect(reverse("admin:second_factor"))
    factor = SecondFactor.objects.get(user=user)
    return _page(
        request,
        "second_factor",
        title=_("Your second factor"),
        form=form,
        factor=factor,
        codes_left=factor.recovery_codes.count(),
        is_required=settings.STAFF_TWO_FACTOR == REQUIRED,
    )


def _offered_secret(request: HttpRequest) -> str:
    """Return the secret that the page offers: the same one until it is confirmed, however often the page is loaded."""
    try:
        return str(unseal(request.session[_SECRET]))
    except (KeyError, UnableToUnseal):
        secret = one_time_codes.new_secret()
        request.session[_SECRET] = seal(secret)
        return secret


def _go_on(request: HttpRequest, user: User, *, is_waiting: bool) -> None:
    """Let the session in by the new factor, under another key."""
    factor = SecondFactor.objects.get(user=user)
    if is_waiting:
        open_session(request, user, factor=factor)
    else:
        request.session.cycle_key()
        note_factor(request, factor)


def _show_codes(request: HttpRequest, codes: list[str], address: str) -> HttpResponse:
    """Show fresh recovery codes in this answer and never again."""
    return _page(
        request, "recovery_codes", title=_("Your recovery codes"), codes=codes, address=address
    )


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/{name}.html", context)
