"""JPEG streams inside other files: made to stand alone, measured, and decoded smaller.

Source: TIFF Technical Note 2 (tables), ITU-T T.81 annex B (markers), ITU-T T.872 (Adobe APP14).
"""

from __future__ import annotations

import struct

import numpy as np
import simplejpeg

from tilesource.errors import DamagedFile
from tilesource.formats.base import Pixels

_START = b"\xff\xd8"
_END = b"\xff\xd9"
# An Adobe marker whose last byte, the colour transform, is 0: the components are R, G and B.
_ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
# Frame headers: all of 0xC0 to 0xCF but those of tables and arithmetic conditioning.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def standalone(tile: bytes, tables: bytes | None, *, is_rgb: bool) -> bytes:
    """Return the tile with its shared tables, marked as RGB where no decoder could know it."""
    if not tile.startswith(_START):
        return tile
    shared = tables.removeprefix(_START).removesuffix(_END) if tables else b""
    marker = _ADOBE_RGB if is_rgb and b"Adobe\x00" not in tile[:64] else b""
    return _START + marker + shared + tile[len(_START) :]


def size_of(stream: bytes) -> tuple[int, int]:
    """Return the width and height that a JPEG stream says it has."""
    place = 2
    while place + 9 <= len(stream) and stream[place] == 0xFF:
        marker = stream[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", stream, place + 5)
            return width, height
        if marker == 0xFF:  # a fill byte
            place += 1
        else:
            place += 2 + int(struct.unpack_from(">H", stream, place + 2)[0])
    raise DamagedFile("a JPEG stream has no frame header")


def decode(stream: bytes, bands: int, width: int, height: int, factor: int = 1) -> Pixels:
    """Return a stream of at most that size as (height, width, bands), each side 1 / factor of it.

    The factor is 1, 2, 4 or 8; the coefficients of the finer detail are then not even transformed.
    """
    stored = size_of(stream)
    if stored[0] > width or stored[1] > height:
        raise DamagedFile(f"a JPEG tile says it is {stored[0]} x {stored[1]}")
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(
            stream,
            colorspace="GRAY" if bands == 1 else "RGB",
            min_width=-(-stored[0] // factor),
            min_height=-(-stored[1] // factor),
            strict=False,
        )
    except ValueError as exc:
        raise DamagedFile(f"a JPEG tile is damaged: {exc}") from exc
    return np.asarray(pixels)
