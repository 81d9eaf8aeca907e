"""How large a compressed image says it is, read before a decoder would believe it."""

from __future__ import annotations

import struct

from tilesource.errors import DamagedFile
from tilesource.formats import jpeg

_JPEG_2000 = b"\xff\x4f\xff\x51"  # start of codestream, then the SIZ marker (ITU-T T.800, A.5)
_PNG = b"\x89PNG\r\n\x1a\n"


def check_size(data: bytes, width: int, height: int) -> None:
    """Raise DamagedFile if a JPEG, JPEG 2000, PNG or WebP image is larger than expected."""
    size = declared_size(data)
    if size is not None and (size[0] > width or size[1] > height):
        raise DamagedFile(
            f"a tile of {width} x {height} holds an image of {size[0]:,} x {size[1]:,}"
        )


def declared_size(data: bytes) -> tuple[int, int] | None:
    """Return the width and height in an image's header, or None for a kind not known here."""
    try:
        if data.startswith(b"\xff\xd8"):
            return jpeg.size_of(data)
        if data.startswith(_PNG):
            return _pair(struct.unpack_from(">II", data, 16))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        start = data.find(_JPEG_2000, 0, 1024)
        return None if start < 0 else _jpeg_2000(data, start)
    except struct.error as exc:
        raise DamagedFile("a tile ends within its header") from exc


def _pair(values: tuple[int, ...]) -> tuple[int, int]:
    return values[0], values[1]


def _jpeg_2000(data: bytes, start: int) -> tuple[int, int]:
    right, bottom, left, top = struct.unpack_from(">IIII", data, start + 8)
    return max(right - left, 0), max(bottom - top, 0)


def _webp(data: bytes) -> tuple[int, int] | None:
    """Source: the WebP container specification and RFC 6386, section 9.1."""
    kind = data[12:16]
    if kind == b"VP8X":
        low = [int.from_bytes(data[place : place + 3], "little") + 1 for place in (24, 27)]
        return low[0], low[1]
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
