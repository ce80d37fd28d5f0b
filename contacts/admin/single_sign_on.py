"""The first step of the login where a provider takes it: to the provider, and back with what it vouches for."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from contacts import oidc
from contacts.admin.login import after_first_step
from contacts.admin.tries import address_of, count_try, key_of, tries_of
from contacts.staff_identities import Inactive, NoGroup, StaffRefused, VouchedIdentity, account_of

_NEXT = "sign_on_next"
ATTEMPTS_OF_ADDRESS = 60  # each leaves a session in the database


@require_GET
@never_cache
def go_to_provider(request: HttpRequest) -> HttpResponse:
    """Send staff to the provider, and keep where they wanted to go."""
    _need_provider()
    key = key_of("sign-on", address_of(request))
    if tries_of(key) >= ATTEMPTS_OF_ADDRESS:
        return _refused(request, _("Too many attempts. Wait five minutes and try again."), 429)
    count_try(key)
    request.session[_NEXT] = _safe_address(request, request.GET.get("next", ""))
    callback = request.build_absolute_uri(reverse("admin:login_callback"))
    try:
        return oidc.send_to_provider(request, callback=callback)
    except oidc.ProviderFailed:
        return _refused(request, _("Your sign-in service cannot be reached. Try again."), 502)


@require_GET
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the first step for whom the provider vouches."""
    _need_provider()
    now = timezone.now()
    next_address = request.session.pop(_NEXT, "") or reverse("admin:index")
    try:
        claims = oidc.claims_of_callback(request)
        user = account_of(VouchedIdentity.of_claims(claims), at=now)
    except oidc.ProviderFailed:
        why = _("Signing in did not work. Try again, from the login page.")
        return _refused(request, why, 400)
    except NoGroup:
        why = _("You are known, but in no group that may use this admin. Ask who runs it.")
        return _refused(request, why, 403)
    except Inactive:
        return _refused(request, _("Your account here is closed. Ask who runs this admin."), 403)
    except StaffRefused:
        return _refused(request, _("Your account cannot be used here."), 403)
    return after_first_step(
        request, user, next_address=next_address, is_vouched=settings.OIDC_TRUST_SECOND_FACTOR
    )


def _need_provider() -> None:
    if not oidc.is_on():
        raise Http404


def _safe_address(request: HttpRequest, address: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else ""


def _refused(request: HttpRequest, why: str | Promise, status: int) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": _("Not signed in"), "why": why}
    return TemplateResponse(request, "admin/sign_on_refused.html", context, status=status)
