"""The first step of the admin's login, which takes only so many wrong passwords: of one address for one name, of one address, and for one name.

Passwords may be left to superusers where a provider signs the others in.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.admin.tries import address_of, count_try, key_of, tries_of
from contacts.models import SecondFactor
from contacts.staff_sessions import BY_PROVIDER, begin_session, open_session

logger = logging.getLogger(__name__)

TRIES_OF_BOTH = 5
TRIES_OF_ADDRESS = 30
TRIES_FOR_NAME = 50


class ThrottledLoginForm(AdminAuthenticationForm):
    """Asks for name and password, and refuses without looking at them after too many wrong ones."""

    def clean(self) -> dict[str, Any]:
        """Log in.

        :raises ValidationError: name or password is wrong, or too many were.
        """
        limits = self._limits()
        if any(tries_of(key) >= most for key, most in limits.items()):
            logger.warning("admin_login_throttled")
            raise ValidationError(
                _("Too many wrong passwords. Wait five minutes and try again."), code="throttled"
            )
        try:
            return super().clean()
        except ValidationError:
            for key in limits:
                count_try(key)
            raise

    def confirm_login_allowed(self, user: Any) -> None:
        """Leave passwords to superusers where they are not for all.

        :raises ValidationError: the provider is the way in.
        """
        super().confirm_login_allowed(user)
        if settings.STAFF_PASSWORDS == "superusers" and not user.is_superuser:
            raise ValidationError(
                _("Passwords are for superusers alone here. Use the button above."),
                code="no_password",
            )

    def _limits(self) -> dict[str, int]:
        address, name = "", str(self.cleaned_data.get("username") or "").lower()
        if self.request is not None:
            address = address_of(self.request)
        return {
            key_of("both", address, name): TRIES_OF_BOTH,
            key_of("address", address): TRIES_OF_ADDRESS,
            key_of("name", name): TRIES_FOR_NAME,
        }


class StaffLoginView(LoginView):
    """Logs in who has no second factor and needs none; sends others on to it."""

    authentication_form = ThrottledLoginForm
    template_name = "admin/login.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the first step: the password was right."""
        return after_first_step(
            self.request, cast(User, form.get_user()), next_address=self.get_success_url()
        )


def after_first_step(
    request: Any, user: User, *, next_address: str, is_vouched: bool = False
) -> HttpResponse:
    """Log a user in if the first step is enough, and lead them to the second one otherwise.

    `is_vouched`: a provider that is trusted with it has asked for a second factor, or did not think it necessary.
    """
    if is_vouched:
        open_session(request, user, factor=BY_PROVIDER)
        return HttpResponseRedirect(next_address)
    if begin_session(request, user, next_address=next_address, at=timezone.now()):
        return HttpResponseRedirect(next_address)
    has_factor = SecondFactor.objects.filter(user=user).exists()
    return HttpResponseRedirect(
        reverse("admin:login_code" if has_factor else "admin:second_factor")
    )
