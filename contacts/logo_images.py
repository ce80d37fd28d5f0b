"""Takes in the logos that administrators upload: what is stored is drawn anew, so that nothing of the file given is ever served.

SVG is refused: it is a document that can hold scripts and fetch from elsewhere, and cleaning it is a race with browsers.
"""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

UPLOAD_MAX_BYTES = 512 * 1024
SIDE_MAX_PIXELS = 4096  # of what is uploaded
FORMATS = ("PNG", "JPEG", "WEBP")
BOX = (480, 144)  # what it is made to fit: three times its size on the page
CONTENT_TYPE = "image/png"


class LogoImage(NamedTuple):
    """A logo as it is kept: a PNG and its size in pixels."""

    png: bytes
    width: int
    height: int


def logo_from(data: bytes) -> LogoImage:
    """Read an uploaded picture, or its first `UPLOAD_MAX_BYTES` and one more, and draw it anew.

    :raises ValidationError: it is too large, or no picture that can be read.
    """
    if len(data) > UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The logo is larger than %(most)d KiB."), params={"most": UPLOAD_MAX_BYTES // 1024}
        )
    # Reading pictures is wanted in admin alone: no other process pays for the library.
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if max(image.size) > SIDE_MAX_PIXELS:
                    raise ValidationError(
                        _("The logo has more than %(most)d pixels on a side."),
                        params={"most": SIDE_MAX_PIXELS},
                    )
                drawn = image.convert("RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise ValidationError(
            _("This is no picture that can be read. Save the logo as PNG, JPEG or WebP.")
        ) from error
    drawn.thumbnail(BOX)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return LogoImage(out.getvalue(), *drawn.size)
