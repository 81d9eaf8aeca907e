"""Put a rectangle together from the tiles that a file stores it in, decoding them in parallel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from tilesource.formats.base import Level, Pixels
from tilesource.geometry import Box

# Codecs release the interpreter lock, so one thread a core keeps every core busy.
_POOL = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="tilesource-decode")


def tiles_of(level: Level, box: Box) -> Iterator[tuple[int, int]]:
    """Yield the (column, row) of each tile that the box touches, row by row."""
    for row in range(box.y // level.tile_height, -(-(box.y + box.height) // level.tile_height)):
        for column in range(box.x // level.tile_width, -(-(box.x + box.width) // level.tile_width)):
            yield column, row


def assemble(
    level: Level,
    box: Box,
    bands: int,
    dtype: np.dtype[Any],
    decode: Callable[[int, int], Pixels | None],
) -> Pixels:
    """Return the box's pixels; `decode(column, row)` gives a tile, or None where none is stored."""
    out = np.zeros((box.height, box.width, bands), dtype)

    def place(tile: tuple[int, int]) -> None:
        pixels = decode(*tile)
        if pixels is not None:
            _paste(out, box, pixels, tile[0] * level.tile_width, tile[1] * level.tile_height)

    tiles = list(tiles_of(level, box))
    if len(tiles) == 1:
        place(tiles[0])
    else:
        for _ in _POOL.map(place, tiles):
            continue  # each result is None; reading it raises what its decoding raised
    return out


def _paste(out: Pixels, box: Box, tile: Pixels, tile_x: int, tile_y: int) -> None:
    left, top = max(box.x, tile_x), max(box.y, tile_y)
    right = min(box.x + box.width, tile_x + tile.shape[1])
    bottom = min(box.y + box.height, tile_y + tile.shape[0])
    if left < right and top < bottom:
        out[top - box.y : bottom - box.y, left - box.x : right - box.x] = tile[
            top - tile_y : bottom - tile_y, left - tile_x : right - tile_x
        ]
