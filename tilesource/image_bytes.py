"""Encoded images that know what they are, and show themselves in a notebook."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError


class ImageBytes(bytes):
    """The bytes of an image file, with their MIME type."""

    _mimetype: str | None

    def __new__(cls, source: bytes = b"", mimetype: str | None = None) -> ImageBytes:
        made = super().__new__(cls, source)
        made._mimetype = mimetype
        return made

    @property
    def mimetype(self) -> str | None:
        """Return the MIME type: as given, else by the content, else None."""
        return self._mimetype or _guessed(self)

    def __repr__(self) -> str:
        return f"ImageBytes<{len(self)}> ({self.mimetype or 'wrapped image bytes'})"

    def _repr_png_(self) -> bytes | None:
        return bytes(self) if self.mimetype == "image/png" else None

    def _repr_jpeg_(self) -> bytes | None:
        return bytes(self) if self.mimetype == "image/jpeg" else None


def _guessed(data: bytes) -> str | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            found: str | None = image.get_format_mimetype()
            return found
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return None
