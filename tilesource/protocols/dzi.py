"""Deep Zoom Images: a descriptor and tiles, as Microsoft's format has them.

Level 0 is one pixel; each level doubles, up to ceil(log2(longest side)), the full resolution. A
level is ceil(size / 2 ** k) large; tiles overlap their neighbours by `overlap` pixels a side.
Source: the Deep Zoom file format overview, Microsoft, 2008.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from tilesource.encoding import JPEG, Encoding
from tilesource.errors import InvalidRequest, TileOutside
from tilesource.formats.base import RawTile
from tilesource.geometry import Box
from tilesource.source import TileSource

_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}
_LARGEST_TILE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepZoom:
    """How an image is cut: the side of a tile and its overlap, in pixels, and the encoding."""

    tile_size: int = 256
    overlap: int = 0
    encoding: Encoding = JPEG

    def __post_init__(self) -> None:
        if not 1 <= self.tile_size <= _LARGEST_TILE:
            raise InvalidRequest(f"a tile's side is 1 to {_LARGEST_TILE}, not {self.tile_size}")
        if not 0 <= self.overlap <= self.tile_size:
            raise InvalidRequest(f"an overlap is 0 to the tile's side, not {self.overlap}")
        if self.encoding.mime not in _SUFFIX:
            raise InvalidRequest(f"Deep Zoom tiles are JPEG or PNG, not {self.encoding.name}")


def dzi_descriptor(source: TileSource, cut: DeepZoom) -> str:
    """Return the XML that tells a viewer the image's size and how it is cut."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"'
        f' TileSize="{cut.tile_size}" Overlap="{cut.overlap}"'
        f" Format={quoteattr(_SUFFIX[cut.encoding.mime])}>"
        f'<Size Width="{source.sizeX}" Height="{source.sizeY}"/></Image>'
    )


def top_level(source: TileSource) -> int:
    """Return the number of the level that is the full resolution."""
    return math.ceil(math.log2(max(source.sizeX, source.sizeY)))


def stored_dzi_tile(
    source: TileSource, level: int, column: int, row: int, cut: DeepZoom, frame: int = 0
) -> RawTile | None:
    """Return the tile as the file stores it, if the file is cut in just this way."""
    box, _ = _box(source, level, column, row, cut)
    step = 1 << (top_level(source) - level)
    z = source.levels - 1 - (top_level(source) - level)
    whole = (source.tileWidth * step, source.tileHeight * step)
    if z < 0 or cut.overlap or whole != (cut.tile_size * step,) * 2:
        return None
    return source.raw_tile(column, row, z, frame) if (box.width, box.height) == whole else None


def dzi_tile(
    source: TileSource, level: int, column: int, row: int, cut: DeepZoom, frame: int = 0
) -> RawTile:
    """Return one tile, encoded; raise TileOutside if the level does not have it."""
    stored = stored_dzi_tile(source, level, column, row, cut, frame)
    if stored is not None and stored.mime == cut.encoding.mime:
        return stored
    box, (width, height) = _box(source, level, column, row, cut)
    return RawTile(source.encoded_box(box, width, height, cut.encoding, frame), cut.encoding.mime)


def _box(
    source: TileSource, level: int, column: int, row: int, cut: DeepZoom
) -> tuple[Box, tuple[int, int]]:
    """Return the base pixels that a tile shows, and its width and height."""
    if not 0 <= level <= top_level(source):
        raise TileOutside(f"level {level} is not one of 0 to {top_level(source)}")
    step = 1 << (top_level(source) - level)
    left, width = _span(column, cut, math.ceil(source.sizeX / step))
    top, height = _span(row, cut, math.ceil(source.sizeY / step))
    box = Box(
        x=left * step, y=top * step,
        width=min(width * step, source.sizeX - left * step),
        height=min(height * step, source.sizeY - top * step),
    )  # fmt: skip
    return box, (width, height)


def _span(place: int, cut: DeepZoom, limit: int) -> tuple[int, int]:
    """Return where a tile starts in one direction of its level, and how long it is."""
    if place < 0 or place * cut.tile_size >= limit:
        raise TileOutside(f"there is no tile {place} in a level of {limit} pixels")
    start = max(place * cut.tile_size - cut.overlap, 0)
    return start, min((place + 1) * cut.tile_size + cut.overlap, limit) - start
