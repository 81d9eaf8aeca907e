"""From a box of base pixels to an array of the wanted size, with bounded memory.

The coarsest stored level that is fine enough is read. What is left of the reduction is a box
filter of whole steps, done while reading, and one resampling by less than two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tilesource import pixels as px
from tilesource.formats.base import Level, Pixels, Reader
from tilesource.geometry import Box

# The most that one step of a reduction reads, so that no request holds more of an image.
_BLOCK_BYTES = 1 << 26
_LARGEST_STEP = 1 << 11


def downsample_of(reader: Reader, level: int) -> float:
    """Return base pixels per pixel of a stored level, a power of two where rounding explains it."""
    base, stored = reader.info.levels[0], reader.info.levels[level]
    ratio = base.width / stored.width
    power = 1 << max(0, round(math.log2(ratio)))
    near = abs(base.width / power - stored.width) < 1.5
    return float(power) if near and abs(base.height / power - stored.height) < 1.5 else ratio


def best_level(reader: Reader, downsample: float) -> int:
    """Return the coarsest stored level that has at least the wanted resolution."""
    enough = [
        level
        for level in range(len(reader.info.levels))
        if downsample_of(reader, level) <= downsample * (1 + 1e-6)
    ]
    return max(enough, key=lambda level: downsample_of(reader, level), default=0)


def read_region(reader: Reader, frame: int, region: Box, width: int, height: int) -> Pixels:
    """Return a box of base pixels as an array of (height, width, bands), resampled as needed."""
    level = best_level(reader, min(region.width / width, region.height / height))
    box = _in_level(reader, level, region)
    across, down = _whole_steps(box.width / width), _whole_steps(box.height / height)
    return px.resize(read_shrunk(reader, level, frame, box, across, down), width, height)


def reduced(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels that are in memory already as an array of another size."""
    across, down = _whole_steps(pixels.shape[1] / width), _whole_steps(pixels.shape[0] / height)
    return px.resize(px.shrink(pixels, across, down), width, height)


def _whole_steps(ratio: float) -> int:
    """Return the largest power of two that is not above a reduction; 1 for an enlargement."""
    return 1 << max(0, math.floor(math.log2(ratio)))


def read_shrunk(
    reader: Reader, level: int, frame: int, box: Box, across: int, down: int
) -> Pixels:
    """Return a box of a stored level, each block of across x down pixels as its mean."""
    if max(across, down) > _LARGEST_STEP:
        return _read_in_steps(reader, level, frame, box, across, down)
    if across == down == 1:
        return reader.read(level, frame, box.x, box.y, box.width, box.height)
    info = reader.info
    shape = (-(-box.height // down), -(-box.width // across), info.bands)
    out = np.empty(shape, info.dtype)
    for part in _parts(box, across, down, info.bands * info.dtype.itemsize, info.levels[level]):
        shrunk = px.shrink(
            reader.read(level, frame, part.x, part.y, part.width, part.height), across, down
        )
        x, y = (part.x - box.x) // across, (part.y - box.y) // down
        out[y : y + shrunk.shape[0], x : x + shrunk.shape[1]] = shrunk
    return out


def _read_in_steps(
    reader: Reader, level: int, frame: int, box: Box, across: int, down: int
) -> Pixels:
    """Reduce twice, for a block of one step would already be too large to hold."""
    first = min(across, _LARGEST_STEP), min(down, _LARGEST_STEP)
    shrunk = read_shrunk(reader, level, frame, box, *first)
    return px.shrink(shrunk, across // first[0], down // first[1])


def _parts(box: Box, across: int, down: int, pixel_bytes: int, level: Level) -> Iterator[Box]:
    """Cut a box into parts of whole steps that stay below the limit, wide ones first.

    The cuts lie on the tiles of the level where they can, so that few tiles are decoded twice.
    """
    step_x, step_y = math.lcm(across, level.tile_width), math.lcm(down, level.tile_height)
    most = _BLOCK_BYTES // pixel_bytes
    side = math.isqrt(most)
    width = max(_multiple(side * 4, step_x), _multiple(side, across), across)
    if not level.tiled:  # a strip is decoded whole, so its pixels are all used at once
        width = -(-box.width // across) * across
    height = _multiple(most // width, step_y) or max(_multiple(most // width, down), down)
    for y in range(0, box.height, height):
        for x in range(0, box.width, width):
            yield Box(
                x=box.x + x, y=box.y + y,
                width=min(width, box.width - x), height=min(height, box.height - y),
            )  # fmt: skip


def _multiple(size: int, step: int) -> int:
    """Return the largest multiple of a step that is not above the size."""
    return size // step * step


def _in_level(reader: Reader, level: int, region: Box) -> Box:
    """Return a box of base pixels in the pixels of a stored level, never empty."""
    base, stored = reader.info.levels[0], reader.info.levels[level]
    ratio_x, ratio_y = stored.width / base.width, stored.height / base.height
    if (power := downsample_of(reader, level)).is_integer():
        ratio_x = ratio_y = 1 / power
    left = min(int(region.x * ratio_x), stored.width - 1)
    top = min(int(region.y * ratio_y), stored.height - 1)
    right = min(max(round((region.x + region.width) * ratio_x), left + 1), stored.width)
    bottom = min(max(round((region.y + region.height) * ratio_y), top + 1), stored.height)
    return Box(x=left, y=top, width=right - left, height=bottom - top)
