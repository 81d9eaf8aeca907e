"""Pixels as one JPEG that all cores encode: strips, put together at restart markers.

After a restart marker an encoder begins anew (ITU-T T.81, E.1.4 and F.1.1.5.1), so that what was
encoded apart with the same tables is, one after the other, the coded data of the whole.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import simplejpeg

from tilesource.formats.base import Pixels
from tilesource.parallel import each

_STRIP_ROWS = 128
_LARGEST_INTERVAL = 0xFFFF  # of restarts, in units of the next line
# Width and height of a coded unit (MCU): 8 x 8 pixels, times the subsampling of colours.
_UNITS = {"Gray": (8, 8), "444": (8, 8), "422": (16, 8), "420": (16, 16)}
_FRAME, _SCAN, _RESTART, _INTERVAL, _END = b"\xff\xc0", b"\xff\xda", 0xD0, b"\xff\xdd", b"\xff\xd9"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """A JPEG stream of one scan: its segments up to that of the scan, and the coded data."""

    head: bytes
    scan: bytes
    data: bytes


def encode_jpeg(pixels: Pixels, quality: int, colours: str, sampling: str) -> bytes:
    """Return 8-bit pixels (height, width, bands) as a baseline JPEG.

    `colours` is a colour space of simplejpeg; `sampling` is Gray, 444, 422 or 420.
    """

    def encoded(strip: Pixels) -> bytes:
        data: bytes = simplejpeg.encode_jpeg(
            strip, quality=quality, colorspace=colours, colorsubsampling=sampling
        )
        return data

    height, width = pixels.shape[:2]
    unit_width, unit_height = _UNITS[sampling]
    across = -(-width // unit_width)
    down = min(_STRIP_ROWS // unit_height, _LARGEST_INTERVAL // across)
    rows = down * unit_height
    if height < 2 * rows:
        return encoded(pixels)
    encoded_strips = each(encoded, [pixels[top : top + rows] for top in range(0, height, rows)])
    strips = [_parsed(strip, height) for strip in encoded_strips]
    if len({strip.head + strip.scan for strip in strips}) > 1:  # tables made for each strip
        return encoded(pixels)
    return _joined(strips, across * down)


def _joined(strips: list[_Stream], interval: int) -> bytes:
    parts = [strips[0].head, _INTERVAL, struct.pack(">HH", 4, interval), strips[0].scan]
    for number, strip in enumerate(strips):
        if number:
            parts.append(bytes((0xFF, _RESTART + (number - 1) % 8)))
        parts.append(strip.data)
    return b"".join([*parts, _END])


def _parsed(stream: bytes, height: int) -> _Stream:
    """Take a stream apart, and let it be as high as the whole."""
    place = frame = 2
    while (marker := stream[place : place + 2]) != _SCAN:
        if marker == _FRAME:
            frame = place
        place += 2 + struct.unpack_from(">H", stream, place + 2)[0]
    data = place + 2 + struct.unpack_from(">H", stream, place + 2)[0]
    # A frame's height comes after its marker, its length and its precision.
    head = stream[: frame + 5] + struct.pack(">H", height) + stream[frame + 7 : place]
    return _Stream(head=head, scan=stream[place:data], data=stream[data : -len(_END)])
