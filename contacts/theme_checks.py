"""What an entry point's own colours have to be, for its buttons and links to be read by everybody."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.colours import READABLE, is_colour, least_contrast

# The grounds on which accents are read, as static/css/theme.css has them; a test holds the two together.
LIGHT_GROUNDS = ("#f4f6f5", "#ffffff")
DARK_GROUNDS = ("#0d1412", "#17211e")


def validate_light_accent(value: str) -> None:
    """Refuse what cannot be read on the light page.

    :raises ValidationError: with the contrast that was measured.
    """
    _validate(value, LIGHT_GROUNDS, _("Choose a darker colour."))


def validate_dark_accent(value: str) -> None:
    """Refuse what cannot be read on the dark page.

    :raises ValidationError: with the contrast that was measured.
    """
    _validate(value, DARK_GROUNDS, _("Choose a lighter colour."))


def _validate(value: str, grounds: tuple[str, ...], advice: object) -> None:
    if not is_colour(value):
        raise ValidationError(
            _("Write a colour as # and six hexadecimal digits, such as #0a6b5a.")
        )
    measured = least_contrast(value, grounds)
    if measured < READABLE:
        raise ValidationError(
            _(
                "%(colour)s has a contrast of %(measured)s:1 with the page; %(least)s:1 is the least "
                "at which buttons and links can be read. %(advice)s"
            ),
            code="contrast",
            params={
                "colour": value,
                # Never rounded up to what would have been enough.
                "measured": f"{int(measured * 100) / 100:.2f}",
                "least": READABLE,
                "advice": advice,
            },
        )
