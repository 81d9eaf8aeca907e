"""The lower resolutions of a pyramid, made of means of 2 x 2 pixels while the image passes by.

Blocks of the image may come in any order. Each gives its own tiles at once; what is left of it
waits until the tile of the next level is whole, so that little is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tilesource.formats.base import Pixels
from tilesource.geometry import Box


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tile is: its level, 0 being full resolution, its column and its row."""

    level: int
    column: int
    row: int


# Makes the stored bytes of the tile at a place out of its pixels.
Encode = Callable[[Place, Pixels], bytes]


@dataclass(frozen=True, slots=True)
class EncodedTile:
    """One tile as it is stored."""

    place: Place
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of an image and of its square tiles, and of each level down to one tile."""

    width: int
    height: int
    tile: int
    sizes: Sequence[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        sizes = [(self.width, self.height)]
        while max(sizes[-1]) > self.tile:
            width, height = sizes[-1]
            sizes.append((max(1, width // 2), max(1, height // 2)))
        object.__setattr__(self, "sizes", tuple(sizes))

    def tiles(self, level: int) -> tuple[int, int]:
        """Return how many columns and rows of tiles a level has."""
        width, height = self.sizes[level]
        return -(-width // self.tile), -(-height // self.tile)

    def has(self, place: Place) -> bool:
        """Tell whether the image has a tile there."""
        if place.level >= len(self.sizes):
            return False
        columns, rows = self.tiles(place.level)
        return place.column < columns and place.row < rows

    def content(self, place: Place) -> tuple[int, int]:
        """Return how much of a tile the image covers: a width and a height."""
        width, height = self.sizes[place.level]
        left, top = place.column * self.tile, place.row * self.tile
        return min(self.tile, width - left), min(self.tile, height - top)


@dataclass(frozen=True, slots=True)
class EncodedBlock:
    """The tiles of one block of the image, and half the resolution of the last of them."""

    tiles: Sequence[EncodedTile]
    last: Place
    rest: Pixels


def encode_block(
    shape: Shape, depth: int, box: Box, pixels: Pixels, encode: Encode
) -> EncodedBlock:
    """Return a block's tiles of the levels 0 to depth, at which the whole block is one tile.

    The block starts at a multiple of 2^depth tiles.
    """
    tiles: list[EncodedTile] = []
    place = Place(0, box.x // shape.tile, box.y // shape.tile)
    rest = pixels
    for level in range(min(depth + 1, len(shape.sizes))):
        place = Place(level, (box.x // shape.tile) >> level, (box.y // shape.tile) >> level)
        tiles.extend(_cut(shape.tile, place, rest, encode))
        rest = _half(shape, place, rest)
    return EncodedBlock(tiles, place, rest)


def _cut(side: int, first: Place, pixels: Pixels, encode: Encode) -> Iterator[EncodedTile]:
    """Yield the tiles of a part of one level that starts at a tile."""
    for row in range(-(-pixels.shape[0] // side)):
        for column in range(-(-pixels.shape[1] // side)):
            place = Place(first.level, first.column + column, first.row + row)
            part = pixels[row * side : (row + 1) * side, column * side : (column + 1) * side]
            yield EncodedTile(place, encode(place, _whole(part, side)))


def _whole(part: Pixels, side: int) -> Pixels:
    """Return a tile at the edge filled up by repeating its last pixels, which packs well."""
    down, across = side - part.shape[0], side - part.shape[1]
    return np.pad(part, ((0, down), (0, across), (0, 0)), "edge") if down or across else part


def _half(shape: Shape, place: Place, pixels: Pixels) -> Pixels:
    """Return the part of the next level that pixels starting at a tile become; it can be empty."""
    if place.level + 1 == len(shape.sizes):
        return pixels[:0, :0]
    width, height = shape.sizes[place.level + 1]
    across = _clamp(width - place.column * shape.tile // 2, pixels.shape[1])
    down = _clamp(height - place.row * shape.tile // 2, pixels.shape[0])
    if not across or not down:
        return pixels[:0, :0]
    return _means(_even(pixels, across, down))


def _clamp(left: int, pixels: int) -> int:
    return max(0, min(left, -(-pixels // 2)))


def _even(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return twice as many pixels as wanted; a single row or column is its own neighbour."""
    rows = pixels if pixels.shape[0] > 1 else pixels.repeat(2, 0)
    both = rows if rows.shape[1] > 1 else rows.repeat(2, 1)
    return both[: 2 * down, : 2 * across]


def _means(pixels: Pixels) -> Pixels:
    """Return the mean of each 2 x 2 pixels; rounded once, or each level would be brighter."""
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:  # the same, in half the time
        return np.asarray(Image.fromarray(pixels).reduce(2))
    small = pixels.dtype.kind in "iu" and pixels.dtype.itemsize < 8
    wide = f"{pixels.dtype.kind}{2 * pixels.dtype.itemsize}" if small else "f8"
    rows = np.add(pixels[0::2], pixels[1::2], dtype=wide)
    sums = rows[:, 0::2] + rows[:, 1::2]
    if small:
        return ((sums + 2) >> 2).astype(pixels.dtype)
    means = sums / 4
    return (np.rint(means) if pixels.dtype.kind in "iu" else means).astype(pixels.dtype)


class Waiting:
    """The tiles of one frame that are not whole yet, and what becomes of them when they are."""

    def __init__(self, shape: Shape, encode: Encode) -> None:
        self._shape = shape
        self._encode = encode
        self._parts: dict[Place, _Parts] = {}

    def add(self, block: EncodedBlock) -> Iterator[EncodedTile]:
        """Yield the block's own tiles, and those of lower levels that it makes whole."""
        yield from block.tiles
        child, rest = block.last, block.rest
        while self._shape.has(child) and (whole := self._join(child, rest)) is not None:
            child = _parent(child)
            yield EncodedTile(child, self._encode(child, _whole(whole, self._shape.tile)))
            rest = _half(self._shape, child, whole)

    def _join(self, child: Place, rest: Pixels) -> Pixels | None:
        """Place a quarter of a tile; return the tile if it was the last that was missing."""
        place, half = _parent(child), self._shape.tile // 2
        if not self._shape.has(place):
            return None
        parts = self._parts.get(place) or self._start(place, rest)
        top, left = child.row % 2 * half, child.column % 2 * half
        parts.pixels[top : top + rest.shape[0], left : left + rest.shape[1]] = rest
        parts.missing -= 1
        return self._parts.pop(place).pixels if not parts.missing else None

    def _start(self, place: Place, like: Pixels) -> _Parts:
        width, height = self._shape.content(place)
        children = [
            Place(place.level - 1, 2 * place.column + right, 2 * place.row + below)
            for below in (0, 1)
            for right in (0, 1)
        ]
        missing = sum(self._shape.has(child) for child in children)
        self._parts[place] = _Parts(np.zeros((height, width, like.shape[2]), like.dtype), missing)
        return self._parts[place]


@dataclass(slots=True)
class _Parts:
    """A tile that is being put together, and how many of its quarters are missing."""

    pixels: Pixels
    missing: int


def _parent(place: Place) -> Place:
    return Place(place.level + 1, place.column // 2, place.row // 2)
