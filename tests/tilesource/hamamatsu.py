"""Write small NDPI slides: JPEG streams with restart markers, in TIFFs with long links of pages."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SHORT, LONG, RATIONAL, SIGNED, FLOAT = 3, 4, 5, 9, 11
_LETTERS = {SHORT: "H", LONG: "I", RATIONAL: "I", SIGNED: "i", FLOAT: "f"}
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MACRO = -1.0  # the magnification that marks it


def ndpi(path: Path, levels: Sequence[tuple[np.ndarray, float]], macro: np.ndarray) -> Path:
    """Write levels, each with its magnification, and a macro image."""
    out, link = bytearray(b"II*\0" + bytes(8)), 4
    for pixels, lens in [*levels, (macro, _MACRO)]:
        stream = io.BytesIO()
        blocks = 0 if lens == _MACRO else 16
        Image.fromarray(pixels).save(stream, "JPEG", subsampling=0, restart_marker_blocks=blocks)
        tags = _tags(out, pixels, lens, stream.getvalue())
        entries = [_entry(out, tag, *value) for tag, value in sorted(tags.items())]
        # The link to the next page, then the upper halves of all values.
        after = bytes(8 + 4 * len(entries))
        place = _put(out, struct.pack("<H", len(entries)) + b"".join(entries) + after)
        struct.pack_into("<Q", out, link, place)
        link = place + 2 + 12 * len(entries)
    path.write_bytes(out)
    return path


def _tags(
    out: bytearray, pixels: np.ndarray, lens: float, stream: bytes
) -> dict[int, tuple[int, list[float]]]:
    height, width = pixels.shape[:2]
    tags: dict[int, tuple[int, list[float]]] = {
        256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [7]),
        262: (SHORT, [6]), 273: (LONG, [_put(out, stream)]), 277: (SHORT, [3]),
        278: (LONG, [height]), 279: (LONG, [len(stream)]), 282: (RATIONAL, [40000, 1]),
        283: (RATIONAL, [40000, 1]), 296: (SHORT, [3]), 530: (SHORT, [1, 1]), 65420: (LONG, [1]),
        65421: (FLOAT, [lens]), 65422: (SIGNED, [0]), 65423: (SIGNED, [0]), 65424: (SIGNED, [0]),
        271: (2, [ord(letter) for letter in "Hamamatsu\0"]),
    }  # fmt: skip
    if lens != _MACRO:
        tags[65426] = (LONG, _restarts(stream))
    return tags


def _restarts(stream: bytes) -> list[float]:
    """Return where the parts of a stream start that a restart marker makes independent."""
    scan = stream.index(b"\xff\xda")
    start = scan + 2 + struct.unpack_from(">H", stream, scan + 2)[0]
    return [start, *(found.end() for found in _RESTART.finditer(stream, start))]


def _entry(out: bytearray, tag: int, kind: int, values: list[float]) -> bytes:
    letter = _LETTERS.get(kind, "B")
    value = struct.pack(f"<{len(values)}{letter}", *values)
    count = len(values) // (2 if kind == RATIONAL else 1)
    inline = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", _put(out, value))
    return struct.pack("<HHI", tag, kind, count) + inline


def _put(out: bytearray, data: bytes) -> int:
    place = len(out)
    out.extend(data + bytes(len(data) % 2))
    return place
