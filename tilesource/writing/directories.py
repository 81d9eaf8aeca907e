"""The tags of a TIFF's pages: sizes, where the tiles lie, scale, and what the page is.

Source: TIFF 6.0; the numbers of the tags are given beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tilesource.formats.base import Pixels
from tilesource.geometry import Scale
from tilesource.writing.bigtiff import BigTiffFile, Tag, numbers, opaque, rational, table, text
from tilesource.writing.codecs import Codec
from tilesource.writing.levels import EncodedTile, Shape

_SOFTWARE = b"girder-tiles"
_REDUCED = 1  # tag 254: the page is another one at a lower resolution
_CENTIMETRE = 3  # tag 296
_MOST_OF_32_BITS = (1 << 32) - 1


class TileIndex:
    """Where the tiles of one frame lie in the file, level by level."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._offsets = [_table(shape, level) for level in range(len(shape.sizes))]
        self._counts = [_table(shape, level) for level in range(len(shape.sizes))]

    def add(self, tile: EncodedTile, offset: int) -> None:
        """Note where a tile was written."""
        place = tile.place
        self._offsets[place.level][place.row, place.column] = offset
        self._counts[place.level][place.row, place.column] = len(tile.data)

    def tags(self, level: int) -> list[Tag]:
        """Return the tags that tell a level's size and its tiles."""
        width, height = self._shape.sizes[level]
        return [
            numbers(254, "I", [_REDUCED if level else 0]),  # NewSubfileType
            numbers(256, "I", [width]),
            numbers(257, "I", [height]),
            numbers(322, "I", [self._shape.tile]),
            numbers(323, "I", [self._shape.tile]),
            table(324, self._offsets[level]),
            table(325, self._counts[level]),
        ]


def _table(shape: Shape, level: int) -> npt.NDArray[np.uint64]:
    columns, rows = shape.tiles(level)
    return np.zeros((rows, columns), np.uint64)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An associated image that is in the file, but not yet a page of it."""

    name: str
    size: tuple[int, int, int]
    tags: list[Tag]


def store_image(file: BigTiffFile, name: str, pixels: Pixels, codec: Codec) -> StoredImage:
    """Write a small image as one strip, by which readers tell it from the levels."""
    height, width, bands = pixels.shape
    data = codec.encode(pixels)
    tags = [
        numbers(256, "I", [width]),
        numbers(257, "I", [height]),
        text(270, name.encode("ascii", "replace")),  # ImageDescription
        numbers(273, "Q", [file.append(data)]),  # StripOffsets
        numbers(278, "I", [height]),  # RowsPerStrip
        numbers(279, "Q", [len(data)]),  # StripByteCounts
        *codec.tags(bands, pixels.dtype),
    ]
    return StoredImage(name, (width, height, bands), tags)


def scale_tags(scale: Scale, downsample: float) -> list[Tag]:
    """Return the pixels a centimetre of a level, if the image knows its scale."""
    if not scale.mm_x or not scale.mm_y:
        return []
    return [
        _per_centimetre(282, scale.mm_x * downsample),
        _per_centimetre(283, scale.mm_y * downsample),
        numbers(296, "H", [_CENTIMETRE]),
    ]


def _per_centimetre(code: int, mm: float) -> Tag:
    """Return how many pixels of a size make 10 mm, as near as 32 bits a side can tell."""
    ratio = Fraction(10 / mm)
    for limit in (1_000_000, 1000, 1):
        near = ratio.limit_denominator(limit)
        if 0 < near.numerator <= _MOST_OF_32_BITS:
            return rational(code, near.numerator, near.denominator)
    return rational(code, 1, min(max(1, round(mm / 10)), _MOST_OF_32_BITS))


def page_tags(description: bytes, icc_profile: bytes | None) -> list[Tag]:
    """Return the tags of a frame's own page, beyond those of all its levels."""
    tags = [text(305, _SOFTWARE)]
    if description:
        tags.append(text(270, description))
    if icc_profile:
        tags.append(opaque(34675, icc_profile))
    return tags
