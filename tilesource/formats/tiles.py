"""Put a rectangle together from the tiles that a file stores it in, decoding them in parallel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from tilesource.formats.base import Level, Pixels
from tilesource.geometry import Box
from tilesource.parallel import each


class StoredTiles(Protocol):
    """One level of one frame, as the file stores it: in tiles, or in strips as wide as it is."""

    @property
    def level(self) -> Level:
        """Return the size of the image and of its tiles."""

    @property
    def bands(self) -> int:
        """Return how many bands a pixel has."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of a pixel's values."""

    def is_stored(self, column: int, row: int) -> bool:
        """Tell whether the file stores any pixels of a tile."""

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return a tile's pixels (height, width, bands), or None where the file stores none."""

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return the mean of each factor x factor block of a tile, or nearly."""


def tiles_of(level: Level, box: Box) -> Iterator[tuple[int, int]]:
    """Yield the (column, row) of each tile that the box touches, row by row."""
    for row in range(box.y // level.tile_height, -(-(box.y + box.height) // level.tile_height)):
        for column in range(box.x // level.tile_width, -(-(box.x + box.width) // level.tile_width)):
            yield column, row


def assemble(tiles: StoredTiles, box: Box, factor: int = 1) -> Pixels:
    """Return the box's pixels, or the means of its factor x factor blocks; 0 where none are stored.

    A factor above 1 needs a box that starts on a block, and tiles of whole blocks.
    """
    level = tiles.level
    small = Box(
        x=box.x // factor, y=box.y // factor,
        width=-(-box.width // factor), height=-(-box.height // factor),
    )  # fmt: skip
    out = np.zeros((small.height, small.width, tiles.bands), tiles.dtype)

    def place(tile: tuple[int, int]) -> None:
        pixels = tiles.decode(*tile) if factor == 1 else tiles.decode_reduced(*tile, factor)
        if pixels is not None:
            left, top = tile[0] * level.tile_width, tile[1] * level.tile_height
            _paste(out, small, pixels, left // factor, top // factor)

    each(place, list(tiles_of(level, box)))
    return out


def holes_of(tiles: StoredTiles, box: Box) -> list[Box]:
    """Return the parts of a box that lie in tiles which the file does not store."""
    level = tiles.level
    return [
        _common(box, tile[0] * level.tile_width, tile[1] * level.tile_height, level)
        for tile in tiles_of(level, box)
        if not tiles.is_stored(*tile)
    ]


def _common(box: Box, tile_x: int, tile_y: int, level: Level) -> Box:
    left, top = max(box.x, tile_x), max(box.y, tile_y)
    right = min(box.x + box.width, tile_x + level.tile_width)
    bottom = min(box.y + box.height, tile_y + level.tile_height)
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _paste(out: Pixels, box: Box, tile: Pixels, tile_x: int, tile_y: int) -> None:
    left, top = max(box.x, tile_x), max(box.y, tile_y)
    right = min(box.x + box.width, tile_x + tile.shape[1])
    bottom = min(box.y + box.height, tile_y + tile.shape[0])
    if left < right and top < bottom:
        out[top - box.y : bottom - box.y, left - box.x : right - box.x] = tile[
            top - tile_y : bottom - tile_y, left - tile_x : right - tile_x
        ]
