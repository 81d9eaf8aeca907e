"""Which pictures of a JPEG with several are frames: most readers of JPEG know of the first only.

Source: CIPA DC-007, Multi-Picture Format. A camera with two lenses stores two pictures alike, a
phone a small preview or a map of gains or depths beside the one.
"""

from __future__ import annotations

import struct
from pathlib import Path

from PIL import Image

_HEAD = 1 << 18  # the index comes after Exif and perhaps a thumbnail, and before the pixels
_ORIENTATION = 274
# What Pillow raises on a picture that is damaged, or that an editor has dropped.
_LOST = (
    OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, AttributeError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def pictures_alike(path: Path) -> tuple[int, ...]:
    """Return the numbers of the pictures of the size, colours and orientation of the first."""
    with path.open("rb") as file:
        if b"MPF\0" not in file.read(_HEAD):
            return (0,)
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            kind = _kind(image, 0)
            others = range(1, getattr(image, "n_frames", 1) if kind else 1)
            return (0, *(number for number in others if _kind(image, number) == kind))
    except _LOST:
        return (0,)


def _kind(image: Image.Image, number: int) -> tuple[object, ...] | None:
    try:
        image.seek(number)
        return image.size, image.mode, image.getexif().get(_ORIENTATION, 1)
    except _LOST:
        return None
