"""From a box of base pixels to an array of the wanted size, with bounded memory.

The coarsest stored level that is fine enough is read. What is left of the reduction is a box
filter of whole steps, done while reading, and one resampling by two to four; at the scale of a
level, whether it is stored or not, nothing is resampled.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tilesource import pixels as px
from tilesource.formats.base import Level, Pixels, Reader
from tilesource.geometry import Box

# The most that one step of a reduction reads, so that no request holds more of an image.
_BLOCK_BYTES = 1 << 26
_LARGEST_STEP = 1 << 11
_LARGEST_REDUCTION = 8  # that a format is asked to do while it decodes
# What is left to resample after whole steps: at least by this, as box filters alone look coarse.
_RESAMPLED = 2
_REACH = 3  # pixels of the result that a kernel takes on either side; the widest is Lanczos

Shrink = Callable[[Pixels, int, int], Pixels]


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


def read_region(
    reader: Reader,
    frame: int,
    region: Box,
    width: int,
    height: int,
    window: Box | None = None,
    kernel: Image.Resampling | None = None,
) -> Pixels:
    """Return a box of base pixels as an array of (height, width, bands), resampled as needed.

    With a window, only that part of the result is read and returned. Kernels reach beyond what is
    asked for, so that regions and windows that lie side by side fit together. A kernel takes the
    place of the usual one; NEAREST mixes no values at all.
    """
    plan = _plan(reader, region, width, height)
    wanted = Box(x=0, y=0, width=width, height=height) if window is None else window
    stored = reader.info.levels[plan.level]
    across = _reach(plan.across, wanted.x, wanted.width, stored.width)
    down = _reach(plan.down, wanted.y, wanted.height, stored.height)
    box = Box(x=across.start, y=down.start, width=across.length, height=down.length)
    shrink = px.pick if kernel == Image.Resampling.NEAREST else px.shrink
    pixels = read_shrunk(reader, plan.level, frame, box, plan.across.step, plan.down.step, shrink)
    part = px.Part(left=across.low, top=down.low, right=across.high, bottom=down.high)
    return px.resize_part(pixels, part, wanted.width, wanted.height, kernel)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """How one direction is read: from a pixel of a level, in whole steps, which are resampled.

    The result starts at `offset` steps from `start`, and each of its pixels is `ratio` steps long.
    """

    start: int
    step: int
    offset: float = 0.0
    ratio: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Which level is read, and how across and down."""

    level: int
    across: _Axis
    down: _Axis


def _plan(reader: Reader, region: Box, width: int, height: int) -> _Plan:
    power = _power(reader.info.levels[0], region, width, height)
    level = best_level(reader, power or min(region.width / width, region.height / height))
    stored, base, factor = reader.info.levels[level], reader.info.levels[0], 0.0
    per_x, per_y = base.width / stored.width, base.height / stored.height
    if (downsample := downsample_of(reader, level)).is_integer():
        per_x = per_y = downsample
        factor = power / downsample
    if factor >= 1 and factor.is_integer():
        across = _Axis(start=min(int(region.x / per_x), stored.width - 1), step=int(factor))
        down = _Axis(start=min(int(region.y / per_y), stored.height - 1), step=int(factor))
        return _Plan(level=level, across=across, down=down)
    return _Plan(
        level=level,
        across=_axis(region.x / per_x, region.width / per_x, width, stored.width),
        down=_axis(region.y / per_y, region.height / per_y, height, stored.height),
    )


def _axis(start: float, length: float, wanted: int, limit: int) -> _Axis:
    """Return how a length of a level's pixels is made as long as wanted."""
    step = _whole_steps(length / wanted / _RESAMPLED)
    first = min(int(start), limit - 1)
    return _Axis(
        start=first, step=step, offset=(start - first) / step, ratio=length / wanted / step
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Pixels of a level that are read, and where the result lies in them, in steps."""

    start: int
    length: int
    low: float
    high: float


def _reach(axis: _Axis, start: int, length: int, limit: int) -> _Reach:
    """Return what is read for a part of the result, with what a kernel needs on either side."""
    low = axis.offset + start * axis.ratio
    high = low + length * axis.ratio
    is_exact = (axis.ratio, axis.offset) == (1.0, 0.0)
    margin = 0 if is_exact else math.ceil(_REACH * max(axis.ratio, 1.0)) + 1
    first = max(math.floor(low) - margin, -(axis.start // axis.step))
    last = math.ceil(high) + margin
    begin = min(axis.start + first * axis.step, limit - 1)
    end = min(max(axis.start + last * axis.step, begin + 1), limit)
    return _Reach(start=begin, length=end - begin, low=low - first, high=high - first)


def _power(base: Level, region: Box, width: int, height: int) -> int:
    """Return the power of two that makes a region just so large, or 0 if none does.

    At the edges of the image, the last pixels may be made of fewer.
    """
    power = 1 << max(0, round(math.log2(region.width / width)))
    beyond_x, beyond_y = width * power - region.width, height * power - region.height
    fits_x = 0 <= beyond_x < (power if region.x + region.width == base.width else 1)
    fits_y = 0 <= beyond_y < (power if region.y + region.height == base.height else 1)
    return power if fits_x and fits_y else 0


def reduced(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels that are in memory already as an array of another size."""
    across = _axis(0, pixels.shape[1], width, pixels.shape[1])
    down = _axis(0, pixels.shape[0], height, pixels.shape[0])
    part = px.Part(left=0, top=0, right=width * across.ratio, bottom=height * down.ratio)
    return px.resize_part(px.shrink(pixels, across.step, down.step), part, width, height)


def _whole_steps(ratio: float) -> int:
    """Return the largest power of two that is not above a reduction; 1 for an enlargement."""
    return 1 << max(0, math.floor(math.log2(ratio)))


def read_shrunk(
    reader: Reader, level: int, frame: int, box: Box, across: int, down: int,
    shrink: Shrink = px.shrink,
) -> Pixels:  # fmt: skip
    """Return a box of a stored level, each block of across x down pixels as its mean."""
    if max(across, down) > _LARGEST_STEP:
        return _read_in_steps(reader, level, frame, box, across, down, shrink)
    if across == down == 1:
        return read_filled(reader, level, frame, box)
    info = reader.info
    shape = (-(-box.height // down), -(-box.width // across), info.bands)
    out = np.empty(shape, info.dtype)
    for part in _parts(box, across, down, info.bands * info.dtype.itemsize, info.levels[level]):
        shrunk = _shrunk(reader, level, frame, part, across, down, shrink)
        x, y = (part.x - box.x) // across, (part.y - box.y) // down
        out[y : y + shrunk.shape[0], x : x + shrunk.shape[1]] = shrunk
    return out


def read_filled(reader: Reader, level: int, frame: int, box: Box) -> Pixels:
    """Return a box of a stored level; what is not stored there comes from the coarser levels."""
    pixels = reader.read(level, frame, box.x, box.y, box.width, box.height)
    if level + 1 == len(reader.info.levels):
        return pixels
    for hole in reader.holes(level, frame, box):
        x, y = hole.x - box.x, hole.y - box.y
        filling = _from_coarser(reader, level, frame, hole)
        if not pixels.flags.writeable:
            pixels = pixels.copy()
        pixels[y : y + hole.height, x : x + hole.width] = filling
    return pixels


def _from_coarser(reader: Reader, level: int, frame: int, box: Box) -> Pixels:
    """Return a box of a level as the next coarser level shows it."""
    fine, coarse = reader.info.levels[level], reader.info.levels[level + 1]
    found = _mapped(box, coarse.width / fine.width, coarse.height / fine.height, coarse)
    return px.resize(read_filled(reader, level + 1, frame, found), box.width, box.height)


def _shrunk(
    reader: Reader, level: int, frame: int, part: Box, across: int, down: int, shrink: Shrink
) -> Pixels:
    """Reduce one part, as far as the format can while it decodes."""
    factor = math.gcd(across, down, part.x, part.y, _LARGEST_REDUCTION)
    if factor > 1 and shrink is px.shrink:
        small = reader.read_reduced(level, frame, part, factor)
        if small is not None:
            return shrink(small, across // factor, down // factor)
    return shrink(read_filled(reader, level, frame, part), across, down)


def _read_in_steps(
    reader: Reader, level: int, frame: int, box: Box, across: int, down: int, shrink: Shrink
) -> Pixels:
    """Reduce twice, for a block of one step would already be too large to hold."""
    first = min(across, _LARGEST_STEP), min(down, _LARGEST_STEP)
    shrunk = read_shrunk(reader, level, frame, box, *first, shrink)
    return shrink(shrunk, across // first[0], down // first[1])


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
    columns = _cuts(box.x, box.width, width, across, level.width)
    for top, bottom in _cuts(box.y, box.height, height, down, level.height):
        for left, right in columns:
            yield Box(x=left, y=top, width=right - left, height=bottom - top)


def _cuts(start: int, length: int, part: int, step: int, limit: int) -> list[tuple[int, int]]:
    """Return the first and one past the last pixel of each part of one direction.

    What is left after the last whole step is a part of its own, unless the level ends there: the
    whole steps can then be reduced while they are decoded.
    """
    end = start + length
    cuts = {*range(start, end, part), end}
    if end < limit and length % step and length > step:
        cuts.add(end - length % step)
    edges = sorted(cuts)
    return list(itertools.pairwise(edges))


def _multiple(size: int, step: int) -> int:
    """Return the largest multiple of a step that is not above the size."""
    return size // step * step


def _mapped(box: Box, ratio_x: float, ratio_y: float, other: Level) -> Box:
    """Return a box of one level in the pixels of another, never empty."""
    left = min(int(box.x * ratio_x), other.width - 1)
    top = min(int(box.y * ratio_y), other.height - 1)
    right = min(max(round((box.x + box.width) * ratio_x), left + 1), other.width)
    bottom = min(max(round((box.y + box.height) * ratio_y), top + 1), other.height)
    return Box(x=left, y=top, width=right - left, height=bottom - top)
